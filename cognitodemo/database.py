"""What each kind of database needs beside its address."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection


def settings(config: dict[str, Any]) -> dict[str, Any]:
    """The setting of one database, made of what its URL says."""
    if config["ENGINE"] == "django.db.backends.sqlite3":
        # SQLite makes its file, and not the directory for it.
        Path(config["NAME"]).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Without IMMEDIATE, two writers that both began by reading fail with "database is locked"; WAL alone does not
        # help.
        config["OPTIONS"] = {
            # Who waits for the file to be written is not served in turn: in a full room on a busy machine somebody has
            # bad luck for longer than one would think.
            "timeout": 30,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
    # A new connection reads the whole schema before its first statement.
    config.setdefault("CONN_MAX_AGE", 60)
    # The exchange writes its rows between calls to AWS; one transaction around a request would be open while AWS
    # answers.
    config["ATOMIC_REQUESTS"] = False
    return config


def settle() -> None:
    """Write what SQLite keeps beside its file into the file, so that this can be copied by itself: the last connections
    are those of threads that end with the process."""
    if connection.vendor == "sqlite":
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
