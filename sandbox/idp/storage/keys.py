"""The signing keys of one issuer, for a stand-in that serves in threads (sandbox.core.signing_keys)."""

from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.core import signing_keys
from sandbox.core.spare_keys import new_rsa_key
from sandbox.idp.storage.records import Records


class SigningKeys:
    """The keys of one issuer. RSA of 2048 bits, as all the real ones."""

    def __init__(self, records: Records, issuer: str, new_key_id: Callable[[], str]) -> None:
        self._records = records
        self._issuer = issuer
        self._new_key_id = new_key_id
        self._foreign: rsa.RSAPrivateKey | None = None

    def active(self) -> tuple[str, rsa.RSAPrivateKey]:
        """Key id and key that sign now; made when first asked for."""
        row = self._active_row()
        return row["kid"], signing_keys.parsed_key(row["pem"])

    def certificate(self) -> bytes:
        """DER of the self-signed certificate around the active key, for SAML metadata."""
        return bytes(self._active_row()["certificate"])

    def certificates(self) -> list[bytes]:
        """DER of every published key's certificate, the active one first."""
        self._active_row()
        return [bytes(row["certificate"]) for row in self._published()]

    def foreign(self) -> rsa.RSAPrivateKey:
        """A key that this issuer never published, for signing wrongly on purpose."""
        if self._foreign is None:
            self._foreign = new_rsa_key()
        return self._foreign

    def rotate(self, *, withdraw: bool = False) -> None:
        """Sign with a new key from now on. The old one stays in the JWKS for a day, or leaves it now (`withdraw`)."""
        self._active_row()
        records = self._records
        signing_keys.rotate_key(
            records.connection, records.account, self._issuer, self._new_key_id(), withdraw=withdraw
        )

    def kids(self) -> list[str]:
        """Ids of the published keys, the active one first; makes none where there is none yet."""
        return [row["kid"] for row in self._published()]

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """The published keys as a JSON Web Key Set (RFC 7517), the active one first."""
        self._active_row()
        return signing_keys.jwk_set(self._published())

    def _active_row(self) -> Any:
        records = self._records
        return signing_keys.active_row(records.connection, records.account, self._issuer, self._new_key_id)

    def _published(self) -> list[Any]:
        return signing_keys.published_rows(self._records.connection, self._records.account, self._issuer)
