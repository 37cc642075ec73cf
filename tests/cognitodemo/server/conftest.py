"""The web application as the README's command starts it: a process of its own, a data directory of its own."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.servers import free_port
from tests import ROOT

_PATIENCE = 60  # seconds


@dataclass
class Application:
    port: int
    process: "subprocess.Popen[bytes]"
    log: Path

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=_PATIENCE)

    def ask(self, request: bytes) -> bytes:
        """What comes back for these bytes until the connection is closed, which they should ask for."""
        with self.connect() as connection:
            connection.sendall(request)
            answer = b""
            while piece := connection.recv(65536):
                answer += piece
        return answer

    def end(self) -> str:
        """Ctrl-C. Returns all that was written."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=_PATIENCE)
        return self.log.read_text()


def command() -> list[str]:
    """The command of the README for the web application alone, as it stands there."""
    (found,) = re.findall(r"^\| `python (manage.py serve[^`]*)` \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    return [sys.executable, *shlex.split(found)]


@contextmanager
def running(directory: Path, **settings: str) -> Iterator[Application]:
    """The application with `settings`, from a migrated database on."""
    port = free_port()
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "VIRTUAL_ENV") if name in os.environ}
    environment = kept | {
        "ENV_FILE": str(directory / "none.env"),
        "DATA_DIR": str(directory / "data"),
        "WEB_PORT": str(port),
        "SANDBOX_PORT": str(free_port()),
        **settings,
    }
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(migrate, env=environment, cwd=ROOT, check=True)
    log = directory / "log"
    with log.open("wb") as output:  # not a pipe: nobody reads it meanwhile, and a full one would stop the server
        process = subprocess.Popen(command(), env=environment, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
    application = Application(port, process, log)
    try:
        _await_answer(application)
        yield application
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _await_answer(application: Application) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and application.process.poll() is None:
        try:
            application.connect().close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("The web application did not start.")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    with running(tmp_path_factory.mktemp("server"), WEB_THREADS="2") as application:
        yield application


@pytest.fixture
def hold(served: Application) -> Iterator[Callable[[int, bytes], None]]:
    """Opens connections that send so much, and stay."""
    with ExitStack() as stack:

        def opened(number: int, beginning: bytes) -> None:
            for _ in range(number):
                stack.enter_context(served.connect()).sendall(beginning)

        yield opened
