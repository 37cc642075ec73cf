"""What the stand-in for X gives out, as it rests: tokens and verifiers as digests, their secrets sealed with the token.

An OAuth 1.0a server computes the signatures that it compares (RFC 5849, section 3.4.2), so it needs the secret itself.
It needs it only with the token in hand; so the key that opens the secret is made of the token, which is not kept.
"""

import base64
import hashlib
import secrets
import time
from typing import Any

from authlib.oauth1 import TemporaryCredentialMixin
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sandbox.idp.storage.records import Consent, Records, digest

TEMPORARY_SECONDS = 600
CLOCK_SKEW = 300  # seconds either way, as X allows them
_NONCE_BYTES = 12
# Before there were digests here, tokens stood in the clear: a request token of 27 characters, an access token with a
# hyphen in it. A digest has 64 and none.
_CREDENTIALS_IN_THE_CLEAR = "SELECT * FROM idp_oauth1_credential WHERE length(token) <> 64 OR instr(token, '-') > 0"
_NONCES_IN_THE_CLEAR = (
    "SELECT DISTINCT token FROM idp_oauth1_nonce WHERE token <> '' AND (length(token) <> 64 OR instr(token, '-') > 0)"
)


class Credential(TemporaryCredentialMixin):  # type: ignore[misc]  # Authlib has no annotations
    """A row of idp_oauth1_credential and the token it was found by: a request token, or an access token (`token`)."""

    def __init__(self, token: str, row: Any) -> None:
        self.token = token
        self.row = row
        self.consent = Consent.from_json(row["consent"]) if row["consent"] else None

    def get_client_id(self) -> str:
        return str(self.row["client_id"])

    def get_redirect_uri(self) -> str:
        return str(self.row["callback"])

    def check_verifier(self, verifier: str) -> bool:
        expected = self.row["verifier"]
        return bool(expected) and secrets.compare_digest(str(expected), digest(verifier))

    def get_oauth_token(self) -> str:
        return self.token

    def get_oauth_token_secret(self) -> str:
        return _opened(self.token, str(self.row["secret"]))


class CredentialRecords:
    """The credentials in the records."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._digest_what_is_in_the_clear()

    def find(self, token: str | None, kind: str) -> Credential | None:
        row = self._records.connection.execute(
            "SELECT * FROM idp_oauth1_credential WHERE account = ? AND token = ? AND kind = ? AND revoked = 0"
            " AND (expires IS NULL OR expires > ?)",
            (self._records.account, digest(token or ""), kind, self._records.now().machine),
        ).fetchone()
        return Credential(token or "", row) if row else None

    def add_temporary(self, client_id: str, callback: str) -> Credential:
        now = self._records.now().machine
        self._records.connection.execute("DELETE FROM idp_oauth1_credential WHERE expires < ?", (now,))
        return self._add(secrets.token_urlsafe(20), "temporary", client_id, callback, None, now + TEMPORARY_SECONDS)

    def add_token(self, consent: Consent) -> Credential:
        """A new access token; one that is to misbehave so is taken back at once."""
        token = f"{consent.subject}-{secrets.token_hex(20)}"
        credential = self._add(token, "token", consent.client_id, None, consent, None)
        if consent.misbehaviour == "revoked":
            self.revoke(token)
        return credential

    def _add(
        self,
        token: str,
        kind: str,
        client_id: str,
        callback: str | None,
        consent: Consent | None,
        expires: float | None,
    ) -> Credential:
        row = self._records.connection.execute(
            "INSERT INTO idp_oauth1_credential (account, token, kind, secret, client_id, callback, consent, expires)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
            (
                self._records.account,
                digest(token),
                kind,
                _sealed(token, secrets.token_urlsafe(32)),
                client_id,
                callback,
                consent.to_json() if consent else None,
                expires,
            ),
        ).fetchone()
        return Credential(token, row)

    def approve(self, token: str, consent: Consent) -> str | None:
        """Bind the consent to the request token, once. The verifier; None when somebody was faster."""
        verifier = secrets.token_urlsafe(24)
        row = self._records.connection.execute(
            "UPDATE idp_oauth1_credential SET verifier = ?, consent = ? WHERE account = ? AND token = ?"
            " AND kind = 'temporary' AND verifier IS NULL RETURNING token",
            (digest(verifier), consent.to_json(), self._records.account, digest(token)),
        ).fetchone()
        return verifier if row else None

    def spend(self, token: str) -> bool:
        """Remove a request token; False when it was gone already."""
        row = self._records.connection.execute(
            "DELETE FROM idp_oauth1_credential WHERE account = ? AND token = ? AND kind = 'temporary' RETURNING token",
            (self._records.account, digest(token)),
        ).fetchone()
        return row is not None

    def revoke(self, token: str) -> None:
        self._records.connection.execute(
            "UPDATE idp_oauth1_credential SET revoked = 1 WHERE account = ? AND token = ?",
            (self._records.account, digest(token)),
        )

    def is_replayed(self, client_id: str, token: str, stamp: int, nonce: str) -> bool:
        """Whether this nonce came before with the same timestamp and credentials; remembers it if not."""
        self._records.connection.execute(
            "DELETE FROM idp_oauth1_nonce WHERE stamp < ?", (int(time.time()) - 3 * CLOCK_SKEW,)
        )
        row = self._records.connection.execute(
            "INSERT OR IGNORE INTO idp_oauth1_nonce (account, client_id, token, stamp, nonce) VALUES (?, ?, ?, ?, ?)"
            " RETURNING nonce",
            (self._records.account, client_id, digest(token) if token else "", stamp, nonce),
        ).fetchone()
        return row is None

    def _digest_what_is_in_the_clear(self) -> None:
        """Rows of an earlier version, so that what was given out goes on working. Several may do so at once."""
        connection = self._records.connection
        if not connection.execute(_CREDENTIALS_IN_THE_CLEAR).fetchone():
            return
        connection.execute("PRAGMA secure_delete=ON")  # of what stood there nothing is left in the file, ...
        connection.execute("BEGIN IMMEDIATE")
        try:
            for row in connection.execute(_CREDENTIALS_IN_THE_CLEAR).fetchall():
                token, verifier = row["token"], row["verifier"]
                rests = (digest(token), _sealed(token, row["secret"]), digest(verifier) if verifier else None)
                connection.execute(
                    "UPDATE idp_oauth1_credential SET token = ?, secret = ?, verifier = ?"
                    " WHERE account = ? AND token = ?",
                    (*rests, row["account"], token),
                )
            for (token,) in connection.execute(_NONCES_IN_THE_CLEAR).fetchall():
                connection.execute("UPDATE idp_oauth1_nonce SET token = ? WHERE token = ?", (digest(token), token))
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # ... and nothing in its journal


def _sealed(token: str, secret: str) -> str:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return base64.b64encode(nonce + _cipher(token).encrypt(nonce, secret.encode(), None)).decode()


def _opened(token: str, sealed: str) -> str:
    data = base64.b64decode(sealed)
    return _cipher(token).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], None).decode()


def _cipher(token: str) -> AESGCM:
    """Tokens are 160 bits of chance: one hash makes a key of them, as one makes a digest. The two differ."""
    return AESGCM(hashlib.sha256(f"secret of\0{token}".encode()).digest())
