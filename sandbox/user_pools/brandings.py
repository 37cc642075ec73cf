"""Branding styles of managed login: a client of a domain with version 2 needs one before its pages are shown."""

import json
import sqlite3
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.core.clock import moment_of
from sandbox.core.errors import AwsError
from sandbox.user_pools.pools import UserPool


@dataclass(frozen=True, slots=True)
class Branding:
    """The style of one client. `definition`: members as in CreateManagedLoginBranding."""

    branding_id: str
    pool_id: str
    client_id: str
    definition: dict[str, Any]
    created: float
    modified: float


def create_branding(
    connection: sqlite3.Connection, pool: UserPool, client_id: str, definition: Mapping[str, Any]
) -> Branding:
    """Give a client its style.

    Raises:
        AwsError: ManagedLoginBrandingExistsException.
    """
    if branding_of_client(connection, pool, client_id) is not None:
        raise AwsError(
            "ManagedLoginBrandingExistsException", "A managed login branding already exists for this app client."
        )
    now, branding_id = moment_of(connection, pool.account).account, str(uuid.uuid4())
    connection.execute(
        "INSERT INTO user_pool_branding (branding_id, pool_id, client_id, account, definition, created, modified)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (branding_id, pool.pool_id, client_id, pool.account, json.dumps(dict(definition)), now, now),
    )
    return find_branding(connection, pool, branding_id)


def branding_of_client(connection: sqlite3.Connection, pool: UserPool, client_id: str) -> Branding | None:
    """A client's style."""
    row = connection.execute(
        "SELECT * FROM user_pool_branding WHERE pool_id = ? AND client_id = ?", (pool.pool_id, client_id)
    ).fetchone()
    return _branding(row) if row else None


def find_branding(connection: sqlite3.Connection, pool: UserPool, branding_id: str) -> Branding:
    """The style of that ID.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    row = connection.execute(
        "SELECT * FROM user_pool_branding WHERE pool_id = ? AND branding_id = ?", (pool.pool_id, branding_id)
    ).fetchone()
    if row is None:
        raise branding_not_found()
    return _branding(row)


def branding_not_found() -> AwsError:
    return AwsError("ResourceNotFoundException", "The managed login branding does not exist.")


def change_branding(
    connection: sqlite3.Connection, pool: UserPool, branding: Branding, definition: Mapping[str, Any]
) -> None:
    """Replace the style's members."""
    connection.execute(
        "UPDATE user_pool_branding SET definition = ?, modified = ? WHERE branding_id = ?",
        (json.dumps(dict(definition)), moment_of(connection, pool.account).account, branding.branding_id),
    )


def delete_branding(connection: sqlite3.Connection, branding: Branding) -> None:
    connection.execute("DELETE FROM user_pool_branding WHERE branding_id = ?", (branding.branding_id,))


def _branding(row: sqlite3.Row) -> Branding:
    return Branding(
        row["branding_id"],
        row["pool_id"],
        row["client_id"],
        json.loads(row["definition"]),
        row["created"],
        row["modified"],
    )
