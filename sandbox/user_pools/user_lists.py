"""Users in pages: ListUsers with its filter, and the members of a group."""

import re
import sqlite3

from sandbox.user_pools.pools import UserPool
from sandbox.user_pools.refusals import invalid_parameter
from sandbox.user_pools.users import User, user_of_row

# https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-manage-user-accounts.html
_FILTER = re.compile(r'\s*"?([\w:]+)"?\s*(=|\^=)\s*"((?:[^"\\]|\\.)*)"\s*')
_COLUMNS = {"username": "username", "sub": "sub", "cognito:user_status": "status", "status": "enabled"}
_ATTRIBUTES = ("email", "phone_number", "name", "given_name", "family_name", "preferred_username")


def list_users(
    connection: sqlite3.Connection, pool: UserPool, *, wanted: str = "", after: int = 0, limit: int = 60
) -> list[User]:
    """Users in the order of their making.

    Args:
        wanted: a filter such as `email ^= "ana@"`.

    Raises:
        AwsError: InvalidParameterException: not a filter, or not an attribute that can be searched.
    """
    condition, value = _condition(pool, wanted) if wanted.strip() else ("1", None)
    rows = connection.execute(
        f"SELECT * FROM user_pool_user WHERE pool_id = ? AND sequence > ? AND {condition}"  # noqa: S608 (see _condition)
        " ORDER BY sequence LIMIT ?",
        (pool.pool_id, after, *([] if value is None else [value]), limit),
    )
    return [user_of_row(row) for row in rows]


def list_members(
    connection: sqlite3.Connection, pool: UserPool, group: str, *, after: int = 0, limit: int = 60
) -> list[User]:
    """The users of a group."""
    rows = connection.execute(
        "SELECT user_pool_user.* FROM user_pool_membership JOIN user_pool_user USING (pool_id, sub)"
        " WHERE pool_id = ? AND name = ? AND sequence > ? ORDER BY sequence LIMIT ?",
        (pool.pool_id, group, after, limit),
    )
    return [user_of_row(row) for row in rows]


def count_users(connection: sqlite3.Connection, pool: UserPool) -> int:
    return int(
        connection.execute("SELECT count(*) FROM user_pool_user WHERE pool_id = ?", (pool.pool_id,)).fetchone()[0]
    )


def _condition(pool: UserPool, wanted: str) -> tuple[str, str | int]:
    """SQL with one parameter. Only names from the lists above get into it."""
    match = _FILTER.fullmatch(wanted)
    if match is None:
        raise invalid_parameter("Error while parsing filter.")
    name, operator, text = match[1], match[2], re.sub(r"\\(.)", r"\1", match[3])
    if name == "status":
        if operator != "=" or text not in ("Enabled", "Disabled"):
            raise invalid_parameter("Error while parsing filter.")
        return "enabled = ?", int(text == "Enabled")
    if name in _COLUMNS:
        subject = _COLUMNS[name]
    elif name in _ATTRIBUTES:
        subject = f"json_extract(attributes, '$.{name}')"
    else:
        raise invalid_parameter(f"Invalid search attribute: {name}")
    if not pool.case_sensitive and name not in ("sub", "cognito:user_status"):
        subject, text = f"lower({subject})", text.lower()
    return (f"{subject} = ?", text) if operator == "=" else (f"substr({subject}, 1, {len(text)}) = ?", text)
