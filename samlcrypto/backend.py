"""The verifier as pysaml2's crypto backend, without the xmlsec1 program.

`install()` has to run once before pysaml2 builds a client or a server. pysaml2 offers no hook for a backend (its
issue 886), so two private names of `saml2.sigver` are replaced. A test fails when an upgrade renames them or stops
calling them.
"""

import sys
from pathlib import Path

import xmlsec
from saml2 import sigver

from samlcrypto import signatures
from samlcrypto.documents import SamlRefused


class XmlsecBackend(sigver.CryptoBackend):  # type: ignore[misc]  # pysaml2 has no annotations
    """Signs and verifies with the xmlsec wheel. Encrypted assertions raise NotImplementedError."""

    @property
    def version(self) -> str:
        return ".".join(str(part) for part in xmlsec.get_libxmlsec_version())  # type: ignore[attr-defined]

    def sign_statement(self, statement: object, node_name: str, key_file: str, node_id: str | None) -> str:
        """`statement` (XML text, or a pysaml2 object whose str() is XML) with `node_name` signed."""
        text = statement if isinstance(statement, str | bytes) else str(statement)
        try:
            return signatures.sign(text, node_name, Path(key_file).read_bytes(), node_id)
        except SamlRefused as refused:
            raise sigver.SignatureError(refused.reason) from refused

    def validate_signature(
        self, signedtext: str | bytes, cert_file: str, cert_type: str, node_name: str, node_id: str | None
    ) -> bool:
        """True, or pysaml2's SignatureError. `cert_type` is ignored: PEM and DER are told apart by looking."""
        try:
            signatures.verify(signedtext, Path(cert_file).read_bytes(), node_name, node_id)
        except SamlRefused as refused:
            raise sigver.SignatureError(refused.reason) from refused
        return True


def install() -> None:
    """Make pysaml2 use XmlsecBackend wherever its configuration says `crypto_backend: xmlsec1`, which is its default.

    `xmlsec_binary` must stay unset. With `xmlsec1` rather than `XMLSecurity`, pysaml2 keeps the means to sign messages
    of the redirect binding (its issue 901). Calling it twice does no harm.
    """
    # pysaml2 checks that this file exists before it asks the factory below, which does not look at it.
    sigver.get_xmlsec_binary = _any_existing_file
    sigver._get_xmlsec_cryptobackend = _backend


def _any_existing_file(paths: object = None) -> str:
    return sys.executable


def _backend(path: object = None, search_paths: object = None, delete_tmpfiles: bool = True) -> XmlsecBackend:
    return XmlsecBackend()
