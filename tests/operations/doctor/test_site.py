"""What is wrong with the machine and its data: a database behind its migrations, a disk that is nearly full."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import ROOT
from tests.operations.doctor.conftest import Installation

pytestmark = pytest.mark.slow


def manage(environment: dict[str, str], *arguments: str) -> str:
    """What a command of manage.py printed; an exit code above 0 is the doctor's verdict."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0 or arguments[0] == "doctor", done.stderr
    return done.stdout


def site_findings(environment: dict[str, str]) -> list[dict[str, Any]]:
    (row,) = json.loads(manage(environment, "doctor", "--only", "site", "--offline", "--json"))["rows"]
    return list(row["findings"])


def test_migrations_that_are_missing_are_found_and_made_by_the_printed_command(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "ENV_FILE": str(tmp_path / "none.env"), "DATA_DIR": str(tmp_path / "d")}
    manage(environment, "migrate", "--verbosity", "0")
    manage(environment, "migrate", "--verbosity", "0", "flows", "zero")
    (finding,) = [one for one in site_findings(environment) if "the database" in one["found"]]
    assert finding["found"] == "the database: migrations are missing"
    program, *command = shlex.split(finding["fixes"][0]["text"])
    assert (program, command[0]) == ("python", "manage.py")
    manage(environment, *command[1:])
    assert not [one for one in site_findings(environment) if "the database" in one["found"]]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 MB."""
    path = tmp_path / "small"
    path.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m,mode=700", "tmpfs", path], capture_output=True)
    if made.returncode:
        pytest.skip("mounts are forbidden here")
    yield path
    subprocess.run(["umount", path], check=True)


def test_a_disk_that_is_nearly_full_is_found_and_fine_on_one_with_room(lab: Installation, small_disk: Path) -> None:
    roomy, lab.settings.DATA_DIR = lab.settings.DATA_DIR, small_disk
    (finding,) = lab.examine("site").findings
    assert finding.found == f"less than 500 MB are free for {small_disk}"
    purge, move = finding.fixes
    assert (purge.kind, move.kind) == ("shell", "text")
    environment = {"PATH": os.environ["PATH"], "ENV_FILE": str(small_disk / "none.env"), "DATA_DIR": str(small_disk)}
    manage(environment, "migrate", "--verbosity", "0")
    manage(environment, *shlex.split(purge.text)[2:])
    assert "DATA_DIR" in move.text
    lab.settings.DATA_DIR = roomy
    assert lab.examine("site").findings == ()
