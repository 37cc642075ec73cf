"""Sessions of a pool's managed login: who has signed in with this browser, for an hour.

Developer Guide, "Managed login session cookies". A session is one pool's: at the domain of another it means nothing.
"""

import hashlib
import secrets
import sqlite3
from dataclasses import dataclass

from sandbox.core.clock import moment_of
from sandbox.user_pools.pools import UserPool
from sandbox.user_pools.users import CONFIRMED, User, user_by_sub

SESSION_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class LoginSession:
    """A session that lasts. `auth_time`: epoch seconds at which the person proved who they are."""

    user: User
    auth_time: int


def open_session(connection: sqlite3.Connection, user: User) -> str:
    """Begin a session; the secret that the browser keeps."""
    moment = moment_of(connection, user.account)
    connection.execute("DELETE FROM user_pool_session WHERE expires < ?", (moment.account,))
    secret = secrets.token_urlsafe(32)
    connection.execute(
        "INSERT INTO user_pool_session (digest, pool_id, sub, account, auth_time, expires) VALUES (?, ?, ?, ?, ?, ?)",
        (_digest(secret), user.pool_id, user.sub, user.account, moment.start, moment.account + SESSION_SECONDS),
    )
    return secret


def find_session(connection: sqlite3.Connection, pool: UserPool, secret: str) -> LoginSession | None:
    """The session of that secret at this pool, while it lasts and its user may sign in."""
    row = connection.execute(
        "SELECT sub, auth_time FROM user_pool_session WHERE digest = ? AND pool_id = ? AND expires > ?",
        (_digest(secret), pool.pool_id, moment_of(connection, pool.account).account),
    ).fetchone()
    user = user_by_sub(connection, pool.pool_id, row["sub"]) if row else None
    if user is None or not user.enabled or user.status != CONFIRMED:
        return None
    return LoginSession(user, row["auth_time"])


def end_session(connection: sqlite3.Connection, pool: UserPool, secret: str) -> None:
    """End one session."""
    connection.execute(
        "DELETE FROM user_pool_session WHERE digest = ? AND pool_id = ?", (_digest(secret), pool.pool_id)
    )


def end_sessions(connection: sqlite3.Connection, user: User) -> None:
    """End all sessions of a user: once their password is another, or they have signed out everywhere."""
    connection.execute("DELETE FROM user_pool_session WHERE pool_id = ? AND sub = ?", (user.pool_id, user.sub))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
