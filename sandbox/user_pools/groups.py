"""The groups of a pool, who is in them, and which roles that gives.

Developer Guide, "Role-based access control": the preferred role is that of the group with the lowest precedence; where
two groups tie for it with different roles, the token names none.
"""

import sqlite3
from dataclasses import dataclass
from typing import Any

from sandbox.core.clock import moment_of
from sandbox.core.errors import AwsError
from sandbox.user_pools.pools import UserPool
from sandbox.user_pools.refusals import group_not_found
from sandbox.user_pools.users import User

_UNRANKED = float("inf")


@dataclass(frozen=True, slots=True)
class Group:
    """One group. The lowest precedence is the best, and None is worse than any."""

    pool_id: str
    name: str
    description: str
    role_arn: str
    precedence: int | None
    created: float
    modified: float

    @property
    def rank(self) -> tuple[float, float, str]:
        return (_UNRANKED if self.precedence is None else self.precedence, self.created, self.name)


def find_group(connection: sqlite3.Connection, pool: UserPool, name: str) -> Group:
    """The group of that name.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    row = connection.execute(
        "SELECT * FROM user_pool_group WHERE pool_id = ? AND name = ?", (pool.pool_id, name)
    ).fetchone()
    if row is None:
        raise group_not_found()
    return _group(row)


def list_groups(connection: sqlite3.Connection, pool: UserPool) -> list[Group]:
    rows = connection.execute("SELECT * FROM user_pool_group WHERE pool_id = ? ORDER BY name", (pool.pool_id,))
    return [_group(row) for row in rows]


def create_group(
    connection: sqlite3.Connection,
    pool: UserPool,
    name: str,
    *,
    description: str = "",
    role_arn: str = "",
    precedence: int | None = None,
) -> Group:
    """Make a group.

    Raises:
        AwsError: GroupExistsException.
    """
    now = moment_of(connection, pool.account).account
    try:
        connection.execute(
            "INSERT INTO user_pool_group"
            " (pool_id, name, account, region, description, role_arn, precedence, created, modified)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (pool.pool_id, name, pool.account, pool.region, description, role_arn, precedence, now, now),
        )
    except sqlite3.IntegrityError:
        raise AwsError("GroupExistsException", "A group with the name already exists.") from None
    return find_group(connection, pool, name)


def change_group(
    connection: sqlite3.Connection,
    pool: UserPool,
    name: str,
    *,
    description: str | None = None,
    role_arn: str | None = None,
    precedence: int | None = None,
) -> Group:
    """Replace what is given; the rest stays.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    group = find_group(connection, pool, name)
    connection.execute(
        "UPDATE user_pool_group SET description = ?, role_arn = ?, precedence = ?, modified = ?"
        " WHERE pool_id = ? AND name = ?",
        (
            group.description if description is None else description,
            group.role_arn if role_arn is None else role_arn,
            group.precedence if precedence is None else precedence,
            moment_of(connection, pool.account).account,
            pool.pool_id,
            name,
        ),
    )
    return find_group(connection, pool, name)


def delete_group(connection: sqlite3.Connection, pool: UserPool, name: str) -> None:
    """Remove a group; its members stay in the pool.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    find_group(connection, pool, name)
    for table in ("user_pool_membership", "user_pool_group"):
        connection.execute(
            f"DELETE FROM {table} WHERE pool_id = ? AND name = ?",  # noqa: S608 (our own names)
            (pool.pool_id, name),
        )


def add_to_group(connection: sqlite3.Connection, user: User, group: Group) -> None:
    connection.execute(
        "INSERT OR IGNORE INTO user_pool_membership (pool_id, sub, name, account) VALUES (?, ?, ?, ?)",
        (user.pool_id, user.sub, group.name, user.account),
    )


def remove_from_group(connection: sqlite3.Connection, user: User, group: Group) -> None:
    connection.execute(
        "DELETE FROM user_pool_membership WHERE pool_id = ? AND sub = ? AND name = ?",
        (user.pool_id, user.sub, group.name),
    )


def groups_of(connection: sqlite3.Connection, user: User) -> list[Group]:
    """The user's groups, best precedence first."""
    rows = connection.execute(
        "SELECT user_pool_group.* FROM user_pool_membership JOIN user_pool_group USING (pool_id, name)"
        " WHERE pool_id = ? AND sub = ?",
        (user.pool_id, user.sub),
    )
    return sorted((_group(row) for row in rows), key=lambda group: group.rank)


def group_claims(groups: list[Group]) -> dict[str, Any]:
    """What an ID token says of groups and their roles; nothing for somebody in none."""
    if not groups:
        return {}
    claims: dict[str, Any] = {"cognito:groups": [group.name for group in groups]}
    roles = list(dict.fromkeys(group.role_arn for group in groups if group.role_arn))
    if roles:
        ranked = [group for group in groups if group.role_arn]
        best = {group.role_arn for group in ranked if group.precedence == ranked[0].precedence}
        claims["cognito:roles"] = roles
        if len(best) == 1:
            claims["cognito:preferred_role"] = best.pop()
    return claims


def _group(row: sqlite3.Row) -> Group:
    return Group(
        row["pool_id"],
        row["name"],
        row["description"],
        row["role_arn"],
        row["precedence"],
        row["created"],
        row["modified"],
    )
