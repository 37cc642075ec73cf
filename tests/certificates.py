"""Certificates of an authority that exists in tests alone."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def certify(hosts: Iterable[str], authority: Path, certificate: Path) -> None:
    """Writes the authority's certificate, and a certificate for the hosts with its private key."""
    now = datetime.now(UTC)
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test authority")])
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Far end")])

    def build(subject: x509.Name, public: Any, extension: Any) -> x509.Certificate:
        builder = x509.CertificateBuilder(
            issuer_name=root_name,
            subject_name=subject,
            public_key=public,
            serial_number=x509.random_serial_number(),
            not_valid_before=now - timedelta(hours=1),
            not_valid_after=now + timedelta(days=1),
        )
        return builder.add_extension(extension, critical=True).sign(root_key, hashes.SHA256())

    root = build(root_name, root_key.public_key(), x509.BasicConstraints(ca=True, path_length=None))
    names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
    leaf = build(name, key.public_key(), names)
    authority.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    certificate.write_bytes(private + leaf.public_bytes(serialization.Encoding.PEM))
