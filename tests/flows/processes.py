"""Real processes over a real SQLite file: what threads and a killed process leave behind."""

import os
import subprocess
import sys
from pathlib import Path

from tests import ROOT

_PRELUDE = """
import django
django.setup()
from uuid import UUID
from django.conf import settings
from accounts.owners import Owner
from flows.models import ApiCall, Outcome, Run
from flows.exchange.pools import pool_for
from flows import services
OWNER = Owner(None, UUID(int=7))
def opened(flow="enhanced"):
    return services.run_open(
        owner=OWNER, access="guest", flow=flow, provider="guest", pool=pool_for(OWNER), parameters={}
    )
"""


def environment(directory: Path, sandbox_port: int) -> dict[str, str]:
    """The application as `make demo` has it, data directory and port of the sandbox aside."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(directory),
        "DJANGO_SETTINGS_MODULE": "cognitodemo.settings",
        "ENV_FILE": str(directory / "none.env"),
        "DATA_DIR": str(directory / "data"),
        "SANDBOX_PORT": str(sandbox_port),
        "PYTHONPATH": str(ROOT),
    }


def begin(directory: Path, sandbox_port: int, program: str) -> subprocess.Popen[str]:
    """Start a process that runs `program` after Django has been set up."""
    return subprocess.Popen(
        [sys.executable, "-c", _PRELUDE + program],
        env=environment(directory, sandbox_port),
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def run(directory: Path, sandbox_port: int, program: str) -> str:
    """What the program printed; its failure is the test's."""
    process = begin(directory, sandbox_port, program)
    out, err = process.communicate(timeout=600)
    assert process.returncode == 0, err
    return out.strip()


def migrate(directory: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--skip-checks"],
        env=environment(directory, 1),
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
