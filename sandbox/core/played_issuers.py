"""Issuers that an account plays itself: those of a pool that trusts real ones, whose tokens nobody gets here.

An account that plays an issuer finds it here, with a key of its own, and believes what that key signed. No other
account does, and nothing is fetched from the real one. What a stand-in plays for every account is none of these.
"""

import sqlite3
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from sandbox.core.facts import Lab
from sandbox.core.signing_keys import published_rows

SCHEMA = """
CREATE TABLE IF NOT EXISTS played_issuer (
    account TEXT NOT NULL,
    issuer TEXT NOT NULL, -- its URL without the last slash, or the ARN of a SAML provider; its keys have this name
    PRIMARY KEY (account, issuer)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS played_client (
    account TEXT NOT NULL,
    provider TEXT NOT NULL, -- slug of the stand-in
    client_id TEXT NOT NULL, -- of an application that the provider knows besides the account's own
    secret TEXT NOT NULL,
    PRIMARY KEY (account, provider, client_id)
) WITHOUT ROWID;
"""
PLACE = "issuers"  # below the account's stand-ins


def play(connection: sqlite3.Connection, account: str, issuers: Iterable[str]) -> None:
    """Have the account play these: URLs of issuers, ARNs of SAML providers."""
    connection.executemany(
        "INSERT OR IGNORE INTO played_issuer (account, issuer) VALUES (?, ?)",
        [(account, issuer.rstrip("/")) for issuer in issuers],
    )


def is_played(connection: sqlite3.Connection, account: str, issuer: str) -> bool:
    query = "SELECT 1 FROM played_issuer WHERE account = ? AND issuer = ?"
    return connection.execute(query, (account, issuer.rstrip("/"))).fetchone() is not None


def played_addresses(connection: sqlite3.Connection, here: Lab) -> dict[str, str]:
    """The URL of each issuer that the account plays -> the address at which it is found here."""
    rows = connection.execute("SELECT issuer FROM played_issuer WHERE account = ?", (here.account,))
    return {row[0]: address(here, row[0]) for row in rows if "://" in row[0]}


def address(here: Lab, issuer: str) -> str:
    """Where an issuer is found that the account plays."""
    return f"{here.stand_ins_url}/{PLACE}/{_place(issuer)}"


def issuer_at(connection: sqlite3.Connection, account: str, place: str) -> str | None:
    """The URL of the issuer that the account plays at this place, which is the URL without its scheme."""
    rows = connection.execute("SELECT issuer FROM played_issuer WHERE account = ?", (account,))
    return next((row[0] for row in rows if "://" in row[0] and unquote(_place(row[0])) == place), None)


def certificates(connection: sqlite3.Connection, account: str, provider_arn: str) -> list[bytes]:
    """DER of the certificates by which the account believes a SAML provider that it plays; none where it does not."""
    if not is_played(connection, account, provider_arn):
        return []
    return [bytes(row["certificate"]) for row in published_rows(connection, account, provider_arn)]


def know_client(connection: sqlite3.Connection, account: str, provider: str, client_id: str, secret: str) -> None:
    """Have a stand-in know one more application."""
    connection.execute(
        "INSERT OR REPLACE INTO played_client VALUES (?, ?, ?, ?)", (account, provider, client_id, secret)
    )


def secret_of_client(connection: sqlite3.Connection, account: str, provider: str, client_id: str) -> str | None:
    """The secret of an application that a stand-in knows besides the account's own."""
    row = connection.execute(
        "SELECT secret FROM played_client WHERE account = ? AND provider = ? AND client_id = ?",
        (account, provider, client_id),
    ).fetchone()
    return row[0] if row else None


def _place(issuer: str) -> str:
    parts = urlsplit(issuer)
    return f"{parts.netloc}{parts.path}"
