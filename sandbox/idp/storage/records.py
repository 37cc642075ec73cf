"""What the stand-ins remember: keys, codes, tokens, who was signed out. In tables of their own in the sandbox's file.

The stand-ins run in threads, while the sandbox's connection belongs to the event loop; so each thread opens a
connection of its own to the same file (journal in WAL mode). Codes, tokens and verifiers are kept as SHA-256 digests:
they are random enough that this is as good as a password hash. An issuer's signing key has to be there as it is.
"""

import hashlib
import json
import sqlite3
import threading
import time
from collections.abc import Callable
from copy import copy
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sandbox.core.clock import SCHEMA as CLOCK_SCHEMA
from sandbox.core.clock import Moment, moment_of
from sandbox.core.keys import SCHEMA as INSTALLATION_SCHEMA
from sandbox.core.played_issuers import SCHEMA as PLAYED_SCHEMA
from sandbox.core.signing_keys import SCHEMA as KEY_SCHEMA
from sandbox.core.store import make_private
from sandbox.user_pools.schema import SCHEMA as USER_POOLS_SCHEMA

SCHEMA = (
    KEY_SCHEMA
    + """
CREATE TABLE IF NOT EXISTS idp_code (
    account TEXT NOT NULL, issuer TEXT NOT NULL, digest TEXT NOT NULL,
    consent TEXT NOT NULL, expires REAL NOT NULL, spent INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account, issuer, digest)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS idp_code_expires ON idp_code (expires);
CREATE TABLE IF NOT EXISTS idp_token (
    account TEXT NOT NULL, issuer TEXT NOT NULL, digest TEXT NOT NULL,
    kind TEXT NOT NULL, grant_id TEXT NOT NULL, subject TEXT NOT NULL, consent TEXT NOT NULL,
    issued REAL NOT NULL, expires REAL NOT NULL, revoked TEXT,
    PRIMARY KEY (account, issuer, digest)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS idp_token_grant ON idp_token (account, issuer, grant_id);
CREATE INDEX IF NOT EXISTS idp_token_subject ON idp_token (account, issuer, subject);
CREATE INDEX IF NOT EXISTS idp_token_expires ON idp_token (expires);
CREATE TABLE IF NOT EXISTS idp_deleted_user (
    account TEXT NOT NULL, issuer TEXT NOT NULL, subject TEXT NOT NULL, deleted REAL NOT NULL,
    PRIMARY KEY (account, issuer, subject)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS idp_oauth1_credential (
    account TEXT NOT NULL, token TEXT NOT NULL, kind TEXT NOT NULL, secret TEXT NOT NULL, client_id TEXT NOT NULL,
    callback TEXT, verifier TEXT, consent TEXT, expires REAL, revoked INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account, token)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS idp_oauth1_nonce (
    account TEXT NOT NULL, client_id TEXT NOT NULL, token TEXT NOT NULL, stamp INTEGER NOT NULL, nonce TEXT NOT NULL,
    PRIMARY KEY (account, client_id, token, stamp, nonce)
) WITHOUT ROWID;
"""
)
CODE_SECONDS = 120
KEPT_AFTER_EXPIRY = 86_400


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person agreed to on a sign-in page; a code and every token that comes of it carry it along.

    Attributes:
        grant_id: the same for all tokens of one sign-in; the user pool's `origin_jti`.
        claims: what the provider says about the person, as edited on the page; `sub` (or its like) among it.
        misbehaviour: what the stand-in does wrong on purpose, empty for nothing.
        auth_time: epoch seconds.
    """

    grant_id: str
    person: str
    subject: str
    claims: dict[str, Any]
    client_id: str
    redirect_uri: str = ""
    scope: str = ""
    nonce: str = ""
    code_challenge: str = ""
    code_challenge_method: str = ""
    misbehaviour: str = ""
    auth_time: int = 0
    extra: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Consent":
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True)
class TokenRow:
    kind: str
    consent: Consent
    issued: float
    expires: float
    revoked: str | None


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


class Records:
    """The tables above, for one account."""

    def __init__(self, path: Path, account: str, machine_clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self.account = account
        self._machine_clock = machine_clock
        self._local = threading.local()
        self._prepare()

    def of(self, account: str) -> "Records":
        """The same file for another account, by the same connections."""
        others = copy(self)
        others.account = account
        return others

    def _prepare(self) -> None:
        make_private(self.path)
        self.connection.executescript(CLOCK_SCHEMA + INSTALLATION_SCHEMA + PLAYED_SCHEMA + SCHEMA + USER_POOLS_SCHEMA)

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection, in autocommit mode."""
        existing: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if existing is None:
            existing = sqlite3.connect(self.path, isolation_level=None, timeout=10)
            existing.row_factory = sqlite3.Row
            existing.execute("PRAGMA journal_mode=WAL")
            existing.execute("PRAGMA synchronous=NORMAL")
            self._local.connection = existing
        return existing

    def now(self) -> Moment:
        return moment_of(self.connection, self.account, self._machine_clock())

    # --- Codes ---

    def save_code(self, issuer: str, code: str, consent: Consent) -> None:
        now = self._machine_clock()
        self.connection.execute("DELETE FROM idp_code WHERE expires < ?", (now - KEPT_AFTER_EXPIRY,))
        self.connection.execute(
            "INSERT INTO idp_code (account, issuer, digest, consent, expires) VALUES (?, ?, ?, ?, ?)",
            (self.account, issuer, digest(code), consent.to_json(), now + CODE_SECONDS),
        )

    def take_code(self, issuer: str, code: str) -> Consent | None:
        """The consent behind a code, once. A second attempt revokes what the first got (RFC 6749, section 4.1.2)."""
        key = (self.account, issuer, digest(code))
        row = self.connection.execute(
            "UPDATE idp_code SET spent = 1 WHERE account = ? AND issuer = ? AND digest = ? AND spent = 0"
            " RETURNING consent, expires",
            key,
        ).fetchone()
        if row:
            return Consent.from_json(row["consent"]) if row["expires"] > self._machine_clock() else None
        spent = self.connection.execute(
            "SELECT consent FROM idp_code WHERE account = ? AND issuer = ? AND digest = ?", key
        ).fetchone()
        if spent:
            self.revoke_grant(issuer, Consent.from_json(spent["consent"]).grant_id, "code reused")
        return None

    # --- Tokens ---

    def save_token(self, issuer: str, token: str, kind: str, consent: Consent, issued: float, expires: float) -> None:
        self.connection.execute("DELETE FROM idp_token WHERE expires < ?", (self._machine_clock() - KEPT_AFTER_EXPIRY,))
        self.connection.execute(
            "INSERT INTO idp_token (account, issuer, digest, kind, grant_id, subject, consent, issued, expires)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self.account,
                issuer,
                digest(token),
                kind,
                consent.grant_id,
                consent.subject,
                consent.to_json(),
                issued,
                expires,
            ),
        )

    def find_token(self, issuer: str, token: str) -> TokenRow | None:
        """The token's row, be it expired or revoked or neither."""
        row = self.connection.execute(
            "SELECT * FROM idp_token WHERE account = ? AND issuer = ? AND digest = ?",
            (self.account, issuer, digest(token)),
        ).fetchone()
        if row is None:
            return None
        return TokenRow(row["kind"], Consent.from_json(row["consent"]), row["issued"], row["expires"], row["revoked"])

    def live_token(self, issuer: str, token: str, kind: str) -> TokenRow | None:
        """The token's row when it is of that kind, not revoked, and not expired by the account's clock."""
        row = self.find_token(issuer, token)
        if row is None or row.kind != kind or row.revoked or row.expires <= self.now().account:
            return None
        return row

    def revoke_token(self, issuer: str, token: str, reason: str) -> None:
        self.connection.execute(
            "UPDATE idp_token SET revoked = ? WHERE account = ? AND issuer = ? AND digest = ? AND revoked IS NULL",
            (reason, self.account, issuer, digest(token)),
        )

    def revoke_grant(self, issuer: str, grant_id: str, reason: str) -> None:
        self.connection.execute(
            "UPDATE idp_token SET revoked = ? WHERE account = ? AND issuer = ? AND grant_id = ? AND revoked IS NULL",
            (reason, self.account, issuer, grant_id),
        )
