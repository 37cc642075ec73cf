"""The sandbox's own SQLite file: everything that has to outlive a restart.

Measured on two cores: with the journal in WAL mode and `synchronous=NORMAL`, one autocommitted row costs about 10 us,
and no answered row was lost to `kill -9`. The connection belongs to the event loop's thread; whatever runs elsewhere
(moto, key fetches) hands its result back to the loop before it is written.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sandbox.core.migrations import FIRST, SCHEMA_VERSION, STEPS

_CHECKPOINT_PAGES = 8000  # of 4 KB: the journal grows to 32 MB


class StaleStore(Exception):
    """The file was written by a later version of the sandbox."""


class Store:
    """A connection to the sandbox's file.

    Each service declares its tables as one script of `CREATE ... IF NOT EXISTS` statements and keeps its own SQL beside
    its own code; every table has an `account` column. A file of an earlier version is brought to the present schema,
    in one transaction (sandbox.core.migrations).

    Raises:
        StaleStore: the file's schema is of a later version.
    """

    def __init__(self, path: Path, schemas: Iterable[str]) -> None:
        make_private(path)
        self.path = path
        self.connection = sqlite3.connect(path, isolation_level=None, timeout=5)
        try:
            self._open(schemas)
        except BaseException:
            self.connection.close()
            raise

    def _open(self, schemas: Iterable[str]) -> None:
        self.connection.row_factory = sqlite3.Row
        # Before anything is written: what a later version wrote stays as it is.
        self._schema_version()
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=NORMAL")
        # Copying the journal into the file waits for the disk twice; by default that would be every 330 identities.
        self.connection.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")
        self.connection.execute("PRAGMA foreign_keys=ON")
        with self.transaction() as connection:
            version = self._schema_version()
            # A new file, whose number is 0, gets its tables in their present shape.
            for step in STEPS[version - FIRST :] if version else ():
                for statement in step:
                    connection.execute(statement)
            for schema in schemas:
                for statement in _statements(schema):
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")

    def _schema_version(self) -> int:
        """The number of the file's schema, 0 for a new file.

        Raises:
            StaleStore
        """
        version = int(self.connection.execute("PRAGMA user_version").fetchone()[0])
        if not 0 <= version <= SCHEMA_VERSION:
            raise StaleStore(
                f"{self.path} was written by a later version of the sandbox (its schema is {version}, this version "
                f"knows those up to {SCHEMA_VERSION}). Nothing was changed. Start that version again, or give this one "
                "a DATA_DIR of its own."
            )
        return version

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All statements of the block or none. Blocks must not await: the connection is the whole loop's."""
        with atomic(self.connection):
            yield self.connection

    def close(self) -> None:
        self.connection.close()


def make_private(path: Path) -> None:
    """Make an empty file for SQLite where there is none, so that there is no moment at which others can read it.

    One that is there is not opened: to close a file ends every lock that the process has on it, SQLite's too, and
    whoever closes it next in another process then takes away the journal in which this one goes on writing
    (https://www.sqlite.org/howtocorrupt.html, section 2.2).
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


@contextmanager
def atomic(connection: sqlite3.Connection) -> Iterator[None]:
    """All statements of the block or none, by any connection in autocommit mode. A block in another is part of it."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def copy_store(source: sqlite3.Connection, to: Path) -> None:
    """Write the file that a connection is open to into a new one, as of one moment, whoever writes meanwhile.

    SQLite's online backup, in one step. The new file needs no journal beside it.

    Raises:
        FileExistsError: something of that name is there.
        OSError, sqlite3.Error: such as a full disk.
    """
    os.close(os.open(to, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(sqlite3.connect(to, isolation_level=None)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")


def tables_with(connection: sqlite3.Connection, column: str) -> list[str]:
    """Names of the tables that have a column of that name. The file itself is asked, so a new table is among them."""
    rows = connection.execute(
        "SELECT found.name FROM sqlite_master found, pragma_table_info(found.name) declared"
        " WHERE found.type = 'table' AND declared.name = ? ORDER BY found.name",
        (column,),
    )
    return [row[0] for row in rows]


def _statements(script: str) -> Iterator[str]:
    """The statements of a script. sqlite3's `executescript` would end the transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        yield statement
