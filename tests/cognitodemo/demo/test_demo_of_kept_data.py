"""`manage.py demo` over a data directory of an earlier version: the history, and what is still sealed in it."""

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.cognitodemo.demo.conftest import Demo
from tests.kept.directories import Kept, unpacked

pytestmark = pytest.mark.slow


@pytest.fixture(params=["schema-1", "schema-2", "schema-3"])
def kept(request: pytest.FixtureRequest, demo: Demo, tmp_path: Path) -> Kept:
    copy = unpacked(request.param, tmp_path)
    copy.as_if_just_made()
    shutil.move(copy.path, demo.data)
    demo.start()
    return copy


@pytest.fixture
def learner(demo: Demo, kept: Kept) -> requests.Session:
    """The person to whom the runs of the account belong, signed in by the password of that time."""
    session = requests.Session()
    _post(session, demo.url, "/accounts/sign-in/", username=kept.notes["name"], password=kept.notes["password"])
    return session


def test_the_history_is_there_and_secrets_open(demo: Demo, kept: Kept, learner: requests.Session) -> None:
    runs: dict[str, Any] = kept.notes["runs"]["account"]
    history = learner.get(f"{demo.url}/runs/").text
    for name, code in runs.items():
        assert f"/runs/{code}/" in history, name
        assert learner.get(f"{demo.url}/runs/{code}/").status_code == 200, name
    assert _calls(demo, runs["guest_basic"])[:3] == [
        ("GetId", 200),
        ("GetOpenIdToken", 200),
        ("AssumeRoleWithWebIdentity", 200),
    ]
    # Sealed then, opened now: credentials to show and to use, and a run to go on with.
    code = runs["google"]
    shown = _post(learner, demo.url, f"/runs/{code}/reveal/", f"/runs/{code}/credentials/").text
    assert "These are shown once" in shown
    _post(learner, demo.url, f"/runs/{code}/use/", f"/runs/{code}/use/", sample="who-am-i")
    assert _calls(demo, code)[-1] == ("GetCallerIdentity", 200)
    half = runs["half_way"]
    _post(learner, demo.url, f"/runs/{half}/finish/", f"/runs/{half}/")
    assert _calls(demo, half) == [("GetId", 200), ("GetOpenIdToken", 200), ("AssumeRoleWithWebIdentity", 200)]


def test_a_browser_without_an_account_has_its_runs(demo: Demo, kept: Kept) -> None:
    notes = kept.notes["runs"]
    browser = requests.Session()
    browser.cookies.update(notes["visitor_cookies"])
    history = browser.get(f"{demo.url}/runs/").text
    assert all(f"/runs/{code}/" in history for code in notes["visitor"].values())
    assert not any(code in history for code in notes["account"].values())


def _calls(demo: Demo, code: str) -> list[tuple[str, int]]:
    """Operations and statuses of a run, in order."""
    query = "SELECT operation, status FROM flows_apicall call JOIN flows_run run ON run.id = run_id WHERE code = ? "
    with closing(sqlite3.connect(demo.data / "app.sqlite3")) as database:
        return [
            (operation, status) for operation, status in database.execute(query + "ORDER BY call.position", (code,))
        ]


def _post(session: requests.Session, web: str, path: str, page: str = "", **fields: str) -> requests.Response:
    (token, *_) = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', session.get(web + (page or path)).text)
    answer = session.post(web + path, {"csrfmiddlewaretoken": token, **fields})
    assert answer.status_code == 200, answer.text[:2000]
    return answer
