"""Files that people bring along, through the server as it is started: as large as the page says, and no larger."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from benchmarks.servers import free_port
from tests import ROOT
from tests.cognitodemo.server.conftest import Application, running
from web.brought_files import BODIES, LARGEST_CLASS, LARGEST_TRACE

pytestmark = pytest.mark.slow
EXERCISES = sorted(path.parent.name.replace("_", "-") for path in (ROOT / "exercises").glob("*/exercise.toml"))
_TRAINER = """
from django.contrib.auth.models import Group
from accounts.models import User
trainer = User.objects.create_user("kim", password="a-long-one-2026")
trainer.groups.add(Group.objects.get(name="Trainers"))
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    with running(tmp_path_factory.mktemp("files")) as application:
        data = application.log.parent
        environment = {"PATH": os.environ["PATH"], "ENV_FILE": str(data / "none.env"), "DATA_DIR": str(data / "data")}
        environment |= {"SANDBOX_PORT": str(free_port())}
        command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", _TRAINER]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        yield application


class Browser:
    def __init__(self, application: Application) -> None:
        self.session, self.origin = requests.Session(), f"http://127.0.0.1:{application.port}"

    def page(self, path: str) -> str:
        answer = self.session.get(self.origin + path, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.text

    def send(self, path: str, files: dict[str, Any] | None = None, **fields: str) -> requests.Response:
        """The form of a page, filled in."""
        (token,) = set(re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.page(path)))
        fields["csrfmiddlewaretoken"] = token
        return self.session.post(
            self.origin + path,
            data=fields,
            files=files,
            headers={"Referer": self.origin},
            timeout=60,
            allow_redirects=False,
        )

    def bring(self, path: str, document: bytes, size: int) -> requests.Response:
        """The document with blanks behind it, up to that size."""
        assert len(document) <= size
        return self.send(path, {"file": ("brought.json", document.ljust(size), "application/json")})


@pytest.fixture
def browser(served: Application) -> Browser:
    return Browser(served)


@pytest.fixture
def trainer(browser: Browser) -> Browser:
    assert browser.send("/accounts/sign-in/", username="kim", password="a-long-one-2026").status_code == 302
    return browser


def trace() -> bytes:
    return (ROOT / "tests" / "kept" / "trace-1-succeeded.json").read_bytes()


def whole_class(seats: int = 60) -> bytes:
    """A class that has done everything twice, as its export has it."""
    now = datetime(2026, 3, 2, 9, 30, 1, 123456, tzinfo=UTC).isoformat()
    times = dict.fromkeys(("started_at", "last_activity_at", "last_progress_at", "checked_at", "solved_at"), now)
    checks = [{"check_id": f"what-is-done-{n}", "done": True, "done_at": now, "evaluated_at": now} for n in range(5)]
    attempts = [
        {"exercise": slug, "number": number, "current": number == 2, "state": "solved", "digest": "0" * 64}
        | {"checks_passed": 5, "checks_total": 5, "checks": checks, **times}
        for slug in EXERCISES
        for number in (1, 2)
    ]
    return json.dumps(
        {
            "format": "identity-pools-lab/class",
            "version": 1,
            "name": "Everybody",
            "seats_count": seats,
            "starts_at": now,
            "exercises": [{"exercise": slug, "position": n} for n, slug in enumerate(EXERCISES)],
            "seats": [
                {"seat": n, "name": f"Learner {n}", "joined_at": now, "attempts": attempts} for n in range(1, seats + 1)
            ],
        }
    ).encode()


def test_a_trace_of_what_the_page_says_is_opened(browser: Browser) -> None:
    assert "Up to 1 MB." in browser.page("/open/")
    answer = browser.bring("/open/", trace(), LARGEST_TRACE)
    assert answer.status_code == 200
    assert "from a file, kept nowhere" in answer.text


def test_a_trace_of_more_is_refused_in_the_words_of_the_page(browser: Browser) -> None:
    answer = browser.bring("/open/", trace(), LARGEST_TRACE + 1)
    assert answer.status_code == 422
    assert "The file is larger than 1 MB." in answer.text


def test_a_class_of_sixty_comes_in_as_it_went_out(trainer: Browser) -> None:
    assert "Up to 8 MB." in trainer.page("/class/import/")
    document = whole_class()
    assert len(document) > LARGEST_TRACE, "or other requests' megabyte would do"
    answer = trainer.bring("/class/import/", document, LARGEST_CLASS)
    assert answer.status_code == 302, answer.text


def test_a_class_of_more_is_refused_in_the_words_of_the_page(trainer: Browser) -> None:
    answer = trainer.bring("/class/import/", whole_class(1), LARGEST_CLASS + 1)
    assert answer.status_code == 400, answer.text
    assert "The file is larger than 8 MB." in answer.text


@pytest.mark.parametrize("path", BODIES)
def test_what_no_form_could_send_is_refused_before_it_is_read(served: Application, path: str) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {BODIES[path] + 1}\r\n\r\n"
    answer = served.ask(head.encode())
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert f"at most {BODIES[path]} bytes are taken".encode() in answer


def test_other_pages_take_no_more_than_before(served: Application) -> None:
    head = b"POST /open HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 1048577\r\n\r\n"
    assert served.ask(head).startswith(b"HTTP/1.1 413 ")
