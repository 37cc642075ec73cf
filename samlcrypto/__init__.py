"""The one verifier of XML signatures, for SAML in the application and in the sandbox, by the xmlsec wheel.

`samlcrypto.backend` makes it the crypto backend of pysaml2, which is imported there only: it takes its time.
"""

from samlcrypto.documents import SamlRefused, parse
from samlcrypto.metadata import MAX_METADATA_BYTES, signing_certificates
from samlcrypto.signatures import sign, verified_assertion, verify

__all__ = [
    "MAX_METADATA_BYTES",
    "SamlRefused",
    "parse",
    "sign",
    "signing_certificates",
    "verified_assertion",
    "verify",
]
