"""deploy/systemd and docs/production.md: units that systemd takes, whose commands do what the guide says."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox.core.config import SandboxConfig
from sandbox.testing import running_sandbox
from tests import ROOT

UNITS = sorted((ROOT / "deploy" / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
GUIDE = (ROOT / "docs" / "production.md").read_text()
# What the units and lab-manage name on a machine in production.
CODE, DATA = "/opt/identity-pools-lab", "/var/lib/identity-pools-lab"
SETTINGS, BACKUPS = "/etc/identity-pools-lab/settings.env", "/var/backups/identity-pools-lab"


def said(path: Path, name: str) -> list[str]:
    """The values of a name, which may stand there several times."""
    return [line.partition("=")[2] for line in path.read_text().splitlines() if line.startswith(f"{name}=")]


def test_systemd_takes_them(tmp_path: Path) -> None:
    """Their programs are put where this machine has them: systemd looks whether they are there."""
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed.")
    for path in UNITS:
        text = path.read_text().replace(f"{CODE}/.venv/bin/python", sys.executable)
        (tmp_path / path.name.replace("@", "@4567")).write_text(text)
    done = subprocess.run([program, "verify", *map(str, tmp_path.iterdir())], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_each_service_is_as_closed_as_the_server(path: Path) -> None:
    server = ROOT / "deploy" / "systemd" / "identity-pools-lab.service"
    names = "NoNew|Private|Protect|Restrict|Lock|SystemCall|Capability|UMask|User|StateDirectoryMode"
    closing = re.compile(rf"^(?:{names})\w*=.*$", re.MULTILINE)
    assert set(closing.findall(server.read_text())) <= set(closing.findall(path.read_text()))
    data, settings, *_ = said(path, "Environment")[0].split()
    assert (data.removesuffix("-sandbox-%i"), settings) == (f"DATA_DIR={DATA}", f"ENV_FILE={SETTINGS}")
    assert data.removeprefix("DATA_DIR=/var/lib/") in said(path, "StateDirectory")
    for place in (DATA, settings):
        assert place in (ROOT / "deploy" / "lab-manage").read_text()


def test_each_timer_has_its_service_and_the_guide_names_all_of_them() -> None:
    for timer in (path for path in UNITS if path.suffix == ".timer"):
        assert timer.with_suffix(".service") in SERVICES
        assert timer.name in GUIDE
    assert all(path.stem in GUIDE for path in UNITS)


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """Where the guide's places are here; the settings file is one of an administrator."""
    for name in ("data", "backups"):
        (tmp_path / name).mkdir()
    (tmp_path / "settings.env").write_text("RETENTION_DAYS=90   # as the guide says\n")
    here = {CODE: str(ROOT), SETTINGS: str(tmp_path / "settings.env"), DATA: str(tmp_path / "data")}
    return {f"{CODE}/.venv/bin/python": sys.executable, BACKUPS: str(tmp_path / "backups"), **here}


def carried_out(name: str, machine: dict[str, str], **edited: str) -> list["subprocess.CompletedProcess[str]"]:
    """The commands of a service one after another as systemd runs them, until one fails.

    Args:
        edited: the environment that an administrator gives it by `systemctl edit`.
    """
    text = (ROOT / "deploy" / "systemd" / name).read_text()
    for there, here in machine.items():
        text = text.replace(there, here)
    path = Path(machine[BACKUPS]).parent / name
    path.write_text(text)
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    for line in said(path, "Environment"):
        environment |= dict(one.split("=", 1) for one in line.split())
    environment |= edited
    done = []
    for line in said(path, "ExecStart"):
        # systemd.service(5), "Command lines": $NAME as a word of its own is split into words, ${NAME} is a part of one.
        line = re.sub(r"(?<=\s)\$(\w+)(?=\s)", lambda found: environment[found[1]], line)
        words = [re.sub(r"\$\{(\w+)\}", lambda found: environment[found[1]], word) for word in shlex.split(line)]
        directory = said(path, "WorkingDirectory")[0]
        done.append(subprocess.run(words, cwd=directory, env=environment, capture_output=True, text=True, timeout=120))
        if done[-1].returncode:
            break
    return done


def migrate(machine: dict[str, str]) -> None:
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": machine[DATA], "ENV_FILE": machine[SETTINGS]}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)


@pytest.mark.slow
def test_a_night_leaves_a_backup_and_takes_the_old_ones(machine: dict[str, str]) -> None:
    migrate(machine)
    with running_sandbox(SandboxConfig(data_file=Path(machine[DATA]) / "sandbox.sqlite3")):
        pass  # its file is there now
    backups = Path(machine[BACKUPS])
    for name, days in (("identity-pools-lab-old.zip", 16), ("identity-pools-lab-young.zip", 3), ("other.zip", 99)):
        (backups / name).touch()
        os.utime(backups / name, times=(time.time() - 86400 * days,) * 2)
    done = carried_out("identity-pools-lab-backup.service", machine)
    assert [one.returncode for one in done] == [0, 0], done[-1].stderr
    left = {path.name for path in backups.iterdir()}
    assert {"identity-pools-lab-young.zip", "other.zip"} < left
    assert "identity-pools-lab-old.zip" not in left
    assert len(left) == 3, "the new one"
    assert "Not in it" not in done[0].stderr


@pytest.mark.slow
def test_a_night_without_the_sandbox_fails_and_keeps_the_old_ones_unless_it_is_saved_elsewhere(
    machine: dict[str, str],
) -> None:
    migrate(machine)
    backups = Path(machine[BACKUPS])
    old = backups / "identity-pools-lab-old.zip"
    old.touch()
    os.utime(old, times=(0, 0))
    done = carried_out("identity-pools-lab-backup.service", machine)
    assert [one.returncode for one in done] == [1]
    assert f"Not in it: the sandbox: {machine[DATA]} has no sandbox.sqlite3" in done[0].stderr
    assert "--without-sandbox" in done[0].stderr
    (written,) = (path for path in backups.iterdir() if path != old)
    assert old.exists()
    look = [sys.executable, "manage.py", "restore", str(written), "--check"]
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": machine[DATA], "ENV_FILE": machine[SETTINGS]}
    told = subprocess.run(look, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (told.returncode, told.stdout.endswith(" rows, without a sandbox.\n")) == (0, True), told
    written.unlink()
    done = carried_out("identity-pools-lab-backup.service", machine, BACKUP_OPTIONS="--without-sandbox")
    assert [one.returncode for one in done] == [0, 0], done[-1].stderr
    assert "Not in it: the site's sandbox, left out as you asked" in done[0].stderr
    assert "manage.py sandbox_backup take DIRECTORY" in done[0].stderr
    assert not old.exists()


@pytest.mark.slow
def test_without_a_backup_the_old_ones_stay(machine: dict[str, str]) -> None:
    old = Path(machine[BACKUPS]) / "identity-pools-lab-old.zip"
    old.touch()
    os.utime(old, times=(0, 0))
    done = carried_out("identity-pools-lab-backup.service", machine)  # nothing was migrated: there is nothing yet
    assert [one.returncode for one in done] == [1]
    assert old.exists()


@pytest.mark.slow
def test_a_night_s_purge_is_well_with_and_without_a_number_of_days(machine: dict[str, str]) -> None:
    migrate(machine)
    (done,) = carried_out("identity-pools-lab-purge.service", machine)
    assert (done.returncode, "of more than 90 days ago" in done.stdout) == (0, True), done.stderr
    Path(machine[SETTINGS]).write_text("")
    (done,) = carried_out("identity-pools-lab-purge.service", machine)
    assert (done.returncode, "Runs and sign-ins stay" in done.stdout) == (0, True), done.stderr
