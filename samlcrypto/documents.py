"""Which XML is looked at in the first place: strict parsing, and where in a SAML message signatures may stand.

The rules are those of SAML core, section 5.4 (enveloped signatures, one Reference, to the parent's ID), made stricter
where signature wrapping found its openings: one ID per value in the whole document, assertions and signatures only in
the places where the rest of the library looks for them.
"""

from typing import Any

from lxml import etree
from saml2.sigver import SignatureError

# lxml's own annotations are absent here, hence an alias that says what is meant.
Element = Any

DS = "http://www.w3.org/2000/09/xmldsig#"
ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion"
MAX_BYTES = 256 * 1024
SIGNATURE_METHODS = frozenset(
    f"http://www.w3.org/2001/04/xmldsig-more#rsa-{digest}" for digest in ("sha256", "sha384", "sha512")
)
DIGEST_METHODS = frozenset(
    (
        "http://www.w3.org/2001/04/xmlenc#sha256",
        "http://www.w3.org/2001/04/xmldsig-more#sha384",
        "http://www.w3.org/2001/04/xmlenc#sha512",
    )
)
ENVELOPED = f"{DS}enveloped-signature"
EXCLUSIVE_C14N = frozenset(
    ("http://www.w3.org/2001/10/xml-exc-c14n#", "http://www.w3.org/2001/10/xml-exc-c14n#WithComments")
)
# libxml2 takes `xml:id` for an ID by itself, whatever was registered.
ID_ATTRIBUTES = ("ID", "Id", "id", "{http://www.w3.org/XML/1998/namespace}id")


class SamlSignatureError(SignatureError):  # type: ignore[misc]  # pysaml2 has no annotations
    """A document or signature that is refused; the text names the rule and quotes nothing secret."""


def parse(document: str | bytes) -> Element:
    """The root element of `document`, with nothing fetched, expanded or declared.

    Raises:
        SamlSignatureError: too long, not well-formed, with a DOCTYPE, or with one ID on two elements.
    """
    data = document.encode() if isinstance(document, str) else document
    if len(data) > MAX_BYTES:
        raise SamlSignatureError(f"The document has more than {MAX_BYTES} bytes.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SamlSignatureError("The document is not well-formed XML.") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise SamlSignatureError("A DOCTYPE is not allowed in SAML messages.")
    _refuse_ambiguous_ids(root)
    return root


def _refuse_ambiguous_ids(root: Element) -> None:
    values = [value for element in root.iter("*") for name in ID_ATTRIBUTES if (value := element.get(name)) is not None]
    if len(values) != len(set(values)):
        raise SamlSignatureError("Two elements of the document have the same ID.")


def qualified(node_name: str) -> str:
    """lxml's name for pysaml2's: `urn:...:assertion:Assertion` -> `{urn:...:assertion}Assertion`."""
    namespace, _, local = node_name.rpartition(":")
    return f"{{{namespace}}}{local}"


def signed_element(root: Element, node_name: str, node_id: str | None) -> tuple[Element, Element]:
    """The one element `node_name` with that ID, and the one signature inside it.

    Raises:
        SamlSignatureError: the element is missing, in doubt, or out of place; or its signature is.
    """
    _refuse_strays(root)
    tag = qualified(node_name)
    found = [element for element in root.iter(tag) if node_id is None or element.get("ID") == node_id]
    if len(found) != 1:
        raise SamlSignatureError(f"There are {len(found)} elements {tag} with the ID in question, not one.")
    element = found[0]
    if element is not root and element.getparent() is not root:
        raise SamlSignatureError("The signed element is neither the document element nor a child of it.")
    signatures = element.findall(f"{{{DS}}}Signature")
    if len(signatures) != 1:
        raise SamlSignatureError(f"The element holds {len(signatures)} signatures, not one.")
    _refuse_detached(element, signatures[0])
    return element, signatures[0]


def _refuse_strays(root: Element) -> None:
    """Assertions and signatures may stand only where they are looked for, so that none can be hidden elsewhere."""
    for assertion in root.iter(f"{{{ASSERTION}}}Assertion"):
        if assertion is not root and assertion.getparent() is not root:
            raise SamlSignatureError("An Assertion is hidden deep inside the document.")
    for signature in root.iter(f"{{{DS}}}Signature"):
        parent = signature.getparent()
        if parent is None or (parent is not root and parent.getparent() is not root):
            raise SamlSignatureError("A Signature is hidden deep inside the document.")
    if root.find(f".//{{{DS}}}Object") is not None:
        raise SamlSignatureError("A signature carries an Object.")


def _refuse_detached(element: Element, signature: Element) -> None:
    references = signature.findall(f"{{{DS}}}SignedInfo/{{{DS}}}Reference")
    if len(references) != 1 or len(signature.findall(f".//{{{DS}}}Reference")) != 1:
        raise SamlSignatureError("The signature must have exactly one Reference.")
    identifier = element.get("ID")
    if not identifier or references[0].get("URI") != f"#{identifier}":
        raise SamlSignatureError("The Reference does not point at the element that holds the signature.")


def refuse_weak_algorithms(signature: Element) -> None:
    """RSA with SHA-2, exclusive canonicalisation, no transform but that and `enveloped-signature`.

    Args:
        signature: as `signed_element` returns it, which has seen to its SignedInfo.

    Raises:
        SamlSignatureError: another algorithm is named. HMAC (the public key as a secret), SHA-1, XPath, XSLT end here.
    """
    info = signature.find(f"{{{DS}}}SignedInfo")
    _one_of(info, "CanonicalizationMethod", EXCLUSIVE_C14N)
    _one_of(info, "SignatureMethod", SIGNATURE_METHODS)
    _one_of(info, "Reference/DigestMethod", DIGEST_METHODS)
    transforms = [each.get("Algorithm") for each in info.iter(f"{{{DS}}}Transform")]
    if ENVELOPED not in transforms or not set(transforms) <= EXCLUSIVE_C14N | {ENVELOPED} or len(transforms) > 2:
        raise SamlSignatureError("The transforms must be enveloped-signature and exclusive canonicalisation.")


def _one_of(info: Element, path: str, allowed: frozenset[str]) -> None:
    found = info.findall("/".join(f"{{{DS}}}{name}" for name in path.split("/")))
    if len(found) != 1 or found[0].get("Algorithm") not in allowed:
        named = found[0].get("Algorithm") if len(found) == 1 else f"{len(found)} elements"
        raise SamlSignatureError(f"{path} is not allowed: {named}.")
