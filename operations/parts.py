"""Whether the parts of an installation answer: the database, and in sandbox mode the sandbox."""

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

import httpget

SANDBOX_SECONDS = 2
MIGRATIONS_MISSING = "migrations are missing"
_LARGEST = 64 * 1024


def database() -> str:
    """`ok` where it answers and is up to date, else what it is not."""
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "no answer"
    return MIGRATIONS_MISSING if pending else "ok"


def sandbox() -> str:
    """`ok` where the sandbox answers, else `no answer`."""
    try:
        answer = httpget.get(f"{settings.AWS_ENDPOINT}/_sandbox/health", seconds=SANDBOX_SECONDS, largest=_LARGEST)
    except httpget.NoAnswer:
        return "no answer"
    return "ok" if answer.status == 200 else "no answer"
