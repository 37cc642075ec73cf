"""What the image is made of. `make verify` carries the Dockerfile out (scripts/image-steps)."""

import json
import os
import re
import runpy
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()
PROGRAMS = Path(sys.executable).parent


def pins(file: str) -> dict[str, str]:
    """Distribution, in small letters and with hyphens -> version."""
    found = re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==([^\s;\\]+)", (ROOT / file).read_text(), re.MULTILINE)
    return {name.lower().replace("_", "-").replace(".", "-"): version for name, version in found}


@pytest.fixture(scope="module")
def image() -> Any:
    return runpy.run_path(str(ROOT / "scripts" / "image_steps.py"))["read"](DOCKERFILE)


def test_the_written_hashes_are_those_of_the_requirements() -> None:
    wanted, written = pins("requirements.txt"), pins("requirements.hashes.txt")
    assert {name: written.get(name) for name in wanted} == wanted, "run scripts/hashes"


def test_each_package_that_the_image_installs_has_a_hash() -> None:
    text = "".join(line for line in (ROOT / "requirements.hashes.txt").open() if not line.startswith("#"))
    entries = re.split(r"(?<!\\)\n", text.strip())
    assert len(entries) == len(pins("requirements.hashes.txt"))
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry) for entry in entries)


@pytest.mark.slow
def test_its_bill_of_materials_has_each_package_with_a_licence_and_what_it_needs(tmp_path: Path) -> None:
    file = tmp_path / "sbom.json"
    subprocess.run([ROOT / "scripts" / "sbom", file], check=True, capture_output=True, timeout=500)
    written = json.loads(file.read_text())
    components = {each["name"].lower(): each for each in written["components"]}
    found = {name.replace("_", "-").replace(".", "-"): each["version"] for name, each in components.items()}
    assert found == pins("requirements.hashes.txt")
    assert [name for name, each in components.items() if not each.get("licenses")] == []
    needs = {each["ref"]: each.get("dependsOn", []) for each in written["dependencies"]}
    assert components["botocore"]["bom-ref"] in needs[components["boto3"]["bom-ref"]]


def test_every_step_is_a_script_that_can_be_run_elsewhere(image: Any) -> None:
    steps = [arguments for name, arguments, _ in image.steps if name == "RUN"]
    assert len(steps) >= 3
    for program, *arguments in [*steps, image.entry_point, image.health]:
        assert Path(program).parent == Path("scripts/image")
        assert os.access(ROOT / program, os.X_OK)
        assert arguments == []


def test_it_runs_as_nobody_in_particular_and_is_told_to_stop_as_the_server_expects(image: Any) -> None:
    assert image.user == "10001:10001"
    assert image.stop_signal.name == "SIGTERM"
    assert image.command == ["demo"]


def test_its_label_has_the_version_of_the_project() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f'org.opencontainers.image.version="{version}"' in DOCKERFILE


def test_what_belongs_to_one_machine_is_not_handed_to_it() -> None:
    left_out = set((ROOT / ".dockerignore").read_text().splitlines())
    assert {".env*", ".git", ".venv*", "data", "data-before*", "tests"} <= left_out


def test_hadolint_finds_nothing() -> None:
    done = subprocess.run([PROGRAMS / "hadolint", ROOT / "Dockerfile"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "")


def test_where_mounts_are_forbidden_it_fails_with_a_sentence_unless_told_to_leave_it_out(tmp_path: Path) -> None:
    forbidden = tmp_path / "unshare"
    forbidden.write_text("#!/bin/sh\nexit 1\n")
    forbidden.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    program = str(ROOT / "scripts" / "image-steps")
    failed = subprocess.run([program], env=environment, capture_output=True, text=True, timeout=60)
    assert failed.returncode == 1
    assert failed.stderr.startswith("Mounts are forbidden here")
    skipped = subprocess.run([program], env=environment | {"IMAGE_STEPS": "skip"}, capture_output=True, timeout=60)
    assert skipped.returncode == 0


def test_what_is_done_every_day_is_done_at_once_and_ends_when_told_to(tmp_path: Path) -> None:
    done = tmp_path / "done"
    program = tmp_path / "python"
    program.write_text(f'#!/bin/sh\necho "$@" >>"{done}"\n')
    program.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    running = subprocess.Popen(
        [ROOT / "scripts" / "image" / "start", "daily", "purge", "--older-than", "9"], env=environment
    )
    try:
        deadline = time.monotonic() + 60
        while not done.exists() or not done.read_text():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        running.terminate()
        assert running.wait(timeout=60) == 0
    finally:
        running.kill()
    assert done.read_text() == "manage.py purge --older-than 9\n"
