"""Certificates of authorities that exist in tests alone, with what RFC 5280 asks: Python 3.13 verifies strictly."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def certify(hosts: Iterable[str], authority: Path, certificate: Path) -> None:
    """Writes the authority's certificate, and a certificate for the hosts with its private key."""
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name, name = _name("Test authority"), _name("Far end")
    root = _signed(_builder(root_name, root_name, root_key, root_key, is_authority=True), root_key)
    names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
    # Not critical beside a subject that has a name (RFC 5280, section 4.2.1.6).
    builder = _builder(name, root_name, key, root_key).add_extension(names, critical=False)
    leaf = _signed(builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False), root_key)
    authority.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    certificate.write_bytes(private_pem(key) + leaf.public_bytes(serialization.Encoding.PEM))


def self_signed(name: str, key: PrivateKey, *, days: int = 1) -> x509.Certificate:
    """A certificate that vouches for itself: a container for a key, and no authority."""
    return _signed(_builder(_name(name), _name(name), key, key, days=days), key)


def private_pem(key: PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: PrivateKey,
    issuer_key: PrivateKey,
    *,
    is_authority: bool = False,
    days: int = 1,
) -> x509.CertificateBuilder:
    """With basic constraints, key usage and both key identifiers (RFC 5280, sections 4.2.1.1 to 4.2.1.3, 4.2.1.9)."""
    now = datetime.now(UTC)
    usage = dict.fromkeys(("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False)
    signs = {"digital_signature": not is_authority, "key_cert_sign": is_authority, "crl_sign": is_authority}
    own, issuers = key.public_key(), issuer_key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(own)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage, **signs, encipher_only=False, decipher_only=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuers), critical=False)
    )


def _signed(builder: x509.CertificateBuilder, key: PrivateKey) -> x509.Certificate:
    return builder.sign(key, hashes.SHA256())
