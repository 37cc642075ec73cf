"""The application's rows: copied as of one moment whoever writes meanwhile, looked at, and put where none are.

What lives for an hour at most is left out: sealed values, and sessions, whose keys are as good as a sign-in. A copy
would keep them for as long as somebody keeps the copy.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, transaction

from cognitodemo.backups import archive, postgres
from cognitodemo.backups.archive import ClassIn
from training.models import CohortState, Role
from vault.models import SealedValue

LEFT_OUT = (SealedValue._meta.db_table, Session._meta.db_table)
_LEAVING_SECONDS = 3
_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend'"
)
_Query = Callable[..., list[Any]]


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied: the file with it, the kind and version of the database, and what is said in the manifest."""

    file: Path
    engine: str
    engine_version: int
    migrations: list[str]
    classes: list[ClassIn]
    rows: dict[str, int]


def engine() -> str:
    """SQLITE or POSTGRESQL, which the application's database is."""
    is_file = settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
    return archive.SQLITE if is_file else archive.POSTGRESQL


def copy(directory: Path) -> Copied:
    """Copy the rows into a new file in the directory.

    Raises:
        NoTool: of PostgreSQL's.
        OSError, sqlite3.Error: such as a full disk.
    """
    return _copy_postgresql(directory) if engine() == archive.POSTGRESQL else _copy_sqlite(directory)


def is_there() -> bool:
    """Whether the application's database has tables."""
    if engine() == archive.SQLITE:
        return Path(settings.DATABASES["default"]["NAME"]).is_file()
    return bool(connection.introspection.table_names())


def damage_of(file: Path) -> str:
    """What is wrong with a file of SQLite; empty where nothing is."""
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as found:
            problem = str(found.execute("PRAGMA quick_check").fetchone()[0])
            orphan = found.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.Error as error:
        return str(error)
    if problem != "ok":
        return problem
    return f"a row of {orphan[0]} belongs to none of {orphan[2]}" if orphan else ""


def others_at_the_database() -> int:
    """How many connections others have to PostgreSQL's database. Those of this process end, a pool's too."""
    postgres.close()
    deadline = time.monotonic() + _LEAVING_SECONDS
    while (found := _others()) and time.monotonic() < deadline:
        time.sleep(0.1)  # the server notices a little later that somebody has gone
    return found


def _others() -> int:
    with postgres.alone() as own:
        return int(own.execute(_OTHERS).fetchone()[0])


@contextmanager
def put_back(file: Path, written_by: int, rows: dict[str, int], aside: str) -> Iterator[None]:
    """Make the tables and rows of a dump, and run the block; where either fails, all is as it was.

    Args:
        aside: what the schema that is there is called afterwards; empty where there is nothing in it.

    Raises:
        NoTool
    """
    with _put_aside(aside) if aside else nullcontext():
        postgres.restore(file, written_by)
        with connection.cursor() as cursor:
            found = _counts(_query_of(cursor), connection.introspection.table_names(cursor))
        if wrong := sorted(name for name, number in rows.items() if found.get(name) != number):
            raise postgres.NoTool(f"After pg_restore, {wrong[0]} has not the rows that were copied.")
        yield


@contextmanager
def _put_aside(aside: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        name, kept = (connection.ops.quote_name(one) for one in (cursor.fetchone()[0], aside))
        with transaction.atomic():
            cursor.execute(f"ALTER SCHEMA {name} RENAME TO {kept}")
            cursor.execute(f"CREATE SCHEMA {name}")
        try:
            yield
        except BaseException:
            with transaction.atomic():
                cursor.execute(f"DROP SCHEMA {name} CASCADE")
                cursor.execute(f"ALTER SCHEMA {kept} RENAME TO {name}")
            raise


def _copy_sqlite(directory: Path) -> Copied:
    to = directory / archive.APP
    os.close(os.open(to, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    source = settings.DATABASES["default"]["NAME"]
    with (
        closing(sqlite3.connect(source, timeout=30)) as rows,
        closing(sqlite3.connect(to, isolation_level=None)) as own,
    ):
        rows.backup(own)
        own.execute("PRAGMA journal_mode=DELETE")
        tables = [name for (name,) in own.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in set(LEFT_OUT) & set(tables):
            own.execute(f"DELETE FROM {table}")  # noqa: S608 - a name of ours
        own.execute("VACUUM")  # what was deleted, now or before, is in the file until then
        query: _Query = lambda statement, *values: own.execute(statement, values).fetchall()  # noqa: E731
        described = _described(query, [name for name in tables if not name.startswith("sqlite_")])
    return Copied(to, archive.SQLITE, 0, *described)


def _copy_postgresql(directory: Path) -> Copied:
    to = directory / archive.DUMP
    # pg_dump and what the manifest says see one moment: the snapshot of a transaction, which stays open meanwhile.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        described = _described(_query_of(cursor), connection.introspection.table_names(cursor))
        os.close(os.open(to, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        postgres.dump(to, snapshot, LEFT_OUT)
    return Copied(to, archive.POSTGRESQL, postgres.server_version(), *described)


def _query_of(cursor: Any) -> _Query:
    def query(statement: str, *values: object) -> list[Any]:
        cursor.execute(statement.replace("?", "%s"), values)
        return list(cursor.fetchall())

    return query


def _described(query: _Query, tables: Sequence[str]) -> tuple[list[str], list[ClassIn], dict[str, int]]:
    """The migrations, classes and numbers of rows, which are those of the copy, not those of a moment later."""
    migrations = sorted(f"{app}.{name}" for app, name in query("SELECT app, name FROM django_migrations"))
    if "training_cohort" not in tables:  # of before there were classes
        return migrations, [], _counts(query, [name for name in tables if name not in LEFT_OUT])
    found = query(
        "SELECT name, public_id, state, seats, (SELECT count(*) FROM training_membership member"
        " WHERE member.cohort_id = cohort.id AND member.role = ?)"
        " FROM training_cohort cohort WHERE state != ? ORDER BY created_at DESC, id DESC",
        Role.LEARNER.value,
        CohortState.ARCHIVED.value,
    )
    classes = [
        ClassIn(name, public_id, state == CohortState.OPEN, seats, people)
        for name, public_id, state, seats, people in found
    ]
    return migrations, classes, _counts(query, [name for name in tables if name not in LEFT_OUT])


def _counts(query: _Query, tables: Sequence[str]) -> dict[str, int]:
    return {name: query(f'SELECT count(*) FROM "{name}"')[0][0] for name in sorted(tables)}  # noqa: S608 - the file's own
