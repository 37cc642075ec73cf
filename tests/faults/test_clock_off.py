"""A machine whose clock is an hour off."""

import subprocess
from pathlib import Path

import pytest

from tests import ROOT
from tests.faults.people import Class
from tests.faults.site import BACK, Site, kill

pytestmark = pytest.mark.slow


@pytest.fixture
def an_hour_off() -> dict[str, str]:
    """Settings of a process whose clock is an hour ahead, while it measures time as all do."""
    found = subprocess.run([ROOT / "scripts" / "faketime", "find"], capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip("libfaketime is not installed: scripts/faketime install")
    return {"LD_PRELOAD": found.stdout.strip(), "FAKETIME": "+1h", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


def test_a_sandbox_an_hour_ahead_is_named_and_all_goes_on_when_it_is_right(
    tmp_path: Path, an_hour_off: dict[str, str]
) -> None:
    site = Site(tmp_path / "site")
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
