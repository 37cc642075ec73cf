"""Resource servers and identity providers of a pool, as they are kept."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.core.clock import moment_of
from sandbox.core.errors import AwsError
from sandbox.user_pools.pools import UserPool
from sandbox.user_pools.refusals import invalid_parameter


@dataclass(frozen=True, slots=True)
class ResourceServer:
    """An API whose scopes the pool's access tokens may carry. `scopes`: ScopeName and ScopeDescription each."""

    pool_id: str
    identifier: str
    name: str
    scopes: list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """A provider that people of the pool could sign in at. `definition`: members as in CreateIdentityProvider."""

    pool_id: str
    name: str
    definition: dict[str, Any]
    created: float
    modified: float


def find_resource_server(connection: sqlite3.Connection, pool: UserPool, identifier: str) -> ResourceServer:
    """The resource server of that identifier.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    row = connection.execute(
        "SELECT * FROM user_pool_resource_server WHERE pool_id = ? AND identifier = ?", (pool.pool_id, identifier)
    ).fetchone()
    if row is None:
        raise AwsError("ResourceNotFoundException", f"Resource server {identifier} does not exist.")
    return _server(row)


def list_resource_servers(connection: sqlite3.Connection, pool: UserPool) -> list[ResourceServer]:
    rows = connection.execute(
        "SELECT * FROM user_pool_resource_server WHERE pool_id = ? ORDER BY identifier", (pool.pool_id,)
    )
    return [_server(row) for row in rows]


def scopes_of_servers(connection: sqlite3.Connection, pool: UserPool) -> set[str]:
    """The scopes of the pool's own APIs as clients ask for them: `IDENTIFIER/NAME`."""
    servers = list_resource_servers(connection, pool)
    return {f"{server.identifier}/{scope['ScopeName']}" for server in servers for scope in server.scopes}


def create_resource_server(connection: sqlite3.Connection, pool: UserPool, server: ResourceServer) -> None:
    """Keep a resource server.

    Raises:
        AwsError: InvalidParameterException: there is one of that identifier.
    """
    try:
        connection.execute(
            "INSERT INTO user_pool_resource_server (pool_id, identifier, account, name, scopes) VALUES (?, ?, ?, ?, ?)",
            (pool.pool_id, server.identifier, pool.account, server.name, json.dumps(server.scopes)),
        )
    except sqlite3.IntegrityError:
        raise invalid_parameter(f"{server.identifier} already exists in user pool {pool.pool_id}.") from None


def change_resource_server(connection: sqlite3.Connection, pool: UserPool, server: ResourceServer) -> None:
    """Replace name and scopes.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    find_resource_server(connection, pool, server.identifier)
    connection.execute(
        "UPDATE user_pool_resource_server SET name = ?, scopes = ? WHERE pool_id = ? AND identifier = ?",
        (server.name, json.dumps(server.scopes), pool.pool_id, server.identifier),
    )


def delete_resource_server(connection: sqlite3.Connection, pool: UserPool, identifier: str) -> None:
    """Remove a resource server.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    find_resource_server(connection, pool, identifier)
    connection.execute(
        "DELETE FROM user_pool_resource_server WHERE pool_id = ? AND identifier = ?", (pool.pool_id, identifier)
    )


def provider_not_found(name: str) -> AwsError:
    return AwsError("ResourceNotFoundException", f"Identity provider {name} does not exist.")


def find_identity_provider(connection: sqlite3.Connection, pool: UserPool, name: str) -> IdentityProvider:
    """The provider of that name.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    row = connection.execute(
        "SELECT * FROM user_pool_identity_provider WHERE pool_id = ? AND name = ?", (pool.pool_id, name)
    ).fetchone()
    if row is None:
        raise provider_not_found(name)
    return _provider(row)


def list_identity_providers(connection: sqlite3.Connection, pool: UserPool) -> list[IdentityProvider]:
    rows = connection.execute(
        "SELECT * FROM user_pool_identity_provider WHERE pool_id = ? ORDER BY name", (pool.pool_id,)
    )
    return [_provider(row) for row in rows]


def create_identity_provider(
    connection: sqlite3.Connection, pool: UserPool, name: str, definition: Mapping[str, Any]
) -> IdentityProvider:
    """Keep a provider.

    Raises:
        AwsError: DuplicateProviderException.
    """
    now = moment_of(connection, pool.account).account
    try:
        connection.execute(
            "INSERT INTO user_pool_identity_provider (pool_id, name, account, definition, created, modified)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (pool.pool_id, name, pool.account, json.dumps(dict(definition)), now, now),
        )
    except sqlite3.IntegrityError:
        raise AwsError(
            "DuplicateProviderException", f"An identity provider of the name {name} exists already."
        ) from None
    return find_identity_provider(connection, pool, name)


def change_identity_provider(
    connection: sqlite3.Connection, pool: UserPool, name: str, changes: Mapping[str, Any]
) -> IdentityProvider:
    """Replace what is given; the rest stays.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    known = find_identity_provider(connection, pool, name)
    connection.execute(
        "UPDATE user_pool_identity_provider SET definition = ?, modified = ? WHERE pool_id = ? AND name = ?",
        (
            json.dumps({**known.definition, **changes}),
            moment_of(connection, pool.account).account,
            pool.pool_id,
            name,
        ),
    )
    return find_identity_provider(connection, pool, name)


def delete_identity_provider(connection: sqlite3.Connection, pool: UserPool, name: str) -> None:
    """Remove a provider.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    find_identity_provider(connection, pool, name)
    connection.execute("DELETE FROM user_pool_identity_provider WHERE pool_id = ? AND name = ?", (pool.pool_id, name))


def _server(row: sqlite3.Row) -> ResourceServer:
    return ResourceServer(row["pool_id"], row["identifier"], row["name"], json.loads(row["scopes"]))


def _provider(row: sqlite3.Row) -> IdentityProvider:
    return IdentityProvider(row["pool_id"], row["name"], json.loads(row["definition"]), row["created"], row["modified"])
