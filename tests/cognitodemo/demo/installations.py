"""Machines with the lab on them, whose rows are in SQLite or in PostgreSQL."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from secrets import token_urlsafe
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from benchmarks.class_room import postgres
from tests import ROOT
from tests.cognitodemo.demo.conftest import Demo


class Installation:
    """One machine with the lab, and its database: its URL, or nothing where that is a file."""

    def __init__(self, directory: Path, database: str) -> None:
        directory.mkdir()
        self.demo, self.database = Demo(directory), database
        # Nobody reads what it writes meanwhile, and a pipe that is full would hold it up.
        quiet = {"ENV_FILE": str(directory / ".env"), "RUNS_PER_MINUTE": "100000", "LOG_LEVEL": "ERROR"}
        self.demo.environment |= quiet
        if database:
            self.demo.environment["DATABASE_URL"] = database

    def manage(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, env=self.demo.environment, cwd=ROOT, capture_output=True, text=True, timeout=300)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        if self.database:
            with psycopg.connect(self.database) as connection:
                return connection.execute(query.encode()).fetchall()
        with closing(sqlite3.connect(self.demo.data / "app.sqlite3")) as connection:
            return connection.execute(query).fetchall()


@contextmanager
def installations(directory: Path, kind: str, names: Sequence[str]) -> Iterator[list[Installation]]:
    """Machines of these names, with nothing on them yet.

    Args:
        kind: SQLite or PostgreSQL, in which each has a database of its own.
    """
    if kind == "SQLite":
        made = [Installation(directory / name, "") for name in names]
        yield made
    else:
        with TemporaryDirectory() as place, postgres(Path(place) / "postgres") as url:
            with psycopg.connect(url, autocommit=True) as connection:
                for name in names:
                    connection.execute(f"CREATE DATABASE {name}".encode())
            made = [Installation(directory / name, url.replace("/app?", f"/{name}?")) for name in names]
            key = token_urlsafe(50)  # which with a server every process is told
            for machine in made:
                machine.demo.environment |= {"SECRET_KEY": key, "DATABASE_POOL": "2,8"}
            yield made
            for machine in made:
                machine.demo.end()
    for machine in made:
        machine.demo.end()
