"""pg_dump and pg_restore for the application's database: found, told where it is, and run.

A pg_dump copies servers of its own major version and older ones; pg_restore reads what an older pg_dump wrote.
https://www.postgresql.org/docs/current/app-pgdump.html
"""

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.db import connection

from cognitodemo import env

ASIDE = "before_restore_"  # what a schema is called, with the time, that a restore has put aside
_PLACES = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql@*/bin")
# libpq's names of what a connection was made with -> the variables by which its programs are told the same.
# https://www.postgresql.org/docs/current/libpq-envars.html
_VARIABLES = {
    "host": "PGHOST", "hostaddr": "PGHOSTADDR", "port": "PGPORT", "user": "PGUSER", "dbname": "PGDATABASE",
    "passfile": "PGPASSFILE", "service": "PGSERVICE", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY", "channel_binding": "PGCHANNELBINDING",
}  # fmt: skip


class NoTool(Exception):
    """What is needed is not on this machine, or failed. Its text is meant for people."""


def server_version() -> int:
    """The major version of the server, such as 17."""
    connection.ensure_connection()
    return int(connection.pg_version) // 10_000  # type: ignore[attr-defined]


def close() -> None:
    """End this process's connections, those of its pool too."""
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]


def alone() -> Any:
    """A connection of psycopg's own, beside Django's and outside of any pool; a block ends it."""
    found: Any = connection
    return found.Database.connect(**found.get_connection_params())


def dump(to: Path, snapshot: str, left_out: Sequence[str]) -> None:
    """Write all of the database's rows, as of an exported snapshot, and its tables into a new file.

    Raises:
        NoTool
    """
    names = [f"--exclude-table-data={name}" for name in left_out]
    _run(
        "pg_dump", server_version(), "--format=custom", "--compress=0", "--no-owner", "--no-privileges",
        f"--exclude-schema={ASIDE}*", f"--snapshot={snapshot}", f"--file={to}", *names,
    )  # fmt: skip


def restore(file: Path, written_by: int) -> None:
    """Make the tables and rows of a dump, all or none.

    Args:
        written_by: the major version of the server that it is of.

    Raises:
        NoTool
    """
    _run(
        "pg_restore", max(written_by, server_version()), "--exit-on-error", "--single-transaction", "--no-owner",
        "--no-privileges", f"--dbname={_told()['PGDATABASE']}", str(file),
    )  # fmt: skip


def require(tool: str, version: int) -> Path:
    """Where the tool is, of that major version or a later one: the nearest.

    Raises:
        NoTool
    """
    found = sorted({(number, place) for place in _candidates(tool) if (number := _version_of(place))})
    for number, place in found:
        if number >= version:
            return place
    there = f"only those of {', '.join(str(number) for number, _ in found)}" if found else "none"
    raise NoTool(
        f"The database is PostgreSQL {version}, and {tool} of that version or a later one is needed; on this machine "
        f"is {there}. On Debian and Ubuntu: apt-get install postgresql-client-{version}."
    )


def _candidates(tool: str) -> Iterator[Path]:
    if in_path := shutil.which(tool):
        yield Path(in_path)
    for pattern in _PLACES:
        for directory in Path("/").glob(pattern):
            if (directory / tool).is_file():
                yield directory / tool


def _version_of(place: Path) -> int:
    """The major version that it says it has, 0 where it says none."""
    told = subprocess.run([place, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    number = re.search(r"\b(\d+)(?:\.|devel|beta|rc)", told)
    return int(number[1]) if number else 0


def _run(tool: str, version: int, *arguments: str) -> None:
    command = [str(require(tool, version)), "--no-password", *arguments]
    done = subprocess.run(command, env=env.as_given() | _told(), capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        reason = " ".join(done.stderr.split()) or f"exit code {done.returncode}"
        raise NoTool(f"{tool} failed: {reason[:600]}")


def _told() -> dict[str, str]:
    """The connection that Django has, as variables; a password is in no list of processes."""
    connection.ensure_connection()
    info = connection.connection.info
    told = {_VARIABLES[name]: value for name, value in info.get_parameters().items() if name in _VARIABLES}
    return told | {"PGDATABASE": info.dbname} | ({"PGPASSWORD": info.password} if info.password else {})
