"""Pools: found by index, whoever's they are."""

import json
import secrets
import sqlite3
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.core.clock import moment_of
from sandbox.core.store import tables_with
from sandbox.user_pools.refusals import pool_not_found

_POOL_LETTERS = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class UserPool:
    """One user pool.

    Attributes:
        definition: members as in CreateUserPool; `Schema` has the attributes besides the standard ones, and those
            standard ones that were changed.
        created, modified: epoch seconds on the account's clock.
    """

    pool_id: str
    account: str
    region: str
    name: str
    definition: dict[str, Any]
    tags: dict[str, str] = field(default_factory=dict)
    created: float = 0.0
    modified: float = 0.0
    sequence: int = 0

    @property
    def provider_name(self) -> str:
        """The key of a Logins map, which is the issuer without its scheme."""
        return f"cognito-idp.{self.region}.amazonaws.com/{self.pool_id}"

    @property
    def issuer(self) -> str:
        return f"https://{self.provider_name}"

    @property
    def arn(self) -> str:
        return f"arn:aws:cognito-idp:{self.region}:{self.account}:userpool/{self.pool_id}"

    @property
    def case_sensitive(self) -> bool:
        return bool((self.definition.get("UsernameConfiguration") or {}).get("CaseSensitive"))

    @property
    def username_attributes(self) -> tuple[str, ...]:
        """`email` or `phone_number`, where people sign up with one in place of a user name."""
        return tuple(self.definition.get("UsernameAttributes") or ())

    @property
    def alias_attributes(self) -> tuple[str, ...]:
        """What people may sign in with besides their user name."""
        return tuple(self.definition.get("AliasAttributes") or ())

    def folded(self, name: str) -> str:
        """A name as it is looked up."""
        return name if self.case_sensitive else name.lower()


def find_pool(connection: sqlite3.Connection, pool_id: str) -> UserPool | None:
    """The pool of that id, in whichever account."""
    row = connection.execute("SELECT * FROM user_pool WHERE pool_id = ?", (pool_id,)).fetchone()
    return _pool(row) if row else None


def pool_in(connection: sqlite3.Connection, account: str, region: str, pool_id: str) -> UserPool:
    """The pool of that id of an account.

    Raises:
        AwsError: ResourceNotFoundException, for another account's or region's pool as well.
    """
    pool = find_pool(connection, pool_id)
    if pool is None or pool.account != account or pool.region != region:
        raise pool_not_found(pool_id)
    return pool


def list_pools(
    connection: sqlite3.Connection, account: str, region: str, *, after: int = 0, limit: int = 60
) -> list[UserPool]:
    rows = connection.execute(
        "SELECT * FROM user_pool WHERE account = ? AND region = ? AND sequence > ? ORDER BY sequence LIMIT ?",
        (account, region, after, limit),
    )
    return [_pool(row) for row in rows]


def create_pool(
    connection: sqlite3.Connection,
    account: str,
    region: str,
    definition: Mapping[str, Any],
    *,
    pool_id: str = "",
    tags: Mapping[str, str] | None = None,
) -> UserPool:
    """Make a pool.

    Args:
        definition: members as in CreateUserPool, PoolName among them.
        pool_id: made at random unless given.
    """
    pool_id = pool_id or f"{region}_{''.join(secrets.choice(_POOL_LETTERS) for _ in range(9))}"
    members = {name: value for name, value in definition.items() if name not in ("PoolName", "UserPoolTags")}
    now = moment_of(connection, account).account
    connection.execute(
        "INSERT INTO user_pool (pool_id, account, region, name, definition, tags, created, modified)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            pool_id,
            account,
            region,
            definition["PoolName"],
            json.dumps(members),
            json.dumps(dict(tags or {})),
            now,
            now,
        ),
    )
    found = find_pool(connection, pool_id)
    assert found is not None
    return found


def change_pool(
    connection: sqlite3.Connection,
    pool: UserPool,
    *,
    name: str | None = None,
    definition: Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
) -> None:
    """Replace what is given; the rest stays."""
    connection.execute(
        "UPDATE user_pool SET name = ?, definition = ?, tags = ?, modified = ? WHERE pool_id = ?",
        (
            pool.name if name is None else name,
            json.dumps(pool.definition if definition is None else dict(definition)),
            json.dumps(pool.tags if tags is None else dict(tags)),
            moment_of(connection, pool.account).account,
            pool.pool_id,
        ),
    )


def delete_pool(connection: sqlite3.Connection, pool: UserPool) -> None:
    """Remove a pool with everything in it. Its messages stay in the mailbox, and its keys with the account."""
    connection.execute(
        "DELETE FROM user_pool_refresh_token WHERE origin_jti IN"
        " (SELECT origin_jti FROM user_pool_grant WHERE pool_id = ?)",
        (pool.pool_id,),
    )
    for table in tables_with(connection, "pool_id"):
        if table.startswith("user_pool") and table != "user_pool_message":
            connection.execute(f"DELETE FROM {table} WHERE pool_id = ?", (pool.pool_id,))  # noqa: S608 (our own names)


def _pool(row: sqlite3.Row) -> UserPool:
    return UserPool(
        row["pool_id"],
        row["account"],
        row["region"],
        row["name"],
        json.loads(row["definition"]),
        json.loads(row["tags"]),
        row["created"],
        row["modified"],
        row["sequence"],
    )
