"""Making and checking enveloped signatures. The caller gives the key; KeyInfo in a document is ignored."""

from collections.abc import Iterable

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from samlcrypto.documents import (
    ASSERTION,
    MAX_BYTES,
    PROTOCOL,
    Element,
    SamlRefused,
    element_named,
    has_signature,
    only_assertion,
    parse,
    refuse_strays,
    signature_of,
)

ASSERTION_NODE = f"{ASSERTION}:Assertion"
RESPONSE_NODE = f"{PROTOCOL}:Response"
MIN_KEY_BITS = 2048


def sign(document: str | bytes, node_name: str, key_pem: bytes, node_id: str | None = None) -> str:
    """Fill in the signature template that the element already holds.

    Args:
        document: the message; the element to be signed holds an empty `ds:Signature` as its direct child.
        node_name: as pysaml2 names elements, such as `urn:oasis:names:tc:SAML:2.0:assertion:Assertion`.
        key_pem: RSA private key, PEM, without a password.

    Raises:
        SamlRefused: the template is missing, out of place, or asks for a weak algorithm.
    """
    root = parse(document)
    refuse_strays(root)
    element = element_named(root, node_name, node_id)
    signature = signature_of(element)
    key = xmlsec.Key.from_memory(key_pem, xmlsec.constants.KeyDataFormatPem)
    try:
        _context(element, key).sign(signature)
    except xmlsec.Error as error:
        raise SamlRefused("The element could not be signed.", signature=True) from error
    return str(etree.tostring(root, encoding="unicode"))


def verify(document: str | bytes, certificate: bytes, node_name: str, node_id: str | None = None) -> Element:
    """The element `node_name`, when the signature inside it was made over it with the certificate's key.

    Args:
        certificate: X.509, PEM or DER, taken from metadata. Its dates and issuer are not judged: in SAML metadata it
            is a container of a key (SAML metadata interoperability profile, section 2.6.1).

    Raises:
        SamlRefused: any rule of `samlcrypto.documents` is broken, or the signature does not fit.
    """
    root = parse(document)
    refuse_strays(root)
    element = element_named(root, node_name, node_id)
    _refuse_misfit(element, signature_of(element), _public_key(certificate))
    return element


def verified_assertion(document: str | bytes, certificates: Iterable[bytes], *, max_bytes: int = MAX_BYTES) -> Element:
    """The one assertion of a SAML response that one of `certificates` vouches for.

    The assertion's own signature counts; where it has none, the response's covers it. A signature that is there must
    fit, even where the other one would do. What is returned is the very element that was verified.

    Raises:
        SamlRefused: no certificate fits, nothing is signed, or the response is not one of exactly one assertion.
    """
    root = parse(document, max_bytes)
    assertion = only_assertion(root)
    refuse_strays(root)
    signatures = [(element, signature_of(element)) for element in (root, assertion) if has_signature(element)]
    if not signatures:
        raise SamlRefused("Neither the response nor its assertion is signed.", signature=True)
    refusal = SamlRefused("No certificate was given.", signature=True)
    for certificate in certificates:
        try:
            key = _public_key(certificate)
            for element, signature in signatures:
                _refuse_misfit(element, signature, key)
        except SamlRefused as refused:
            refusal = refused
        else:
            return assertion
    raise refusal


def _refuse_misfit(element: Element, signature: Element, key: "xmlsec.Key") -> None:
    try:
        _context(element, key).verify(signature)
    except xmlsec.Error as error:
        raise SamlRefused("The signature does not fit the document and the key.", signature=True) from error


def _context(element: Element, key: "xmlsec.Key") -> "xmlsec.SignatureContext":
    """A context in which the Reference can lead to that element only."""
    context = xmlsec.SignatureContext()
    context.key = key
    context.register_id(element, "ID")
    return context


def _public_key(certificate: bytes) -> "xmlsec.Key":
    try:
        pem = certificate.lstrip().startswith(b"-----BEGIN")
        parsed = x509.load_pem_x509_certificate(certificate) if pem else x509.load_der_x509_certificate(certificate)
        public = parsed.public_key()
    except ValueError as error:
        raise SamlRefused("The certificate cannot be read.", signature=True) from error
    if not isinstance(public, rsa.RSAPublicKey) or public.key_size < MIN_KEY_BITS:
        raise SamlRefused(f"The certificate's key is not RSA of at least {MIN_KEY_BITS} bits.", signature=True)
    der = parsed.public_bytes(Encoding.DER)
    return xmlsec.Key.from_memory(der, xmlsec.constants.KeyDataFormatCertDer)
