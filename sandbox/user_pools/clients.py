"""The app clients of pools: found by index, whoever's they are."""

import json
import secrets
import sqlite3
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.core.clock import moment_of
from sandbox.core.store import atomic
from sandbox.user_pools.pools import UserPool, find_pool
from sandbox.user_pools.refusals import client_not_found

_LETTERS = string.ascii_lowercase + string.digits
_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400}


@dataclass(frozen=True, slots=True)
class Client:
    """One app client. `definition`: members as in CreateUserPoolClient; `secret` is empty for a public client."""

    client_id: str
    pool_id: str
    account: str
    region: str
    secret: str
    definition: dict[str, Any]
    created: float = 0.0
    modified: float = 0.0
    sequence: int = 0

    @property
    def name(self) -> str:
        return str(self.definition.get("ClientName", ""))

    @property
    def hides_users(self) -> bool:
        """PreventUserExistenceErrors: nobody learns from this client who has an account (legacy unless enabled)."""
        return bool(self.definition.get("PreventUserExistenceErrors") == "ENABLED")

    @property
    def revokes_tokens(self) -> bool:
        return self.definition.get("EnableTokenRevocation") is not False

    @property
    def rotates(self) -> bool:
        """Whether each refresh yields a new refresh token."""
        return bool((self.definition.get("RefreshTokenRotation") or {}).get("Feature") == "ENABLED")

    @property
    def rotation_grace(self) -> int:
        """Seconds for which a refresh token is good after another has taken its place."""
        return int((self.definition.get("RefreshTokenRotation") or {}).get("RetryGracePeriodSeconds") or 0)

    def seconds(self, kind: str) -> int:
        """Life of a token: of `Access` and `Id` an hour, of `Refresh` thirty days, unless the client says otherwise.

        CreateUserPoolClient, TokenValidityUnits: hours by default, and days for refresh tokens.
        """
        unit = (self.definition.get("TokenValidityUnits") or {}).get(
            f"{kind}Token", "days" if kind == "Refresh" else "hours"
        )
        given = int(self.definition.get(f"{kind}TokenValidity") or 0)
        return given * _SECONDS[unit] if given else (30 * 86_400 if kind == "Refresh" else 3600)


def find_client(connection: sqlite3.Connection, client_id: str) -> Client | None:
    """The client of that id, in whichever pool."""
    row = connection.execute("SELECT * FROM user_pool_client WHERE client_id = ?", (client_id,)).fetchone()
    return _client(row) if row else None


def client_and_pool(connection: sqlite3.Connection, client_id: str) -> tuple[Client, UserPool]:
    """A client and its pool, for calls that name nothing else.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    client = find_client(connection, client_id)
    pool = find_pool(connection, client.pool_id) if client else None
    if client is None or pool is None:
        raise client_not_found(client_id)
    return client, pool


def client_of(connection: sqlite3.Connection, pool: UserPool, client_id: str) -> Client:
    """The client of that id of a pool.

    Raises:
        AwsError: ResourceNotFoundException, for another pool's client as well.
    """
    client = find_client(connection, client_id)
    if client is None or client.pool_id != pool.pool_id:
        raise client_not_found(client_id)
    return client


def list_clients(connection: sqlite3.Connection, pool: UserPool, *, after: int = 0, limit: int = 1000) -> list[Client]:
    rows = connection.execute(
        "SELECT * FROM user_pool_client WHERE pool_id = ? AND sequence > ? ORDER BY sequence LIMIT ?",
        (pool.pool_id, after, limit),
    )
    return [_client(row) for row in rows]


def create_client(
    connection: sqlite3.Connection,
    pool: UserPool,
    definition: Mapping[str, Any],
    *,
    client_id: str = "",
    secret: str = "",
) -> Client:
    """Make a client; with a secret where `GenerateSecret` is among the members, or where one is given."""
    client_id = client_id or "".join(secrets.choice(_LETTERS) for _ in range(26))
    if definition.get("GenerateSecret") and not secret:
        secret = "".join(secrets.choice(_LETTERS) for _ in range(51))
    members = {name: value for name, value in definition.items() if name != "GenerateSecret"}
    now = moment_of(connection, pool.account).account
    connection.execute(
        "INSERT INTO user_pool_client (client_id, pool_id, account, region, secret, definition, created, modified)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (client_id, pool.pool_id, pool.account, pool.region, secret, json.dumps(members), now, now),
    )
    return client_of(connection, pool, client_id)


def change_client(connection: sqlite3.Connection, client: Client, definition: Mapping[str, Any]) -> None:
    """Replace the client's members."""
    connection.execute(
        "UPDATE user_pool_client SET definition = ?, modified = ? WHERE client_id = ?",
        (json.dumps(dict(definition)), moment_of(connection, client.account).account, client.client_id),
    )


def move_client(connection: sqlite3.Connection, client: Client, pool: UserPool) -> None:
    """Make a client one of another pool of its account. Sign-ins that were made through it end."""
    with atomic(connection):
        _forget_sign_ins(connection, client)
        connection.execute(
            "UPDATE user_pool_client SET pool_id = ?, region = ? WHERE client_id = ? AND account = ?",
            (pool.pool_id, pool.region, client.client_id, pool.account),
        )


def delete_client(connection: sqlite3.Connection, client: Client) -> None:
    """Remove a client, and with it the sign-ins that were made through it."""
    with atomic(connection):
        _forget_sign_ins(connection, client)
        connection.execute("DELETE FROM user_pool_branding WHERE client_id = ?", (client.client_id,))
        connection.execute("DELETE FROM user_pool_client WHERE client_id = ?", (client.client_id,))


def _forget_sign_ins(connection: sqlite3.Connection, client: Client) -> None:
    connection.execute(
        "DELETE FROM user_pool_refresh_token WHERE origin_jti IN"
        " (SELECT origin_jti FROM user_pool_grant WHERE pool_id = ? AND client_id = ?)",
        (client.pool_id, client.client_id),
    )
    for table in ("user_pool_grant", "user_pool_challenge"):
        connection.execute(
            f"DELETE FROM {table} WHERE pool_id = ? AND client_id = ?",  # noqa: S608 (our own names)
            (client.pool_id, client.client_id),
        )


def _client(row: sqlite3.Row) -> Client:
    return Client(
        row["client_id"],
        row["pool_id"],
        row["account"],
        row["region"],
        row["secret"],
        json.loads(row["definition"]),
        row["created"],
        row["modified"],
        row["sequence"],
    )
