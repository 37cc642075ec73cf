"""Passwords: what a pool's policy asks of them, how they are kept, and whether one is right."""

import re
import secrets
import sqlite3
import string
from typing import Any

from sandbox.core.clock import moment_of
from sandbox.core.errors import AwsError
from sandbox.user_pools import srp
from sandbox.user_pools.codes import void_code
from sandbox.user_pools.login_sessions import end_sessions
from sandbox.user_pools.pools import UserPool
from sandbox.user_pools.refusals import (
    invalid_password,
    not_confirmed,
    reset_required,
    too_many_passwords,
    user_disabled,
    user_not_found,
    wrong_password,
)
from sandbox.user_pools.unknown_users import made_up_password
from sandbox.user_pools.users import FORCE_CHANGE_PASSWORD, RESET_REQUIRED, UNCONFIRMED, User, change_user, find_user

# What a pool has that was made without a policy (API reference, PasswordPolicyType).
DEFAULT_POLICY: dict[str, Any] = {
    "MinimumLength": 8,
    "RequireUppercase": True,
    "RequireLowercase": True,
    "RequireNumbers": True,
    "RequireSymbols": True,
    "TemporaryPasswordValidityDays": 7,
}
_KINDS = (
    ("RequireLowercase", re.compile("[a-z]"), "lowercase"),
    ("RequireUppercase", re.compile("[A-Z]"), "uppercase"),
    ("RequireNumbers", re.compile("[0-9]"), "numeric"),
    ("RequireSymbols", re.compile(r"""[\^$*.\[\]{}()?"!@#%&/\\,><':;|_~`=+\- ]"""), "symbol"),
)
_LONGEST = 256  # API reference, PasswordType
_FREE_TRIES = 5
_LONGEST_LOCK = 900  # seconds; so long a wrong password is remembered as well


def policy_of(pool: UserPool) -> dict[str, Any]:
    """The pool's PasswordPolicy; what it does not ask for is not asked for."""
    return (pool.definition.get("Policies") or {}).get("PasswordPolicy") or DEFAULT_POLICY


def check_policy(pool: UserPool, password: str) -> None:
    """Refuse a password that the pool's policy does not take.

    Raises:
        AwsError: InvalidPasswordException.
    """
    policy = policy_of(pool)
    if len(password) < int(policy.get("MinimumLength") or 6):
        raise invalid_password("Password not long enough")
    if len(password) > _LONGEST:
        raise invalid_password(f"Password longer than {_LONGEST} characters")
    for member, pattern, kind in _KINDS:
        if policy.get(member) and not pattern.search(password):
            raise invalid_password(f"Password must have {kind} characters")


def random_password(pool: UserPool) -> str:
    """A password that the policy takes, for somebody who is to choose another."""
    length = max(8, int(policy_of(pool).get("MinimumLength") or 8))
    every = string.ascii_letters + string.digits + "!%+-=?_"
    return "aA1!" + "".join(secrets.choice(every) for _ in range(length))


def set_password(
    connection: sqlite3.Connection, user: User, password: str, *, status: str, first: bool = False
) -> User:
    """Keep a new password. Whoever guessed at the old one begins again, and browsers have to show the new one.

    Args:
        status: `CONFIRMED`, or what is to become of the user first.
        first: whether it belongs to the making of the user, who was not changed since.
    """
    kept = srp.make_verifier(user.pool_id, user.username, password)
    return keep_verifier(connection, user, kept, status=status, first=first)


def keep_verifier(
    connection: sqlite3.Connection, user: User, kept: srp.Verifier, *, status: str, first: bool = False
) -> User:
    """The same for a password whose verifier was made before: that takes some milliseconds."""
    connection.execute(
        "UPDATE user_pool_user SET salt = ?, verifier = ?, password_set = ? WHERE pool_id = ? AND sub = ?",
        (kept.salt, kept.value, moment_of(connection, user.account).account, user.pool_id, user.sub),
    )
    _forget_wrong(connection, user.pool_id, user.sub)
    void_code(connection, user, "reset")  # Whoever still has it would undo the change.
    end_sessions(connection, user)
    return change_user(connection, user, status=status, modified=user.created if first else None)


def check_password(
    connection: sqlite3.Connection, pool: UserPool, name: str, password: str, *, hides_users: bool
) -> User:
    """Who signs in with this name and password. Not to be called inside a transaction: wrong ones are counted.

    The caller deals with FORCE_CHANGE_PASSWORD, the only status besides CONFIRMED that comes back. It takes as long for
    a name that nobody has.

    Args:
        hides_users: whether a name that nobody has is refused like a wrong password (`Client.hides_users`).

    Raises:
        AwsError: NotAuthorizedException, UserNotFoundException, and as `require_ready`.
    """
    user = find_user(connection, pool, name)
    require_try(connection, pool, user, name)
    kept = password_of(connection, pool, user, name)
    right = srp.matches(kept, pool.pool_id, user.username if user else name, password)
    return proved(connection, pool, user, name, right=right, hides_users=hides_users)


def password_of(connection: sqlite3.Connection, pool: UserPool, user: User | None, name: str) -> srp.Verifier:
    """The verifier to compare with; a made-up one for nobody and for who has no password."""
    if user is not None and user.verifier is not None:
        return user.verifier
    return made_up_password(connection, pool, name)


def proved(
    connection: sqlite3.Connection, pool: UserPool, user: User | None, name: str, *, right: bool, hides_users: bool
) -> User:
    """The user, when the proof was right; a wrong one is counted. Arguments and refusals as `check_password`'s."""
    if user is None or not right:
        _count_wrong(connection, pool, user, name)
        raise user_not_found() if user is None and not hides_users else wrong_password()
    _forget_wrong(connection, pool.pool_id, user.sub)
    require_ready(connection, pool, user)
    return user


def require_ready(connection: sqlite3.Connection, pool: UserPool, user: User) -> None:
    """Let only users on who may sign in now; FORCE_CHANGE_PASSWORD may.

    Raises:
        AwsError: NotAuthorizedException, UserNotConfirmedException, PasswordResetRequiredException.
    """
    if not user.enabled:
        raise user_disabled()
    if user.status == UNCONFIRMED:
        raise not_confirmed()
    if user.status == RESET_REQUIRED:
        raise reset_required()
    if user.status == FORCE_CHANGE_PASSWORD:
        days = int(policy_of(pool).get("TemporaryPasswordValidityDays") or 7)
        if moment_of(connection, pool.account).account > user.password_set + days * 86_400:
            raise AwsError(
                "NotAuthorizedException", "Temporary password has expired and must be reset by an administrator."
            )


def require_try(connection: sqlite3.Connection, pool: UserPool, user: User | None, name: str) -> None:
    """Let nobody guess on: after five wrong passwords there is a pause of a second, which doubles with each further one
    up to a quarter of an hour (Developer Guide, "Authentication flow": lockout behavior).

    Raises:
        AwsError: NotAuthorizedException.
    """
    row = connection.execute(
        "SELECT locked_until FROM user_pool_wrong_password WHERE pool_id = ? AND name = ? AND times >= ?",
        (pool.pool_id, _counted(pool, user, name), _FREE_TRIES),
    ).fetchone()
    if row and row["locked_until"] > moment_of(connection, pool.account).account:
        raise too_many_passwords()


def _count_wrong(connection: sqlite3.Connection, pool: UserPool, user: User | None, name: str) -> None:
    now, key = moment_of(connection, pool.account).account, (pool.pool_id, _counted(pool, user, name))
    connection.execute(
        "DELETE FROM user_pool_wrong_password WHERE pool_id = ? AND locked_until < ?",
        (pool.pool_id, now - _LONGEST_LOCK),
    )
    # Counted in one statement: the sign-in pages run in several threads.
    row = connection.execute(
        "INSERT INTO user_pool_wrong_password (pool_id, name, account, times, locked_until) VALUES (?, ?, ?, 1, ?)"
        " ON CONFLICT DO UPDATE SET times = times + 1 RETURNING times",
        (*key, pool.account, now),
    ).fetchone()
    pause = min(2 ** min(row["times"] - _FREE_TRIES, 20), _LONGEST_LOCK) if row["times"] >= _FREE_TRIES else 0
    connection.execute(
        "UPDATE user_pool_wrong_password SET locked_until = max(locked_until, ?) WHERE pool_id = ? AND name = ?",
        (now + pause, *key),
    )


def _forget_wrong(connection: sqlite3.Connection, pool_id: str, sub: str) -> None:
    connection.execute("DELETE FROM user_pool_wrong_password WHERE pool_id = ? AND name = ?", (pool_id, sub))


def _counted(pool: UserPool, user: User | None, name: str) -> str:
    return user.sub if user else pool.folded(name)
