"""The installation's own keys, made on first start and kept in the sandbox's file (mode 0600).

The RSA key signs the OpenID tokens of identity pools; its public half is the JWKS. The sealing secret encrypts session
tokens and derives their secret access keys, so that credentials outlive a restart without a row of their own.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox.core.later import later
from sandbox.core.store import Store

if TYPE_CHECKING:
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.kdf import hkdf
    from joserfc import jwk
else:
    hashes = later("cryptography.hazmat.primitives.hashes")
    serialization = later("cryptography.hazmat.primitives.serialization")
    rsa = later("cryptography.hazmat.primitives.asymmetric.rsa")
    hkdf = later("cryptography.hazmat.primitives.kdf.hkdf")
    jwk = later("joserfc.jwk")

SCHEMA = """
CREATE TABLE IF NOT EXISTS installation_key (
    account TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (account, name)
) WITHOUT ROWID;
"""


class Keys:
    """The keys that belong to this installation, kept in its file.

    Attributes:
        token_key: the RSA key (2048 bits) behind the RS512 tokens of GetOpenIdToken.
        token_kid: `REGION-NUMBER`, the shape of AWS's own key ids.
    """

    def __init__(self, store: Store, region: str) -> None:
        self._store = store
        self.token_key = self.rsa_key("cognito-identity")
        modulus = self.token_key.public_key().public_numbers().n
        self.token_kid = f"{region}-{modulus % 97 + 1}"
        self._sealing = self.secret("sealing")

    def secret(self, name: str) -> bytes:
        """32 random bytes of this installation, the same for the same name for ever."""
        return self._kept(name, lambda: secrets.token_bytes(32))

    def rsa_key(self, name: str) -> rsa.RSAPrivateKey:
        """An RSA key of this installation, the same for the same name for ever."""
        pem = self._kept(name, _new_rsa_pem)
        key = serialization.load_pem_private_key(pem, password=None, unsafe_skip_rsa_key_validation=True)
        assert isinstance(key, rsa.RSAPrivateKey)
        return key

    def derived(self, purpose: str) -> bytes:
        """32 bytes for one purpose, derived from the sealing secret (HKDF-SHA256, RFC 5869)."""
        return hkdf.HKDF(hashes.SHA256(), 32, salt=None, info=purpose.encode()).derive(self._sealing)

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """The public half of `token_key` as a JSON Web Key Set (RFC 7517), members as AWS publishes them."""
        key = jwk.RSAKey.import_key(self.token_key.public_key())
        return {"keys": [key.as_dict(use="sig", alg="RS512", kid=self.token_kid)]}

    def _kept(self, name: str, make: Callable[[], bytes]) -> bytes:
        return _kept(self._store.connection, name, make)


def installation_secret(connection: sqlite3.Connection, name: str) -> bytes:
    """The same as `Keys.secret`, by any connection to the sandbox's file."""
    return _kept(connection, name, lambda: secrets.token_bytes(32))


def _kept(connection: sqlite3.Connection, name: str, make: Callable[[], bytes]) -> bytes:
    query = "SELECT value FROM installation_key WHERE account = '' AND name = ?"
    row = connection.execute(query, (name,)).fetchone()
    if row is None:
        # When two threads make it at once, both then read the same one.
        connection.execute("INSERT OR IGNORE INTO installation_key (name, value) VALUES (?, ?)", (name, make()))
        row = connection.execute(query, (name,)).fetchone()
    return bytes(row[0])


def _new_rsa_pem() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
