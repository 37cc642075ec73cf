"""XML signatures for SAML by the xmlsec wheel, and as the crypto backend of pysaml2 without the xmlsec1 program.

`install()` has to run once before pysaml2 builds a client or a server. `verify`, `sign` and `verified_assertion` work
without it.
"""

from samlcrypto.backend import XmlsecBackend, install
from samlcrypto.documents import SamlSignatureError, parse
from samlcrypto.signatures import sign, verified_assertion, verify

__all__ = ["SamlSignatureError", "XmlsecBackend", "install", "parse", "sign", "verified_assertion", "verify"]
