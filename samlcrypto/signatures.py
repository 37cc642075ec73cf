"""Making and checking one enveloped signature. The caller gives the key; KeyInfo in a document is ignored."""

from collections.abc import Iterable

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from samlcrypto.documents import (
    ASSERTION,
    Element,
    SamlSignatureError,
    parse,
    refuse_weak_algorithms,
    signed_element,
)

ASSERTION_NODE = f"{ASSERTION}:Assertion"
RESPONSE_NODE = "urn:oasis:names:tc:SAML:2.0:protocol:Response"
MIN_KEY_BITS = 2048


def sign(document: str | bytes, node_name: str, key_pem: bytes, node_id: str | None = None) -> str:
    """Fill in the signature template that the element already holds.

    Args:
        document: the message; the element to be signed holds an empty `ds:Signature` as its direct child.
        node_name: as pysaml2 names elements, such as `urn:oasis:names:tc:SAML:2.0:assertion:Assertion`.
        key_pem: RSA private key, PEM, without a password.

    Raises:
        SamlSignatureError: the template is missing, out of place, or asks for a weak algorithm.
    """
    root = parse(document)
    _, signature = signed_element(root, node_name, node_id)
    refuse_weak_algorithms(signature)
    xmlsec.tree.add_ids(root, ["ID"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(key_pem, xmlsec.constants.KeyDataFormatPem)
    try:
        context.sign(signature)
    except xmlsec.Error as error:
        raise SamlSignatureError("The element could not be signed.") from error
    return str(etree.tostring(root, encoding="unicode"))


def verify(document: str | bytes, certificate: bytes, node_name: str, node_id: str | None = None) -> Element:
    """The element `node_name`, when the signature inside it was made over it with the certificate's key.

    Args:
        certificate: X.509, PEM or DER, taken from metadata. Its dates and issuer are not judged: in SAML metadata it
            is a container of a key (SAML metadata interoperability profile, section 2.6.1).

    Raises:
        SamlSignatureError: any rule of `samlcrypto.documents` is broken, or the signature does not fit.
    """
    root = parse(document)
    element, signature = signed_element(root, node_name, node_id)
    refuse_weak_algorithms(signature)
    xmlsec.tree.add_ids(root, ["ID"])
    context = xmlsec.SignatureContext()
    context.key = _public_key(certificate)
    try:
        context.verify(signature)
    except xmlsec.Error as error:
        raise SamlSignatureError("The signature does not fit the document and the key.") from error
    return element


def verified_assertion(document: str | bytes, certificates: Iterable[bytes]) -> Element:
    """The one assertion of a SAML response that one of `certificates` vouches for.

    The assertion's own signature counts; where it has none, the response's covers it. A signature that is there must
    fit, even where the other one would do.

    Raises:
        SamlSignatureError: no certificate fits, nothing is signed, or the response holds no or several assertions.
    """
    root = parse(document)
    if root.tag != "{urn:oasis:names:tc:SAML:2.0:protocol}Response":
        raise SamlSignatureError("The document is not a SAML response.")
    assertions = root.findall(f"{{{ASSERTION}}}Assertion")
    if len(assertions) != 1 or root.find(f"{{{ASSERTION}}}EncryptedAssertion") is not None:
        raise SamlSignatureError(f"The response holds {len(assertions)} readable assertions, not one.")
    failure = SamlSignatureError("No certificate was given.")
    for certificate in certificates:
        try:
            return _vouched(document, root, certificate)
        except SamlSignatureError as error:
            failure = error
    raise failure


def _vouched(document: str | bytes, root: Element, certificate: bytes) -> Element:
    by_response = _has_signature(root)
    by_assertion = _has_signature(root.find(f"{{{ASSERTION}}}Assertion"))
    if not (by_response or by_assertion):
        raise SamlSignatureError("Neither the response nor its assertion is signed.")
    if by_response:
        response = verify(document, certificate, RESPONSE_NODE)
        assertion = response.find(f"{{{ASSERTION}}}Assertion")
    if by_assertion:
        assertion = verify(document, certificate, ASSERTION_NODE)
    return assertion


def _has_signature(element: Element) -> bool:
    return element.find("{http://www.w3.org/2000/09/xmldsig#}Signature") is not None


def _public_key(certificate: bytes) -> "xmlsec.Key":
    try:
        pem = certificate.lstrip().startswith(b"-----BEGIN")
        parsed = x509.load_pem_x509_certificate(certificate) if pem else x509.load_der_x509_certificate(certificate)
        public = parsed.public_key()
    except ValueError as error:
        raise SamlSignatureError("The certificate cannot be read.") from error
    if not isinstance(public, rsa.RSAPublicKey) or public.key_size < MIN_KEY_BITS:
        raise SamlSignatureError(f"The certificate's key is not RSA of at least {MIN_KEY_BITS} bits.")
    der = parsed.public_bytes(Encoding.DER)
    return xmlsec.Key.from_memory(der, xmlsec.constants.KeyDataFormatCertDer)
