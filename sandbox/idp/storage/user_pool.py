"""What became of the user pool's people and of their tokens: signed out everywhere, deleted, brought back.

`user_pool_token_state` is for an identity pool with ServerSideTokenCheck. It takes any connection to the sandbox's
file, so that the sandbox can ask with its own.
"""

import sqlite3
from typing import Literal

from sandbox.idp.sign_in.people import Person, subject
from sandbox.idp.storage.records import Records

USER_POOL = "userpool"

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


def sign_out_everywhere(records: Records, issuer: str, person: Person) -> None:
    """As GlobalSignOut does: all tokens of the person that exist now are taken back, and their sessions end."""
    records.connection.execute(
        "UPDATE idp_token SET revoked = 'signed out' WHERE account = ? AND issuer = ? AND subject = ?",
        (records.account, issuer, subject(issuer, person)),
    )
    records.end_sessions_of(issuer, person.key)


def delete(records: Records, issuer: str, person: Person) -> None:
    """As AdminDeleteUser does; `restore` undoes it, which the real one does not."""
    records.connection.execute(
        "INSERT OR REPLACE INTO idp_deleted_user (account, issuer, subject, deleted) VALUES (?, ?, ?, ?)",
        (records.account, issuer, subject(issuer, person), records.now().machine),
    )
    sign_out_everywhere(records, issuer, person)


def restore(records: Records, issuer: str, person: Person) -> None:
    records.connection.execute(
        "DELETE FROM idp_deleted_user WHERE account = ? AND issuer = ? AND subject = ?",
        (records.account, issuer, subject(issuer, person)),
    )


def is_deleted(records: Records, issuer: str, sub: str) -> bool:
    row = records.connection.execute(
        "SELECT 1 FROM idp_deleted_user WHERE account = ? AND issuer = ? AND subject = ?",
        (records.account, issuer, sub),
    ).fetchone()
    return row is not None
