"""The domains of managed logins: a prefix is one pool's in its region."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.user_pools.pools import UserPool, find_pool
from sandbox.user_pools.refusals import invalid_parameter


@dataclass(frozen=True, slots=True)
class Domain:
    """The address of a pool's managed login. `name`: the prefix, or the whole of a custom domain."""

    name: str
    pool_id: str
    account: str
    region: str
    definition: dict[str, Any]


def find_domain(connection: sqlite3.Connection, region: str, name: str) -> Domain | None:
    """The domain of that prefix, in whichever account: a prefix is one pool's in its region."""
    row = connection.execute(
        "SELECT * FROM user_pool_domain WHERE region = ? AND domain = ?", (region, name)
    ).fetchone()
    return _domain(row) if row else None


def domain_of(connection: sqlite3.Connection, pool: UserPool) -> Domain | None:
    """A pool's domain."""
    row = connection.execute(
        "SELECT * FROM user_pool_domain WHERE pool_id = ? ORDER BY domain LIMIT 1", (pool.pool_id,)
    ).fetchone()
    return _domain(row) if row else None


def pool_of_domain(connection: sqlite3.Connection, region: str, name: str) -> UserPool | None:
    """The pool whose managed login has that domain."""
    domain = find_domain(connection, region, name)
    return find_pool(connection, domain.pool_id) if domain else None


def create_domain(
    connection: sqlite3.Connection, pool: UserPool, name: str, definition: Mapping[str, Any] | None = None
) -> Domain:
    """Give a pool a domain.

    Raises:
        AwsError: InvalidParameterException: another pool has it, or the pool has one.
    """
    if find_domain(connection, pool.region, name) is not None:
        raise invalid_parameter("Domain already associated with another user pool.")
    if domain_of(connection, pool) is not None:
        raise invalid_parameter("User pool already has a domain configured.")
    connection.execute(
        "INSERT INTO user_pool_domain (region, domain, pool_id, account, definition) VALUES (?, ?, ?, ?, ?)",
        (pool.region, name, pool.pool_id, pool.account, json.dumps(dict(definition or {}))),
    )
    return Domain(name, pool.pool_id, pool.account, pool.region, dict(definition or {}))


def delete_domain(connection: sqlite3.Connection, domain: Domain) -> None:
    connection.execute("DELETE FROM user_pool_domain WHERE region = ? AND domain = ?", (domain.region, domain.name))


def _domain(row: sqlite3.Row) -> Domain:
    return Domain(row["domain"], row["pool_id"], row["account"], row["region"], json.loads(row["definition"]))


def change_domain(connection: sqlite3.Connection, domain: Domain, definition: Mapping[str, Any]) -> None:
    """Replace the domain's members."""
    connection.execute(
        "UPDATE user_pool_domain SET definition = ? WHERE region = ? AND domain = ?",
        (json.dumps(dict(definition)), domain.region, domain.name),
    )
