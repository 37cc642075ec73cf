"""The signing keys of the issuers that are played here: one signs, earlier ones stay published for a day.

A key comes into being when it is first needed. Any connection to the sandbox's file will do.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sandbox.core import spare_keys
from sandbox.core.clock import moment_of
from sandbox.core.later import later

if TYPE_CHECKING:
    from cryptography import exceptions, x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509 import oid
    from joserfc import jwk
else:
    exceptions = later("cryptography.exceptions")
    x509 = later("cryptography.x509")
    hashes = later("cryptography.hazmat.primitives.hashes")
    serialization = later("cryptography.hazmat.primitives.serialization")
    rsa = later("cryptography.hazmat.primitives.asymmetric.rsa")
    oid = later("cryptography.x509.oid")
    jwk = later("joserfc.jwk")

SCHEMA = """
CREATE TABLE IF NOT EXISTS idp_key (
    account TEXT NOT NULL, issuer TEXT NOT NULL, kid TEXT NOT NULL,
    pem BLOB NOT NULL, certificate BLOB, made REAL NOT NULL, retired REAL,
    PRIMARY KEY (account, issuer, kid)
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS idp_key_active ON idp_key (account, issuer) WHERE retired IS NULL;
"""
PUBLISHED_AFTER_ROTATION = 86_400
_SIGNS_ONLY = {
    "digital_signature": True,
    "content_commitment": False,
    "key_encipherment": False,
    "data_encipherment": False,
    "key_agreement": False,
    "key_cert_sign": False,
    "crl_sign": False,
    "encipher_only": False,
    "decipher_only": False,
}


def active_row(connection: sqlite3.Connection, account: str, issuer: str, new_key_id: Callable[[], str]) -> sqlite3.Row:
    """The row of the key that signs now; made when first asked for."""
    row = _active(connection, account, issuer)
    if row is None:
        add_key(connection, account, issuer, new_key_id())
        row = _active(connection, account, issuer)
        assert row is not None
    return row


def has_key(connection: sqlite3.Connection, account: str, issuer: str) -> bool:
    """Whether the issuer has a key yet: to make one takes a tenth of a second."""
    return _active(connection, account, issuer) is not None


def published_rows(connection: sqlite3.Connection, account: str, issuer: str) -> list[sqlite3.Row]:
    """The rows of the keys that are published, the active one first."""
    oldest = moment_of(connection, account).machine - PUBLISHED_AFTER_ROTATION
    rows: list[sqlite3.Row] = connection.execute(
        "SELECT * FROM idp_key WHERE account = ? AND issuer = ? AND (retired IS NULL OR retired > ?)"
        " ORDER BY retired IS NOT NULL, made DESC",
        (account, issuer, oldest),
    ).fetchall()
    return rows


def jwk_set(rows: list[sqlite3.Row]) -> dict[str, list[dict[str, Any]]]:
    """Keys as a JSON Web Key Set (RFC 7517), in the order that was given."""
    return {
        "keys": [
            jwk.RSAKey.import_key(parsed_key(row["pem"]).public_key()).as_dict(use="sig", alg="RS256", kid=row["kid"])
            for row in rows
        ]
    }


def rotate_key(connection: sqlite3.Connection, account: str, issuer: str, kid: str, *, withdraw: bool) -> None:
    """Sign with a new key from now on. The old one stays published for a day, or leaves now (`withdraw`)."""
    now, key = moment_of(connection, account).machine, (account, issuer)
    connection.execute(
        "UPDATE idp_key SET retired = ? WHERE account = ? AND issuer = ? AND retired IS NULL", (now, *key)
    )
    if withdraw:
        connection.execute("DELETE FROM idp_key WHERE account = ? AND issuer = ? AND retired IS NOT NULL", key)
    add_key(connection, *key, kid)


def add_key(
    connection: sqlite3.Connection, account: str, issuer: str, kid: str, key: rsa.RSAPrivateKey | None = None
) -> None:
    """Add an active key where there is none. When two threads do so at once, the unique index keeps one of the two."""
    key = key or spare_keys.take()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    connection.execute(
        "INSERT OR IGNORE INTO idp_key (account, issuer, kid, pem, certificate, made) VALUES (?, ?, ?, ?, ?, ?)",
        (account, issuer, kid, pem, self_signed(key), moment_of(connection, account).machine),
    )


@lru_cache(maxsize=512)
def parsed_key(pem: bytes) -> rsa.RSAPrivateKey:
    """A key out of its row: one that was made here, or that `require_key` passed when it was brought.

    To have OpenSSL check its numbers once more takes fifty times as long as to sign with it.
    """
    key = serialization.load_pem_private_key(pem, password=None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def require_key(pem: bytes) -> None:
    """Pass for a sound RSA key, as long as those that are made here.

    Raises:
        ValueError
    """
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (TypeError, exceptions.UnsupportedAlgorithm) as error:
        raise ValueError from error
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size != spare_keys.BITS:
        raise ValueError


def self_signed(key: rsa.RSAPrivateKey) -> bytes:
    """DER of a certificate that is a container for the key: what SAML metadata wants, as RFC 5280 wants it."""
    name = x509.Name([x509.NameAttribute(oid.NameOID.COMMON_NAME, "Identity Pools Lab local stand-in")])
    now = datetime.now(UTC)
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**_SIGNS_ONLY), critical=True)
        .add_extension(own, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.DER)


def _active(connection: sqlite3.Connection, account: str, issuer: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM idp_key WHERE account = ? AND issuer = ? AND retired IS NULL", (account, issuer)
    ).fetchone()
    return row
