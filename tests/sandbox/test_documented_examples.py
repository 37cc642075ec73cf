"""The examples of docs/sandbox.md run as they are written."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.testing import RunningSandbox

ROOT = Path(__file__).resolve().parents[2]


def example(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", (ROOT / "docs" / "sandbox.md").read_text(), re.DOTALL)
    return str(found)


@pytest.mark.slow
def test_the_pytest_example_passes(tmp_path: Path) -> None:
    (tmp_path / "test_example.py").write_text(example("python"))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:django", "-p", "no:cacheprovider", "test_example.py"]
    done = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PATH": ""}, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout


@pytest.mark.slow
def test_the_javascript_example_prints_the_size_of_the_catalogue(served_sandbox: RunningSandbox) -> None:
    clients = ROOT / "tests" / "clients" / "javascript"
    if not (clients / "node_modules" / ".package-lock.json").exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=clients, check=True)
    done = subprocess.run(
        ["node", "--input-type=module", "--eval", example("js")],
        cwd=clients,
        env={"AWS_ENDPOINT_URL": served_sandbox.url, "PATH": "/usr/bin:/bin:/usr/local/bin"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 1000
