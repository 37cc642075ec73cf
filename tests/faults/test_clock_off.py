"""A machine whose clock is an hour off."""

import subprocess
from pathlib import Path

import pytest

from tests import ROOT
from tests.faults.people import Class, Worker, lost
from tests.faults.site import BACK, Site, kill

pytestmark = pytest.mark.slow


def off_by(hours: str) -> dict[str, str]:
    """Settings of a process whose clock is so far off, while it measures time as all do."""
    found = subprocess.run([ROOT / "scripts" / "faketime", "find"], capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip("libfaketime is not installed: scripts/faketime install")
    return {"LD_PRELOAD": found.stdout.strip(), "FAKETIME": hours, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


def test_a_sandbox_an_hour_ahead_is_named_and_all_goes_on_when_it_is_right(
    tmp_path: Path,
) -> None:
    an_hour_off, site = off_by("+1h"), Site(tmp_path / "site")
    try:
        site.start()
        room = Class(site)
        ana = room.people[0]
        assert ana.try_a_run().succeeded
        kill(site.sandbox)
        site.start_sandbox(**an_hour_off)
        mark = site.mark()
        # The account's key, which this application asks for by a signature of its own.
        page = ana.post("/class/account/", account=ana.account).text
        assert "The clock of the sandbox and that of this application differ." in page
        told = ana.try_a_run()
        assert told.status in (200, 503)
        said = [line for line in site.troubles(mark) if "Traceback" in line or "differ" not in line]
        assert said == []
        kill(site.sandbox)
        site.start_sandbox()
        site.wait_until(lambda: ana.try_a_run().succeeded, BACK)
    finally:
        site.end()


@pytest.mark.parametrize(
    ("hours", "refused"),
    [("+1h", "The ID token has expired."), ("-1h", "The ID token is not valid yet")],
    ids=["ahead", "behind"],
)
def test_an_application_an_hour_off_says_so_and_all_goes_on_when_it_is_right(
    tmp_path: Path, hours: str, refused: str
) -> None:
    an_hour_off, site = off_by(hours), Site(tmp_path / "site", RUNS_PER_MINUTE="2")
    try:
        site.start()
        room, visitor = Class(site, people=2), Worker(site.url, "Visitor")
        ana = room.people[0]
        assert ana.try_a_run().succeeded
        kill(site.web)
        mark = site.mark()
        site.start_web(**an_hour_off)
        # What no time is compared for goes on, for those who were there before as well.
        assert visitor.try_a_run().succeeded
        assert all(one.try_a_run().succeeded for one in room.people)
        page = ana.sign_in_for_a_run("google")
        assert refused in page
        assert "Compare this machine’s clock with the" in page
        # Asked for by a signature of this application's own.
        page = ana.post("/class/account/", account=ana.account).text
        assert page.count("The clock of the sandbox and that of this application differ.") == 1
        assert _troubles(site, mark) == []

        kill(site.web)
        mark = site.mark()
        site.start_web()
        assert ana.is_in()
        assert ana.show_key()
        assert "Succeeded" in ana.sign_in_for_a_run("google")
        for _ in range(2):  # of two in a minute: what the wrong clock has counted holds up nobody
            told = visitor.try_a_run()
            assert told.succeeded, told.page
        assert all(one.try_a_run().succeeded for one in room.people)
        assert lost([*room.told(), *visitor.told], site) == []
        assert {outcome for outcome, _ in site.runs().values()} == {"succeeded", "refused"}
        assert _troubles(site, mark) == []
    finally:
        site.end()


def _troubles(site: Site, since: int) -> list[str]:
    return [line for line in site.troubles(since) if "Ctrl-C stops it" not in line]
