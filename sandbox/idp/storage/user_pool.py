"""What became of the user pool's people and of their tokens: signed out everywhere, deleted, brought back.

`user_pool_token_state` is for an identity pool with ServerSideTokenCheck. It takes any connection to the sandbox's
file, so that the sandbox can ask with its own.
"""

import sqlite3
from typing import Literal

from sandbox.idp.storage.records import Records

USER_POOL = "userpool"  # the issuer in the records, which is the slug of the stand-in

TokenState = Literal["valid", "signed out", "deleted", "unknown"]


def user_pool_token_state(connection: sqlite3.Connection, account: str, sub: str, origin_jti: str) -> TokenState:
    """What the user pool of the stand-in says about a token whose signature and times are in order.

    Args:
        account: 12 digits, the sandbox's own account.
        sub, origin_jti: claims of the ID token.

    Returns:
        `unknown` for a token that this installation never issued (or long ago: rows go a day after expiry).
    """
    deleted = connection.execute(
        "SELECT 1 FROM idp_deleted_user WHERE account = ? AND issuer = ? AND subject = ?", (account, USER_POOL, sub)
    ).fetchone()
    if deleted:
        return "deleted"
    reasons = connection.execute(
        "SELECT revoked FROM idp_token WHERE account = ? AND issuer = ? AND grant_id = ? AND subject = ?",
        (account, USER_POOL, origin_jti, sub),
    ).fetchall()
    if not reasons:
        return "unknown"
    return "signed out" if any(reason[0] == "signed out" for reason in reasons) else "valid"


def sign_out_everywhere(records: Records, person: str, sub: str) -> None:
    """Revoke all tokens of a person that exist now, and end their sessions, as GlobalSignOut does.

    Args:
        person, sub: the person's key, and what the user pool knows them by; the same below.
    """
    records.connection.execute(
        "UPDATE idp_token SET revoked = 'signed out' WHERE account = ? AND issuer = ? AND subject = ?",
        (records.account, USER_POOL, sub),
    )
    records.end_sessions_of(USER_POOL, person)


def delete(records: Records, person: str, sub: str) -> None:
    """Delete a person from the user pool, as AdminDeleteUser does. `restore` undoes it, which the real one does not."""
    records.connection.execute(
        "INSERT OR REPLACE INTO idp_deleted_user (account, issuer, subject, deleted) VALUES (?, ?, ?, ?)",
        (records.account, USER_POOL, sub, records.now().machine),
    )
    sign_out_everywhere(records, person, sub)


def restore(records: Records, person: str, sub: str) -> None:
    """Bring a deleted person back."""
    records.connection.execute(
        "DELETE FROM idp_deleted_user WHERE account = ? AND issuer = ? AND subject = ?",
        (records.account, USER_POOL, sub),
    )


def is_deleted(records: Records, sub: str) -> bool:
    """Whether the person is deleted from the user pool."""
    row = records.connection.execute(
        "SELECT 1 FROM idp_deleted_user WHERE account = ? AND issuer = ? AND subject = ?",
        (records.account, USER_POOL, sub),
    ).fetchone()
    return row is not None
