"""Installing on a machine that reaches no package index."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests import ROOT

# Nobody answers there.
_NO_INDEX = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_EXTRA_INDEX_URL": "", "PIP_RETRIES": "0"}


def make(directory: Path, *arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments], cwd=directory, env=os.environ | changed, capture_output=True, text=True, check=False
    )


def checkout(directory: Path) -> Path:
    directory.mkdir()
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(ROOT / name, directory)
    return directory


@pytest.mark.slow
def test_what_one_machine_brought_is_installed_on_another_without_a_network(tmp_path: Path) -> None:
    here, there = checkout(tmp_path / "here"), checkout(tmp_path / "there")
    done = make(here, "wheelhouse")
    assert done.returncode == 0, done.stderr
    refused = make(there, ".venv/.runtime", **_NO_INDEX)
    assert refused.returncode != 0
    (here / "wheelhouse").rename(there / "wheelhouse")
    done = make(there, ".venv/.runtime", "WHEELHOUSE=wheelhouse", **_NO_INDEX)
    assert done.returncode == 0, done.stderr
    program = "import boto3, django, djangosaml2, granian, moto, psycopg, social_django, xmlsec"
    subprocess.run([there / ".venv/bin/python", "-W", "ignore", "-c", program], check=True)
