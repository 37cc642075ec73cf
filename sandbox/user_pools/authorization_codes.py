"""Authorization codes: what a sign-in page gives to a browser, and a client exchanges for the tokens of a sign-in.

A code is a way to a grant, good once and for five minutes (Developer Guide, "The redirect and authorization endpoint").
Only its digest is kept.
"""

import hashlib
import sqlite3
import uuid
from dataclasses import dataclass

from sandbox.core.clock import moment_of
from sandbox.user_pools.clients import Client
from sandbox.user_pools.grants import Grant, find_grant, revoke_grant

CODE_SECONDS = 300
_KEPT_AFTER_EXPIRY = 86_400


@dataclass(frozen=True, slots=True)
class TakenCode:
    """A code that was good, with what its authorization request said. `code_challenge` may be empty."""

    grant: Grant
    redirect_uri: str
    code_challenge: str


def new_authorization_code(
    connection: sqlite3.Connection, grant: Grant, *, redirect_uri: str, code_challenge: str = ""
) -> str:
    """A code for the tokens of a grant.

    Args:
        code_challenge: of the method S256 (RFC 7636).
    """
    now = moment_of(connection, grant.account).account
    connection.execute("DELETE FROM user_pool_authorization_code WHERE expires < ?", (now - _KEPT_AFTER_EXPIRY,))
    code = str(uuid.uuid4())
    connection.execute(
        "INSERT INTO user_pool_authorization_code"
        " (digest, pool_id, sub, client_id, account, origin_jti, redirect_uri, code_challenge, expires)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            _digest(code),
            grant.pool_id,
            grant.sub,
            grant.client_id,
            grant.account,
            grant.origin_jti,
            redirect_uri,
            code_challenge,
            now + CODE_SECONDS,
        ),
    )
    return code


def take_authorization_code(connection: sqlite3.Connection, client: Client, code: str) -> TakenCode | None:
    """What a code is good for, once, whichever client of the pool shows it; None where it is good for nothing.

    A code that is shown a second time, or by another client than the one that asked for it, ends the sign-in, and with
    it what came of it (RFC 6749, sections 4.1.2 and 10.5). Clients of other pools do not know it, and change nothing.
    """
    row = connection.execute(
        "UPDATE user_pool_authorization_code SET spent = spent + 1 WHERE digest = ? AND pool_id = ? RETURNING *",
        (_digest(code), client.pool_id),
    ).fetchone()
    if row is None:
        return None
    if row["spent"] > 1 or row["client_id"] != client.client_id:
        revoke_grant(connection, row["origin_jti"], row["account"])
        return None
    found = find_grant(connection, row["origin_jti"])
    if row["expires"] <= moment_of(connection, row["account"]).account or found is None or found[1]:
        return None
    return TakenCode(found[0], row["redirect_uri"], row["code_challenge"])


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
