"""Servers to measure, each a process of its own on a free port of loopback."""

import json
import math
import os
import random
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


# Below those that a system gives by itself to whoever listens at any, or calls somebody.
_PORTS = range(20_000, 32_768)
_held: list[socket.socket] = []


def free_port() -> int:
    """A port of loopback that nobody listens at, for a server that is started later, and maybe again and again.

    Nobody else comes by it meanwhile: the system gives none of these by itself, and other processes that ask here see
    that its namesake in UDP is taken, for as long as this process lives.

    Raises:
        RuntimeError: all are taken.
    """
    for port in random.SystemRandom().sample(_PORTS, len(_PORTS)):
        sign = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            with socket.socket() as probe:
                sign.bind(("127.0.0.1", port))
                probe.bind(("127.0.0.1", port))
        except OSError:
            sign.close()
        else:
            _held.append(sign)
            return port
    raise RuntimeError("no port is free")


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs as a process of its own."""

    port: int
    pid: int

    def memory(self) -> float:
        """Resident memory in MB."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def processor_seconds(self) -> float:
        """What it has used of the processors so far. Other work on the machine, which halves a rate, hardly shows in
        it. Linux tells; elsewhere it is not a number."""
        try:
            tasks = list(Path(f"/proc/{self.pid}/task").iterdir())
            return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
        except OSError:
            return math.nan


@contextmanager
def process(
    command: list[str], port: int, ready_path: str, environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Runs `command` until the block ends; enters the block when it answers anything at all."""
    server = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(server, f"http://127.0.0.1:{port}{ready_path}")
        yield Server(port, server.pid)
    finally:
        server.terminate()
        server.wait(timeout=20)


def wait_for(server: "subprocess.Popen[bytes]", url: str) -> None:
    """Until it answers anything at all.

    Raises:
        RuntimeError: it ended, or did not answer within half a minute.
    """
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"{server.args!r} ended with {server.returncode}")
        try:
            urllib.request.urlopen(url, timeout=1)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{url} did not answer within 30 seconds")


def told_by(module: str, *arguments: str, directory: Path, sandbox: int, **environment: str) -> dict[str, Any]:
    """What a module of this package prints as JSON, run in a process of its own with the application's settings.

    Args:
        directory: for the application's data.
        sandbox: its port.
    """
    given = {
        "ENV_FILE": "/dev/null",
        "DATA_DIR": str(directory),
        "SANDBOX_PORT": str(sandbox),
        "LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "cognitodemo.settings",
        **environment,
    }
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **given}, stdout=subprocess.PIPE, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@contextmanager
def sandbox(directory: Path, **environment: str) -> Iterator[Server]:
    """The sandbox as `manage.py sandbox` serves it."""
    port = free_port()
    given = {"DATA_DIR": str(directory), "SANDBOX_PORT": str(port), "ENV_FILE": "/dev/null", **environment}
    with process([sys.executable, "manage.py", "sandbox"], port, "/_sandbox/health", given) as server:
        yield server


@contextmanager
def moto() -> Iterator[Server]:
    """moto's own server, as `moto_server` starts it."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-p", str(port)]
    with process(command, port, "/moto-api/") as server:
        yield server
