"""The packages of the tests that run JavaScript."""

import fcntl
import subprocess
from pathlib import Path

from tests import ROOT

_CLIENTS = ROOT / "tests" / "clients" / "javascript"


def with_packages() -> Path:
    """Where the packages are; installed by the first who asks, while others of the same test run wait."""
    with (_CLIENTS / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (_CLIENTS / "node_modules" / ".package-lock.json").exists():
            command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
            subprocess.run(command, cwd=_CLIENTS, check=True, timeout=300)
    return _CLIENTS
