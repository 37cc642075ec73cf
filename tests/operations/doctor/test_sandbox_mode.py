"""In sandbox mode the doctor looks at the sandbox, by its administrator, and nothing of a fresh one is wrong."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.httpsession import URLLib3Session
from pytest_django import Settings

from benchmarks.servers import free_port
from operations.doctor.examination import examine
from sandbox.core.config import SandboxConfig
from sandbox.core.facts import Lab
from sandbox.idp.stand_ins import application_settings, endpoint_map
from sandbox.testing import RunningSandbox, running_sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_home(sandbox: RunningSandbox, web_port: int, settings: Settings) -> Lab:
    settings.PUBLIC_URL = f"http://127.0.0.1:{web_port}"
    lab = replace(sandbox.config.lab(), app_url=settings.PUBLIC_URL)
    settings.PROVIDER_ENDPOINTS = endpoint_map(lab)
    for name, value in application_settings(lab).items():
        setattr(settings, name, value)
    return lab


def test_a_fresh_sandbox_is_ready(at_home: Lab) -> None:
    report = examine(sandbox=True)
    assert [row for row in report.rows if row.state not in ("ok", "skipped")] == []
    assert (report.code, report.verdict) == (0, "Ready: everything that was checked is fine.")
    assert [row.name for row in report.rows if row.state == "skipped"] == ["quotas", "trail"]


@pytest.mark.slow
def test_stand_ins_at_the_application_s_address_are_asked_where_sign_ins_ask_them(
    tmp_path: Path, settings: Settings
) -> None:
    """Behind a proxy that does not answer yet, or with a certificate of which this machine knows nothing."""
    public = "https://lab.example.test"
    file = tmp_path / "sandbox.sqlite3"
    config = SandboxConfig(data_file=file, port=free_port(), public_url=public, app_url=public)
    with running_sandbox(config) as sandbox:
        settings.AWS_ENDPOINT, settings.PUBLIC_URL, settings.SANDBOX_PUBLIC_URL = sandbox.url, public, public
        settings.PROVIDER_ENDPOINTS = endpoint_map(config.lab())
        for name, value in application_settings(config.lab()).items():
            setattr(settings, name, value)
        (row,) = examine(only=["discovery"], sandbox=True).rows
    assert (row.state, f"{public}/idp/oidc" in row.said) == ("ok", True)


def test_credentials_of_this_machine_are_left_alone(at_home: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIASOMEBODYELSE")
    monkeypatch.setenv("AWS_PROFILE", "there-is-none")
    (row,) = examine(only=["caller"], sandbox=True).rows
    assert row.said == f"arn:aws:iam::{at_home.account}:user/administrator"


def test_a_sandbox_that_is_gone_is_told_and_asked_twice_at_most(
    at_home: Lab, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.AWS_ENDPOINT = "http://127.0.0.1:9"
    asked: list[str] = []
    monkeypatch.setattr("botocore.httpsession.URLLib3Session.send", _heard(asked, URLLib3Session.send))
    report = examine(sandbox=True)
    rows = {row.name: row for row in report.rows}
    assert rows["caller"].state == "error"
    assert "http://127.0.0.1:9" in rows["pool"].said
    assert len(asked) == 2
    (finding,) = [one for one in rows["site"].findings if "sandbox" in one.found]
    assert finding.fixes[0].text == "python manage.py sandbox"
    assert report.code == 2


def _heard(asked: list[str], send: Callable[..., Any]) -> Callable[..., Any]:
    """Sends what is to be sent, and writes down where to."""

    def heard(session: Any, request: Any) -> Any:
        asked.append(request.url)
        return send(session, request)

    return heard
