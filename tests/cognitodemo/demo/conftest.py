"""`manage.py demo` as a newcomer starts it: a process of its own on free ports, with a data directory of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from benchmarks import processes
from benchmarks.servers import free_port
from tests import ROOT

if TYPE_CHECKING:
    from tests.cognitodemo.demo.classroom import Machine

_PATIENCE = 60  # seconds


class Demo:
    """One installation, started and stopped as often as the test wants.

    Attributes:
        root: the code that is run.
        environment: what the command sees; two free ports, and DATA_DIR.
        url, sandbox_url: where browsers find the two servers.
    """

    def __init__(self, directory: Path, root: Path = ROOT) -> None:
        web, sandbox = free_port(), free_port()
        self.root = root
        self.data = directory / "data"
        self.url, self.sandbox_url = f"http://127.0.0.1:{web}", f"http://127.0.0.1:{sandbox}"
        self.environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {
            "ENV_FILE": str(directory / "none.env"),
            "DATA_DIR": str(self.data),
            "WEB_PORT": str(web),
            "SANDBOX_PORT": str(sandbox),
        }
        self.process: subprocess.Popen[str] | None = None

    def begin(self, **changes: str) -> "subprocess.Popen[str]":
        """Start the command in a process group of its own, as a terminal does, and do not wait."""
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "demo"],
            env=self.environment | changes,
            cwd=self.root,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        return self.process

    def start(self, **changes: str) -> "subprocess.Popen[str]":
        """Start the command, and return when a page comes."""
        process = self.begin(**changes)
        deadline = time.monotonic() + _PATIENCE
        while not answers(self.url):
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return process

    def refusal(self, **changes: str) -> str:
        """What the command says that does not start."""
        output, _ = self.begin(**changes).communicate(timeout=_PATIENCE)
        assert self.process
        assert self.process.returncode == 1
        return output

    def interrupt(self) -> str:
        """Ctrl-C: the terminal sends it to both processes. Returns all that they wrote."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.communicate(timeout=_PATIENCE)[0]

    def children(self) -> list[int]:
        """The process ids of what the command has started."""
        assert self.process
        return processes.children(self.process.pid)

    def wait_until(self, holds: Callable[[], bool]) -> None:
        """Return as soon as something holds, which it has to within a minute."""
        deadline = time.monotonic() + _PATIENCE
        while not holds():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def is_down(self) -> bool:
        """Whether both servers are gone, waiting a while for it."""
        deadline = time.monotonic() + _PATIENCE
        while answers(self.url) or answers(f"{self.sandbox_url}/_sandbox/health"):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def end(self) -> None:
        """Leave nothing behind, however the test went."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        if self.process:
            self.process.communicate()


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    made = Demo(tmp_path)
    yield made
    made.end()


@pytest.fixture
def machine(tmp_path: Path) -> "Iterator[Callable[..., Machine]]":
    """Makes trainers' machines, and ends what runs on them."""
    from tests.cognitodemo.demo.classroom import Machine  # which is made of what stands above

    made: list[Machine] = []

    def make(name: str, **options: str) -> Machine:
        made.append(Machine(tmp_path / name, **options))
        return made[-1]

    yield make
    for one in made:
        one.kill()


@pytest.fixture
def occupied() -> Iterator[Callable[[], str]]:
    """Takes a port and returns its number."""
    listeners: list[socket.socket] = []

    def occupy() -> str:
        listeners.append(socket.create_server(("127.0.0.1", 0)))
        return str(listeners[-1].getsockname()[1])

    yield occupy
    for listener in listeners:
        listener.close()


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5):
            return True
    except (URLError, ConnectionError, TimeoutError):
        return False
