"""Servers to measure, each a process of its own on a free port of loopback."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def process(command: list[str], ready_url: str, environment: Mapping[str, str] | None = None) -> Iterator[None]:
    """Runs `command` until the block ends; enters the block when `ready_url` answers anything at all."""
    server = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(server, ready_url)
        yield
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait(server: "subprocess.Popen[bytes]", url: str) -> None:
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


@contextmanager
def sandbox(directory: Path, **environment: str) -> Iterator[int]:
    """The sandbox as `manage.py sandbox` serves it. Yields its port."""
    port = free_port()
    given = {"DATA_DIR": str(directory), "SANDBOX_PORT": str(port), "ENV_FILE": "/dev/null", **environment}
    with process([sys.executable, "manage.py", "sandbox"], f"http://127.0.0.1:{port}/_sandbox/health", given):
        yield port


@contextmanager
def moto() -> Iterator[int]:
    """moto's own server, as `moto_server` starts it. Yields its port."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-p", str(port)]
    with process(command, f"http://127.0.0.1:{port}/moto-api/"):
        yield port
