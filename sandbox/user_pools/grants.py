"""Grants: each sign-in, the refresh tokens that came of it, and whether it has been ended since.

A grant is known by its `origin_jti`, which all tokens of the sign-in carry. Of refresh tokens only digests are kept.
"""

import hashlib
import json
import secrets
import sqlite3
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.core.clock import moment_of
from sandbox.core.errors import AwsError
from sandbox.core.store import atomic
from sandbox.user_pools.clients import Client
from sandbox.user_pools.login_sessions import end_sessions
from sandbox.user_pools.refusals import invalid_refresh_token, user_disabled
from sandbox.user_pools.users import User, user_by_sub

TokenState = Literal["valid", "signed out", "deleted", "unknown"]
SIGN_IN_SCOPE = "aws.cognito.signin.user.admin"
THROUGH_PAGE = "page"  # in a grant's extra: the sign-in was made at the managed login
_KEPT_AFTER_EXPIRY = 86_400
_LONGEST_TOKEN = 86_400  # seconds: of ID and access tokens


@dataclass(frozen=True, slots=True)
class Grant:
    """One sign-in.

    Attributes:
        scope: scopes with spaces between; `SIGN_IN_SCOPE` for a sign-in through the API.
        auth_time: epoch seconds at which the person proved who they are.
        extra: what a sign-in page adds: `nonce`, `claims` (that replace those of the rows), whatever it wants to find
            again when the grant is refreshed.
    """

    origin_jti: str
    pool_id: str
    client_id: str
    sub: str
    account: str
    scope: str
    auth_time: int
    extra: dict[str, Any]

    @property
    def subject(self) -> str:
        """The `sub` of its tokens: the user's, unless a sign-in page of the lab was told to say something else."""
        return str((self.extra.get("claims") or {}).get("sub", self.sub))


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A grant whose refresh token was good. `refresh_token`: the one that takes its place, where the client rotates."""

    grant: Grant
    user: User
    refresh_token: str = ""


def open_grant(
    connection: sqlite3.Connection,
    client: Client,
    user: User,
    *,
    scope: str = SIGN_IN_SCOPE,
    auth_time: int | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Grant:
    """Write a sign-in down. Its tokens are `tokens.mint`'s, a refresh token `new_refresh_token`'s."""
    moment = moment_of(connection, client.account)
    connection.execute("DELETE FROM user_pool_grant WHERE expires < ?", (moment.account - _KEPT_AFTER_EXPIRY,))
    grant = Grant(
        str(uuid.uuid4()),
        client.pool_id,
        client.client_id,
        user.sub,
        client.account,
        scope,
        moment.start if auth_time is None else auth_time,
        dict(extra or {}),
    )
    expires = moment.end_base + max(client.seconds("Refresh"), _LONGEST_TOKEN)
    connection.execute(
        "INSERT INTO user_pool_grant"
        " (origin_jti, pool_id, client_id, sub, account, scope, auth_time, extra, expires)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            grant.origin_jti,
            grant.pool_id,
            grant.client_id,
            grant.sub,
            grant.account,
            grant.scope,
            grant.auth_time,
            json.dumps(grant.extra),
            expires,
        ),
    )
    return grant


def through_page(grant: Grant) -> bool:
    """Whether the sign-in was made at a managed login, whose clients choose scopes, and not through the API."""
    return THROUGH_PAGE in grant.extra or grant.scope != SIGN_IN_SCOPE


def find_grant(connection: sqlite3.Connection, origin_jti: str) -> tuple[Grant, bool] | None:
    """A grant, and whether it has been ended since."""
    row = connection.execute("SELECT * FROM user_pool_grant WHERE origin_jti = ?", (origin_jti,)).fetchone()
    return (_grant(row), row["revoked"] is not None) if row else None


def new_refresh_token(
    connection: sqlite3.Connection, client: Client, grant: Grant, *, expires: float | None = None
) -> str:
    """A refresh token of a grant. The real one is an encrypted JWT; to clients both are opaque.

    Args:
        expires: epoch seconds; by the client's validity unless given.
    """
    moment = moment_of(connection, client.account)
    connection.execute("DELETE FROM user_pool_refresh_token WHERE expires < ?", (moment.account - _KEPT_AFTER_EXPIRY,))
    token = secrets.token_urlsafe(96)
    until = moment.end_base + client.seconds("Refresh") if expires is None else expires
    connection.execute(
        "INSERT INTO user_pool_refresh_token (digest, origin_jti, account, expires) VALUES (?, ?, ?, ?)",
        (_digest(token), grant.origin_jti, client.account, until),
    )
    return token


def use_refresh_token(connection: sqlite3.Connection, client: Client, token: str) -> Refreshed:
    """The grant behind a refresh token, for its own client only.

    Where the client rotates, another token takes its place for what is left of its life, and it is good for the grace
    period only (Developer Guide, "Refresh tokens": rotation).

    Raises:
        AwsError: NotAuthorizedException, RefreshTokenReuseException.
    """
    with atomic(connection):
        # Not before: whoever had to wait for another thread would compare with a time before that one's.
        now = moment_of(connection, client.account).account
        row = _row(connection, client, token)
        if row is None:
            raise invalid_refresh_token()
        if row["revoked"] is not None:
            raise AwsError("NotAuthorizedException", "Refresh Token has been revoked")
        if row["token_expires"] <= now:
            raise AwsError("NotAuthorizedException", "Refresh Token has expired")
        if row["good_until"] is not None and row["good_until"] <= now:
            raise AwsError("RefreshTokenReuseException", "Refresh token has been invalidated by rotation")
        user = user_by_sub(connection, client.pool_id, row["sub"])
        if user is None:
            raise invalid_refresh_token()
        if not user.enabled:
            raise user_disabled()
        grant = _grant(row)
        if not client.rotates:
            return Refreshed(grant, user)
        if row["good_until"] is None:
            connection.execute(
                "UPDATE user_pool_refresh_token SET good_until = ? WHERE digest = ?",
                (now + client.rotation_grace, row["digest"]),
            )
        return Refreshed(grant, user, new_refresh_token(connection, client, grant, expires=row["token_expires"]))


def revoke_refresh_token(connection: sqlite3.Connection, client: Client, token: str) -> None:
    """End the grant of a refresh token, and with it all its tokens. One that is over already stays so.

    Raises:
        AwsError: UnsupportedOperationException: the client has revocation off; UnsupportedTokenTypeException: not a
            refresh token; UnauthorizedException: another client's.
    """
    if not client.revokes_tokens:
        raise AwsError("UnsupportedOperationException", "Revocation is not enabled for this client")
    row = connection.execute(
        "SELECT g.origin_jti, g.client_id FROM user_pool_refresh_token t JOIN user_pool_grant g USING (origin_jti)"
        " WHERE t.digest = ?",
        (_digest(token),),
    ).fetchone()
    if row is None:
        if token.count(".") == 2:
            raise AwsError("UnsupportedTokenTypeException", "Wrong token type")
        return  # RFC 7009, section 2.2: an unknown token is no error.
    if row["client_id"] != client.client_id:
        raise AwsError("UnauthorizedException", "Unauthorized")
    revoke_grant(connection, row["origin_jti"], client.account)


def revoke_grant(connection: sqlite3.Connection, origin_jti: str, account: str) -> None:
    """End one sign-in."""
    connection.execute(
        "UPDATE user_pool_grant SET revoked = ? WHERE origin_jti = ? AND account = ? AND revoked IS NULL",
        (moment_of(connection, account).account, origin_jti, account),
    )


def sign_out_everywhere(connection: sqlite3.Connection, user: User) -> None:
    """End all sign-ins of a user that exist now, as GlobalSignOut does; and, which that does not, those at the managed
    login: who goes on there would be signed in again without a password."""
    end_sessions(connection, user)
    connection.execute(
        "UPDATE user_pool_grant SET revoked = ? WHERE pool_id = ? AND sub = ? AND revoked IS NULL",
        (moment_of(connection, user.account).account, user.pool_id, user.sub),
    )


def token_state(connection: sqlite3.Connection, pool_id: str, sub: str, origin_jti: str) -> TokenState:
    """What the pool says about a token whose signature and times are in order, for ServerSideTokenCheck.

    Returns:
        `deleted` also for a user who is disabled; `unknown` for a token of no sign-in that is known (rows go a day
        after the last token of theirs).
    """
    found = find_grant(connection, origin_jti)
    if found is None or found[0].pool_id != pool_id or found[0].subject != sub:
        return "deleted" if user_by_sub(connection, pool_id, sub) is None else "unknown"
    grant, revoked = found
    user = user_by_sub(connection, pool_id, grant.sub)
    if user is None or not user.enabled:
        return "deleted"
    return "signed out" if revoked else "valid"


def _row(connection: sqlite3.Connection, client: Client, token: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute(
        "SELECT g.*, t.digest, t.expires AS token_expires, t.good_until"
        " FROM user_pool_refresh_token t JOIN user_pool_grant g USING (origin_jti)"
        " WHERE t.digest = ? AND g.client_id = ? AND g.pool_id = ?",
        (_digest(token), client.client_id, client.pool_id),
    ).fetchone()
    return row


def _grant(row: sqlite3.Row) -> Grant:
    return Grant(
        row["origin_jti"],
        row["pool_id"],
        row["client_id"],
        row["sub"],
        row["account"],
        row["scope"],
        row["auth_time"],
        json.loads(row["extra"]),
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
