"""The application as `manage.py serve` serves it on PostgreSQL, with a sandbox beside it: whole sites to measure."""

import io
import os
import secrets
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from benchmarks import processes, servers
from benchmarks.class_room import postgres


@dataclass(frozen=True, slots=True)
class Site:
    """`name`, as tables have it; `web`: the process that was started, whose children may be the workers."""

    name: str
    origin: str
    web: int

    def processor_seconds(self) -> float:
        """What its processes have used so far, threads that have ended included."""
        return sum(processes.processor_seconds(pid) for pid in processes.family(self.web))


@dataclass(frozen=True, slots=True)
class Ground:
    """What sites stand on: one PostgreSQL and one sandbox.

    Attributes:
        url: of the server's first database.
        database: process ID of PostgreSQL's first process.
        sandbox: the sandbox's port.
    """

    directory: Path
    url: str
    database: int
    sandbox: int

    def database_seconds(self) -> float:
        """What PostgreSQL has used so far, of processes that have ended as well."""
        return sum(processes.processor_seconds(pid, ended=True) for pid in processes.family(self.database))


@contextmanager
def ground(directory: Path) -> Iterator[Ground]:
    """A throw-away PostgreSQL and a sandbox."""
    with postgres(directory / "server") as url, servers.sandbox(directory / "sandbox") as sandbox:
        first = int((directory / "server" / "data" / "postmaster.pid").read_text().splitlines()[0])
        yield Ground(directory, url, first, sandbox.port)


def served_by_us(port: int) -> list[str]:
    """What Python is started with, in the environment of a site."""
    return ["manage.py", "serve"]


@contextmanager
def site(
    stands_on: Ground,
    name: str,
    workers: int,
    code: Path = servers.ROOT,
    served_by: Callable[[int], list[str]] = served_by_us,
) -> Iterator[Site]:
    """A site with a database of its own.

    Args:
        code: where its `manage.py` is.
        served_by: what Python is started with there, to listen on that port.
    """
    own = "".join(letter for letter in name if letter.isalnum()).lower()
    with psycopg.connect(stands_on.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {own}")
    port = servers.free_port()
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ},
        "ENV_FILE": "/dev/null",
        "DATA_DIR": str(stands_on.directory / own),
        "DATABASE_URL": stands_on.url.replace("/app?", f"/{own}?"),
        "SECRET_KEY": secrets.token_urlsafe(50),
        "SANDBOX_PORT": str(stands_on.sandbox),
        "WEB_PORT": str(port),
        "WEB_WORKERS": str(workers),
        "LOG_LEVEL": "ERROR",
        # All who come here have one address.
        "RUNS_PER_MINUTE": "100000",
        "RUNS_PER_MINUTE_PER_ADDRESS": "100000",
    }
    for command in ("migrate", "collectstatic --noinput"):
        arguments = [sys.executable, "manage.py", *command.split(), "--verbosity", "0"]
        subprocess.run(arguments, cwd=code, env=environment, check=command == "migrate", capture_output=True)
    process = subprocess.Popen([sys.executable, *served_by(port)], cwd=code, env=environment)
    try:
        servers.wait_for(process, f"http://127.0.0.1:{port}/healthz")
        yield Site(name, f"http://127.0.0.1:{port}", process.pid)
    finally:
        process.terminate()
        process.wait(timeout=30)


@contextmanager
def code_of(commit: str, directory: Path) -> Iterator[Path | None]:
    """An earlier state of this project; None where this copy does not have it."""
    packed = subprocess.run(
        ["/usr/bin/env", "git", "archive", commit], cwd=servers.ROOT, capture_output=True, check=False
    )
    if packed.returncode:
        yield None
        return
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(directory, filter="data")
    yield directory
