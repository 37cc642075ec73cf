"""What each kind of database needs beside its address."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, connections

_SQLITE, _POSTGRESQL = "django.db.backends.sqlite3", "django.db.backends.postgresql"
SEEN = 5  # times, after which PostgreSQL keeps the plan of a statement of web.prepared; psycopg's own default
POOL_SECONDS = 10  # that a thread waits for a connection of the pool
# What a request may take of PostgreSQL, in milliseconds: one statement, one wait for a lock, and a transaction in which
# nothing happens. Commands such as migrate and purge have no limits.
_LIMITS = {"statement_timeout": 30_000, "lock_timeout": 10_000, "idle_in_transaction_session_timeout": 60_000}


def settings(
    config: dict[str, Any], *, pool: tuple[int, int] | None = None, behind_bouncer: bool = False
) -> dict[str, Any]:
    """The setting of one database, made of what its URL says.

    Args:
        pool: the least and the largest number of connections that one process keeps; PostgreSQL only.
        behind_bouncer: whether PgBouncer stands between, whose connections go from one client to another with each
            transaction. https://docs.djangoproject.com/en/stable/ref/databases/#transaction-pooling-server-side-cursors

    Raises:
        ImproperlyConfigured: a pool, or PgBouncer, for another kind of database, or both.
    """
    is_postgresql = config["ENGINE"] == _POSTGRESQL
    if (pool or behind_bouncer) and not is_postgresql:
        raise ImproperlyConfigured(
            "DATABASE_POOL and DATABASE_BEHIND_PGBOUNCER are for PostgreSQL. Set DATABASE_URL, or take them out."
        )
    if pool and behind_bouncer:
        raise ImproperlyConfigured("PgBouncer is a pool: set either DATABASE_POOL or DATABASE_BEHIND_PGBOUNCER.")
    if config["ENGINE"] == _SQLITE:
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
    if pool:
        least, most = pool
        config.setdefault("OPTIONS", {})["pool"] = {"min_size": least, "max_size": most, "timeout": POOL_SECONDS}
        config["CONN_MAX_AGE"] = 0  # the pool keeps connections, and Django refuses to have both
        config["CONN_HEALTH_CHECKS"] = True
    if is_postgresql:
        config.setdefault("OPTIONS", {})["prepare_threshold"] = SEEN
    if behind_bouncer:
        config["DISABLE_SERVER_SIDE_CURSORS"] = True
        config.setdefault("OPTIONS", {})["prepare_threshold"] = None  # statements are prepared on one connection
    # A new connection reads the whole schema before its first statement.
    config.setdefault("CONN_MAX_AGE", 60)
    # The exchange writes its rows between calls to AWS; one transaction around a request would be open while AWS
    # answers.
    config["ATOMIC_REQUESTS"] = False
    return config


def limit_requests() -> None:
    """Let no statement of this process, which serves, hold up PostgreSQL for long. Before its first connection."""
    config = connections.settings["default"]
    # PgBouncer passes on no options, and may refuse them: there the limits are the role's (docs/scale.md).
    if config["ENGINE"] == _POSTGRESQL and not config.get("DISABLE_SERVER_SIDE_CURSORS"):
        given = config["OPTIONS"].get("options", "")
        limits = " ".join(f"-c {name}={value}" for name, value in _LIMITS.items())
        config["OPTIONS"]["options"] = f"{limits} {given}".strip()  # the last of two counts: what the URL says


def settle() -> None:
    """Write what SQLite keeps beside its file into the file, so that this can be copied by itself: the last connections
    are those of threads that end with the process."""
    if connection.vendor == "sqlite":
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
