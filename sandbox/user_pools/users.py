"""The users of a pool, and under which names they are found."""

import json
import sqlite3
import unicodedata
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sandbox.core.clock import moment_of
from sandbox.core.errors import AwsError
from sandbox.user_pools.attributes import VERIFIED, checked
from sandbox.user_pools.pools import UserPool
from sandbox.user_pools.refusals import alias_exists, user_not_found
from sandbox.user_pools.srp import Verifier

UNCONFIRMED, CONFIRMED = "UNCONFIRMED", "CONFIRMED"
FORCE_CHANGE_PASSWORD, RESET_REQUIRED = "FORCE_CHANGE_PASSWORD", "RESET_REQUIRED"


@dataclass(frozen=True, slots=True)
class User:
    """One user.

    Attributes:
        username: what SRP and tokens know the user by; never changes. Where people sign up with an e-mail address or a
            phone number, it is their `sub`.
        attributes: name -> text, without `sub`.
        verifier: of the password; None where there is none yet.
        password_set: epoch seconds on the account's clock, as the other times.
    """

    pool_id: str
    account: str
    region: str
    sub: str
    username: str
    attributes: dict[str, str]
    status: str
    enabled: bool
    verifier: Verifier | None
    password_set: float
    created: float
    modified: float
    sequence: int

    def is_verified(self, attribute: str) -> bool:
        """Whether an e-mail address or a phone number is there and proved."""
        return bool(self.attributes.get(attribute)) and self.attributes.get(VERIFIED[attribute]) == "true"


def find_user(connection: sqlite3.Connection, pool: UserPool, name: str) -> User | None:
    """The user of that user name, else of that alias, else of that `sub`."""
    folded = pool.folded(name)
    row = connection.execute(
        "SELECT * FROM user_pool_user WHERE pool_id = ? AND username = ?", (pool.pool_id, folded)
    ).fetchone()
    if row:
        return user_of_row(row)
    for attribute in (*pool.alias_attributes, *pool.username_attributes):
        owner = _owner(connection, pool, attribute, folded)
        if owner:
            return user_by_sub(connection, pool.pool_id, owner)
    return user_by_sub(connection, pool.pool_id, name)


def user_in(connection: sqlite3.Connection, pool: UserPool, name: str) -> User:
    """As `find_user`.

    Raises:
        AwsError: UserNotFoundException.
    """
    user = find_user(connection, pool, name)
    if user is None:
        raise user_not_found()
    return user


def user_by_sub(connection: sqlite3.Connection, pool_id: str, sub: str) -> User | None:
    row = connection.execute("SELECT * FROM user_pool_user WHERE pool_id = ? AND sub = ?", (pool_id, sub)).fetchone()
    return user_of_row(row) if row else None


def username_of(pool: UserPool, name: str, sub: str) -> str:
    """The user name of whoever is made with this name and this `sub`."""
    return sub if pool.username_attributes else pool.folded(name)


def create_user(
    connection: sqlite3.Connection,
    pool: UserPool,
    name: str,
    attributes: Mapping[str, str],
    *,
    status: str,
    exists: str = "User already exists",
    sub: str = "",
    force_alias: bool = False,
) -> User:
    """Make a user without a password. Several statements: to be called inside a transaction.

    Args:
        name: the user name as it was asked for; an e-mail address or a phone number where the pool has those instead.
        exists: the sentence of the refusal, which sign-up and administrators hear in different words.
        sub: made at random unless given.
        force_alias: take verified aliases from whoever has them.

    Raises:
        AwsError: UsernameExistsException, AliasExistsException, InvalidParameterException.
    """
    sub = sub or str(uuid.uuid4())
    username, attributes = _named(connection, pool, name, sub, attributes, exists)
    now = moment_of(connection, pool.account).account
    try:
        connection.execute(
            "INSERT INTO user_pool_user"
            " (pool_id, sub, account, region, username, attributes, status, created, modified)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                pool.pool_id,
                sub,
                pool.account,
                pool.region,
                username,
                json.dumps(attributes),
                status,
                now,
                now,
            ),
        )
    except sqlite3.IntegrityError:
        raise AwsError("UsernameExistsException", exists) from None
    user = user_by_sub(connection, pool.pool_id, sub)
    assert user is not None
    renew_aliases(connection, pool, user, force=force_alias)
    return user


def _named(
    connection: sqlite3.Connection, pool: UserPool, name: str, sub: str, attributes: Mapping[str, str], exists: str
) -> tuple[str, dict[str, str]]:
    """The user name that a new user of that name has, and the attributes with what the name says.

    Raises:
        AwsError: somebody has it, or it is none.
    """
    _check_characters(name)
    # Where case does not count, the name that tokens carry is the one in lower case.
    username = username_of(pool, name, sub)
    if not pool.username_attributes:
        _check_looks(pool, "Username", name)
        if find_user(connection, pool, username) is not None:
            raise AwsError("UsernameExistsException", exists)
        return username, dict(attributes)
    attribute = _attribute_of_name(pool, name)
    whole = {**checked(pool, [{"Name": attribute, "Value": name}], new=True), **attributes}
    if _owner(connection, pool, attribute, pool.folded(whole[attribute])):
        raise AwsError("UsernameExistsException", f"An account with the given {attribute} already exists.")
    return username, whole


def change_user(
    connection: sqlite3.Connection,
    user: User,
    *,
    attributes: Mapping[str, str] | None = None,
    status: str | None = None,
    enabled: bool | None = None,
    modified: float | None = None,
) -> User:
    """Replace what is given; an attribute whose value is empty goes. Aliases are `renew_aliases`'s.

    Args:
        modified: now, unless given.
    """
    kept = user.attributes if attributes is None else {name: value for name, value in attributes.items() if value}
    changed = replace(
        user,
        attributes=dict(kept),
        status=user.status if status is None else status,
        enabled=user.enabled if enabled is None else enabled,
        modified=moment_of(connection, user.account).account if modified is None else modified,
    )
    connection.execute(
        "UPDATE user_pool_user SET attributes = ?, status = ?, enabled = ?, modified = ? WHERE pool_id = ? AND sub = ?",
        (
            json.dumps(changed.attributes),
            changed.status,
            changed.enabled,
            changed.modified,
            user.pool_id,
            user.sub,
        ),
    )
    return changed


def delete_user(connection: sqlite3.Connection, user: User) -> None:
    """Remove a user with their aliases, memberships, codes and sessions, and end their sign-ins for ever."""
    connection.execute(
        "UPDATE user_pool_grant SET revoked = ? WHERE pool_id = ? AND sub = ? AND revoked IS NULL",
        (moment_of(connection, user.account).account, user.pool_id, user.sub),
    )
    for table in ("user_pool_alias", "user_pool_membership", "user_pool_code", "user_pool_session", "user_pool_user"):
        connection.execute(
            f"DELETE FROM {table} WHERE pool_id = ? AND sub = ?",  # noqa: S608 (our own names)
            (user.pool_id, user.sub),
        )


def renew_aliases(connection: sqlite3.Connection, pool: UserPool, user: User, *, force: bool = False) -> None:
    """Have the user found by what their attributes now say.

    An alias counts once it is verified, a preferred user name once the user is confirmed; where people sign up with an
    e-mail address or a phone number it counts from the beginning (Developer Guide, "Customizing sign-in attributes").

    Args:
        force: take the alias from whoever has it, whose attribute is unverified then (ForceAliasCreation).

    Raises:
        AwsError: AliasExistsException; InvalidParameterException for a preferred user name that looks like an address.
    """
    wanted = dict(_aliases(pool, user))
    for attribute, value in wanted.items():
        owner = _owner(connection, pool, attribute, value)
        if owner and owner != user.sub:
            if not force or attribute not in VERIFIED:
                raise alias_exists(attribute)
            _lose_alias(connection, pool, owner, attribute)
        if attribute not in VERIFIED and owner is None:
            # A preferred user name is chosen freely: nobody else may be known by it.
            _check_looks(pool, "Preferred username", value)
            known = find_user(connection, pool, value)
            if known is not None and known.sub != user.sub:
                raise alias_exists(attribute)
    connection.execute("DELETE FROM user_pool_alias WHERE pool_id = ? AND sub = ?", (pool.pool_id, user.sub))
    connection.executemany(
        "INSERT INTO user_pool_alias (pool_id, attribute, value, sub, account) VALUES (?, ?, ?, ?, ?)",
        [(pool.pool_id, attribute, value, user.sub, pool.account) for attribute, value in wanted.items()],
    )


def _aliases(pool: UserPool, user: User) -> Iterable[tuple[str, str]]:
    for attribute in pool.username_attributes:
        if user.attributes.get(attribute):
            yield attribute, pool.folded(user.attributes[attribute])
    for attribute in pool.alias_attributes:
        value = user.attributes.get(attribute)
        counts = user.is_verified(attribute) if attribute in VERIFIED else user.status != UNCONFIRMED
        if value and counts:
            yield attribute, pool.folded(value)


def _lose_alias(connection: sqlite3.Connection, pool: UserPool, sub: str, attribute: str) -> None:
    loser = user_by_sub(connection, pool.pool_id, sub)
    if loser is not None:
        change_user(connection, loser, attributes={**loser.attributes, VERIFIED[attribute]: "false"})
    connection.execute(
        "DELETE FROM user_pool_alias WHERE pool_id = ? AND sub = ? AND attribute = ?", (pool.pool_id, sub, attribute)
    )


def _owner(connection: sqlite3.Connection, pool: UserPool, attribute: str, folded: str) -> str | None:
    row = connection.execute(
        "SELECT sub FROM user_pool_alias WHERE pool_id = ? AND attribute = ? AND value = ?",
        (pool.pool_id, attribute, folded),
    ).fetchone()
    return row["sub"] if row else None


def _check_characters(name: str) -> None:
    """Hold names to the API's UsernameType, from wherever they come: blanks and characters that nobody sees would make
    two names look alike."""
    if not 1 <= len(name) <= 128 or any(unicodedata.category(character)[0] not in "LMSNP" for character in name):
        told = "A user name has at most 128 letters, digits, signs and symbols, and no blanks."
        raise AwsError("InvalidParameterException", told)


def _check_looks(pool: UserPool, kind: str, name: str) -> None:
    """A name must not look like an alias, or one person could be found under another's address."""
    if "email" in pool.alias_attributes and "@" in name:
        told = f"{kind} cannot be of email format, since user pool is configured for email alias."
        raise AwsError("InvalidParameterException", told)
    if "phone_number" in pool.alias_attributes and name.startswith("+"):
        told = f"{kind} cannot be of phone number format, since user pool is configured for phone number alias."
        raise AwsError("InvalidParameterException", told)


def _attribute_of_name(pool: UserPool, name: str) -> str:
    if "email" in pool.username_attributes and "@" in name:
        return "email"
    if "phone_number" in pool.username_attributes and name.startswith("+"):
        return "phone_number"
    kinds = {"email": "an email", "phone_number": "a phone number"}
    told = " or ".join(kinds[attribute] for attribute in sorted(pool.username_attributes))
    if len(pool.username_attributes) > 1:
        told = f"either {told}"
    raise AwsError("InvalidParameterException", f"Username should be {told}.")


def user_of_row(row: sqlite3.Row) -> User:
    return User(
        row["pool_id"],
        row["account"],
        row["region"],
        row["sub"],
        row["username"],
        json.loads(row["attributes"]),
        row["status"],
        bool(row["enabled"]),
        Verifier(row["salt"], row["verifier"]) if row["verifier"] else None,
        row["password_set"] or 0.0,
        row["created"],
        row["modified"],
        row["sequence"],
    )
