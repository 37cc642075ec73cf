"""Each certificate that is made here passes the strict verification that Python 3.13 makes its default."""

import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from sandbox.core import signing_keys as keys
from tests.certificates import certify, private_pem, self_signed

# https://docs.python.org/3/whatsnew/3.13.html#ssl
STRICTLY = ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN


def handshake(directory: Path, authority: bytes, certificate_and_key: bytes, host: str | None) -> None:
    """A TLS handshake in memory. Raises SSLCertVerificationError."""
    file = directory / "certificate.pem"
    file.write_bytes(certificate_and_key)
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(file)
    ours = ssl.create_default_context(cadata=authority.decode())
    ours.verify_flags |= STRICTLY
    ours.check_hostname = host is not None
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ours.wrap_bio(back, there, server_hostname=host)
    server = theirs.wrap_bio(there, back, server_side=True)
    for side in (client, server, client, server):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    assert client.version()


def test_an_authority_and_what_it_certifies(tmp_path: Path) -> None:
    authority, certificate = tmp_path / "authority.pem", tmp_path / "far-end.pem"
    certify(["far-end.example"], authority, certificate)
    handshake(tmp_path, authority.read_bytes(), certificate.read_bytes(), "far-end.example")


@pytest.mark.parametrize("whose", ["the tests'", "the stand-ins'"])
def test_a_certificate_that_vouches_for_itself(tmp_path: Path, whose: str) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    made = self_signed("idp.example.com", key).public_bytes(Encoding.DER) if whose == "the tests'" else None
    pem = ssl.DER_cert_to_PEM_cert(made or keys.self_signed(key)).encode()
    handshake(tmp_path, pem, private_pem(key) + pem, None)


def test_certificates_are_made_in_these_two_places_alone() -> None:
    files = [*Path("tests").rglob("*.py"), *Path("sandbox").rglob("*.py"), *Path("providers").rglob("*.py")]
    made = {str(file) for file in files if f"{'Certificate'}Builder(" in file.read_text()}
    assert made == {"tests/certificates.py", "sandbox/core/signing_keys.py"}
