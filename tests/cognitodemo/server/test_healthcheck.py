"""The health check of a container, held against a server in each state that it tells apart."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.servers import free_port
from sandbox.config import SandboxConfig
from sandbox.testing import running_sandbox
from tests import ROOT
from tests.cognitodemo.server.conftest import Application, running

_ANOTHER_PROGRAM = """
import socket, sys
listener = socket.socket(fileno=int(sys.argv[1]))
while True:
    with listener.accept()[0] as connection:
        connection.recv(9999)
        connection.sendall(b"HTTP/1.0 200 OK\\r\\n\\r\\nhello")
"""


@dataclass
class Site:
    """An application that listens everywhere and is known by a name, as in a container."""

    application: Application
    directory: Path
    settings: dict[str, str]

    def check(self, *of: str, **changes: str) -> tuple[int, str]:
        """Exit code of the health check and what it says. `of`: `sandbox`, for that alone."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        done = subprocess.run(
            [sys.executable, "-m", "cognitodemo.healthcheck", *of],
            env=kept | {"DATA_DIR": str(self.directory / "data"), "ENV_FILE": "/dev/null"} | self.settings | changes,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout + done.stderr

    def problem(self, *of: str, **changes: str) -> str:
        """What the health check says, of an answer: a busy machine may not have it ready in time."""
        for _ in range(5):
            code, said = self.check(*of, **changes)
            assert code == 1
            if "does not answer" not in said:
                break
        return said

    def is_well(self, *of: str) -> bool:
        """As a container is: one check of a few may find a machine that is busy with something else."""
        return any(self.check(*of) == (0, "") for _ in range(5))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with running_sandbox(SandboxConfig(data_file=tmp_path / "sandbox.sqlite3", port=0, seed=False)) as sandbox:
        settings = {
            "WEB_HOST": "0.0.0.0",  # noqa: S104
            "PUBLIC_URL": "https://lab.example.org",
            "TRUSTED_PROXIES": "loopback",
            "SANDBOX_PORT": str(sandbox.config.port),
        }
        with running(tmp_path, **settings) as application:
            yield Site(application, tmp_path, settings | {"WEB_PORT": str(application.port)})


@pytest.mark.slow
def test_it_is_well_when_database_and_sandbox_answer(site: Site) -> None:
    assert site.is_well()
    assert site.is_well("sandbox")


@pytest.mark.slow
def test_it_says_that_migrations_are_missing(site: Site) -> None:
    shutil.rmtree(site.directory / "data")
    (site.directory / "data").mkdir()
    assert "answers 503: database: " in site.problem()


@pytest.mark.slow
def test_it_says_that_the_sandbox_is_gone(tmp_path: Path) -> None:
    with running(tmp_path, SANDBOX_PORT=(port := str(free_port()))) as application:
        site = Site(application, tmp_path, {"WEB_PORT": str(application.port), "SANDBOX_PORT": port})
        said = site.problem()
        alone, _ = site.check("sandbox")
    assert alone == 1
    assert said.strip().endswith("answers 503: sandbox: no answer.")


@pytest.mark.slow
def test_it_says_that_a_server_hangs_or_is_gone(site: Site) -> None:
    site.application.process.send_signal(signal.SIGSTOP)
    code, said = site.check()
    assert (code, "does not answer" in said) == (1, True)
    site.application.process.send_signal(signal.SIGCONT)
    assert site.is_well()
    site.application.end()
    code, said = site.check()
    assert (code, "does not answer: No connection" in said) == (1, True)


@pytest.mark.slow
def test_it_is_not_content_with_another_program(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        command = [sys.executable, "-c", _ANOTHER_PROGRAM, str(other.fileno())]
        with subprocess.Popen(command, pass_fds=[other.fileno()]) as program:
            try:
                said = site.problem(WEB_PORT=port)
            finally:
                program.kill()
    assert "is another program" in said
