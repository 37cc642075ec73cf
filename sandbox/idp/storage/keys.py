"""The signing keys of each issuer: one signs, earlier ones stay published for a day, any can be withdrawn at once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from joserfc.jwk import RSAKey

from sandbox.idp.storage.records import Records

PUBLISHED_AFTER_ROTATION = 86_400
_SIGNS_ONLY = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


def new_rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class SigningKeys:
    """The keys of one issuer. RSA of 2048 bits, as all the real ones."""

    def __init__(self, records: Records, issuer: str, new_key_id: Callable[[], str]) -> None:
        self._records = records
        self._issuer = issuer
        self._new_key_id = new_key_id
        self._parsed: dict[str, rsa.RSAPrivateKey] = {}
        self._foreign: rsa.RSAPrivateKey | None = None

    def active(self) -> tuple[str, rsa.RSAPrivateKey]:
        """Key id and key that sign now; made when first asked for."""
        row = self._active_row()
        if row is None:
            self._add()
            row = self._active_row()
            assert row is not None
        return row["kid"], self._parse(row)

    def certificate(self) -> bytes:
        """DER of the self-signed certificate around the active key, for SAML metadata."""
        self.active()
        row = self._active_row()
        assert row is not None
        return bytes(row["certificate"])

    def certificates(self) -> list[bytes]:
        """DER of every published key's certificate, the active one first."""
        self.active()
        return [bytes(row["certificate"]) for row in self._published()]

    def foreign(self) -> rsa.RSAPrivateKey:
        """A key that this issuer never published, for signing wrongly on purpose."""
        if self._foreign is None:
            self._foreign = new_rsa_key()
        return self._foreign

    def rotate(self, *, withdraw: bool = False) -> None:
        """Sign with a new key from now on. The old one stays in the JWKS for a day, or leaves it now (`withdraw`)."""
        self.active()
        now = self._records.now().machine
        key = (self._records.account, self._issuer)
        self._records.connection.execute(
            "UPDATE idp_key SET retired = ? WHERE account = ? AND issuer = ? AND retired IS NULL", (now, *key)
        )
        if withdraw:
            self._records.connection.execute(
                "DELETE FROM idp_key WHERE account = ? AND issuer = ? AND retired IS NOT NULL", key
            )
        self._add()

    def kids(self) -> list[str]:
        """Ids of the published keys, the active one first; makes none where there is none yet."""
        return [row["kid"] for row in self._published()]

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """The published keys as a JSON Web Key Set (RFC 7517), the active one first."""
        self.active()
        return {
            "keys": [
                RSAKey.import_key(self._parse(row).public_key()).as_dict(use="sig", alg="RS256", kid=row["kid"])
                for row in self._published()
            ]
        }

    def _active_row(self) -> Any:
        return self._records.connection.execute(
            "SELECT * FROM idp_key WHERE account = ? AND issuer = ? AND retired IS NULL",
            (self._records.account, self._issuer),
        ).fetchone()

    def _published(self) -> list[Any]:
        oldest = self._records.now().machine - PUBLISHED_AFTER_ROTATION
        return self._records.connection.execute(
            "SELECT * FROM idp_key WHERE account = ? AND issuer = ? AND (retired IS NULL OR retired > ?)"
            " ORDER BY retired IS NOT NULL, made DESC",
            (self._records.account, self._issuer, oldest),
        ).fetchall()

    def _add(self) -> None:
        key = new_rsa_key()
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        # When two threads make the first key at once, the unique index keeps one and both then read it.
        self._records.connection.execute(
            "INSERT OR IGNORE INTO idp_key (account, issuer, kid, pem, certificate, made) VALUES (?, ?, ?, ?, ?, ?)",
            (
                self._records.account,
                self._issuer,
                self._new_key_id(),
                pem,
                self_signed(key),
                self._records.now().machine,
            ),
        )

    def _parse(self, row: Any) -> rsa.RSAPrivateKey:
        kid: str = row["kid"]
        if kid not in self._parsed:
            key = serialization.load_pem_private_key(row["pem"], password=None)
            assert isinstance(key, rsa.RSAPrivateKey)
            self._parsed[kid] = key
        return self._parsed[kid]


def self_signed(key: rsa.RSAPrivateKey) -> bytes:
    """DER of a certificate that is a container for the key: what SAML metadata wants, as RFC 5280 wants it."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Identity Pools Lab local stand-in")])
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
        .add_extension(_SIGNS_ONLY, critical=True)
        .add_extension(own, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.DER)
