"""Challenges: what a sign-in waits for, as rows that are good once, for one client, and for a few minutes."""

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Mapping
from typing import Any

from sandbox.core.clock import moment_of
from sandbox.user_pools.clients import Client
from sandbox.user_pools.refusals import invalid_session

_SRP_SECONDS = 180  # AuthSessionValidity: three minutes unless the client says otherwise


def open_challenge(connection: sqlite3.Connection, client: Client, name: str, state: Mapping[str, Any]) -> bytes:
    """Write a challenge down; the secret by which it is found, once."""
    now = moment_of(connection, client.account).account
    connection.execute("DELETE FROM user_pool_challenge WHERE expires < ?", (now,))
    secret = secrets.token_bytes(768)  # about as long as the real ones
    minutes = int(client.definition.get("AuthSessionValidity") or 0)
    connection.execute(
        "INSERT INTO user_pool_challenge (digest, pool_id, client_id, account, name, state, expires)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            _digest(secret),
            client.pool_id,
            client.client_id,
            client.account,
            name,
            json.dumps(dict(state)),
            now + (minutes * 60 or _SRP_SECONDS),
        ),
    )
    return secret


def take_challenge(connection: sqlite3.Connection, client: Client, name: str, secret: bytes) -> dict[str, Any]:
    """The state of a challenge, which is over with this. Not to be called inside a transaction.

    Raises:
        AwsError: NotAuthorizedException: unknown, answered already, too late, another client's, or of another kind.
    """
    row = connection.execute(
        "DELETE FROM user_pool_challenge WHERE digest = ? AND client_id = ? AND pool_id = ? AND name = ?"
        " RETURNING state, expires",
        (_digest(secret), client.client_id, client.pool_id, name),
    ).fetchone()
    if row is None or row["expires"] <= moment_of(connection, client.account).account:
        raise invalid_session()
    state: dict[str, Any] = json.loads(row["state"])
    return state


def _digest(secret: bytes) -> str:
    return hashlib.sha256(secret).hexdigest()
