"""Which XML is looked at in the first place: strict parsing, and where in a SAML message signatures may stand.

The rules are those of SAML core, section 5.4 (enveloped signatures, one Reference, to the parent's ID), made stricter
where signature wrapping found its openings: one ID per value in the whole document, assertions and signatures only in
the places where the rest of the library looks for them.
"""

from typing import Any

from lxml import etree

# lxml's own annotations are absent here, hence an alias that says what is meant.
Element = Any

DS = "http://www.w3.org/2000/09/xmldsig#"
ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion"
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
MAX_BYTES = 256 * 1024
_MOST_ATTRIBUTES = 100  # of an element; the schemas know a tenth of it, and lxml takes the square of it to read them
_SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
_SIGNATURE_METHODS = frozenset(
    f"http://www.w3.org/2001/04/xmldsig-more#rsa-{digest}" for digest in ("sha256", "sha384", "sha512")
)
_DIGEST_METHODS = frozenset(
    (
        "http://www.w3.org/2001/04/xmlenc#sha256",
        "http://www.w3.org/2001/04/xmldsig-more#sha384",
        "http://www.w3.org/2001/04/xmlenc#sha512",
    )
)
_ENVELOPED = f"{DS}enveloped-signature"
# Its variant that keeps comments is refused: comments are dropped while reading.
_EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"


class SamlRefused(Exception):
    """A document that is not believed.

    Attributes:
        reason: names the rule and quotes nothing secret, so it may be shown.
        signature: whether the signature, or what it covers, is at fault, and not the rest of the document.
    """

    def __init__(self, reason: str, *, signature: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.signature = signature


def parse(document: str | bytes, max_bytes: int = MAX_BYTES) -> Element:
    """The root element of `document`, without its comments, with nothing fetched, expanded or declared.

    Raises:
        SamlRefused: too long, not well-formed, with a DOCTYPE, with one ID on two elements, or with more attributes on
            one than any has.
    """
    data = document.encode() if isinstance(document, str) else document
    if len(data) > max_bytes:
        raise SamlRefused(f"The document has more than {max_bytes} bytes.")
    # Comments are no part of what is signed, and would cut a text in two for a reader of `element.text`.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SamlRefused("The document is not well-formed XML.") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise SamlRefused("A DOCTYPE is not allowed in SAML messages.")
    _refuse_ambiguous_ids(root)
    return root


def _refuse_ambiguous_ids(root: Element) -> None:
    """libxml2 takes `xml:id` for an ID by itself, and other readers other spellings: none may stand twice."""
    if any(len(element.attrib) > _MOST_ATTRIBUTES for element in root.iter("*")):
        raise SamlRefused(f"An element of the document has more than {_MOST_ATTRIBUTES} attributes.")
    values = [
        value
        for element in root.iter("*")
        for name, value in element.attrib.items()
        if name.rpartition("}")[2].lower() == "id"
    ]
    if len(values) != len(set(values)):
        raise SamlRefused("Two elements of the document have the same ID.", signature=True)


def only_assertion(root: Element) -> Element:
    """The one assertion of a response that reports success.

    Raises:
        SamlRefused: no response, no success, no or several assertions, wherever they stand, or an encrypted one.
    """
    if root.tag != f"{{{PROTOCOL}}}Response":
        raise SamlRefused("The document is not a SAML response.")
    status = root.find(f"{{{PROTOCOL}}}Status/{{{PROTOCOL}}}StatusCode")
    if status is None or status.get("Value") != _SUCCESS:
        raise SamlRefused("The response reports no success.")
    assertions = list(root.iter(f"{{{ASSERTION}}}Assertion"))
    if len(assertions) != 1 or next(root.iter(f"{{{ASSERTION}}}EncryptedAssertion"), None) is not None:
        raise SamlRefused(f"The response holds {len(assertions)} readable assertions, not one.")
    if assertions[0].getparent() is not root:
        raise SamlRefused("The assertion does not stand directly below the response.")
    return assertions[0]


def element_named(root: Element, node_name: str, node_id: str | None) -> Element:
    """The one element of that name, and of that ID where one is given: the document element or a child of it.

    Args:
        node_name: as pysaml2 names elements, such as `urn:oasis:names:tc:SAML:2.0:assertion:Assertion`.

    Raises:
        SamlRefused: the element is missing, in doubt, or out of place.
    """
    namespace, _, local = node_name.rpartition(":")
    tag = f"{{{namespace}}}{local}"
    found = [element for element in root.iter(tag) if node_id is None or element.get("ID") == node_id]
    if len(found) != 1:
        raise SamlRefused(f"There are {len(found)} elements {tag} with the ID in question, not one.")
    if found[0] is not root and found[0].getparent() is not root:
        raise SamlRefused("The signed element is neither the document element nor a child of it.")
    return found[0]


def refuse_strays(root: Element) -> None:
    """Let assertions and signatures stand only where they are looked for, so that none can be hidden elsewhere.

    Raises:
        SamlRefused
    """
    for assertion in root.iter(f"{{{ASSERTION}}}Assertion"):
        if assertion is not root and assertion.getparent() is not root:
            raise SamlRefused("An Assertion is hidden deep inside the document.", signature=True)
    for signature in root.iter(f"{{{DS}}}Signature"):
        parent = signature.getparent()
        # An assertion is at the top by now.
        if parent is None or (parent is not root and parent.tag != f"{{{ASSERTION}}}Assertion"):
            raise SamlRefused("A Signature stands where none belongs.", signature=True)
    if root.find(f".//{{{DS}}}Object") is not None:
        raise SamlRefused("A signature carries an Object.", signature=True)


def has_signature(element: Element) -> bool:
    """Whether there is a signature directly below the element."""
    return element.find(f"{{{DS}}}Signature") is not None


def signature_of(element: Element) -> Element:
    """The one signature directly below the element, which refers to that element only and by strong algorithms.

    Raises:
        SamlRefused: another form or another algorithm than those. HMAC (the public key as a secret), SHA-1, XPath and
            XSLT end here.
    """
    signatures = element.findall(f"{{{DS}}}Signature")
    if len(signatures) != 1:
        raise SamlRefused(f"The element holds {len(signatures)} signatures, not one.", signature=True)
    _refuse_detached(element, signatures[0])
    _refuse_weak_algorithms(signatures[0])
    return signatures[0]


def _refuse_detached(element: Element, signature: Element) -> None:
    references = signature.findall(f"{{{DS}}}SignedInfo/{{{DS}}}Reference")
    if len(references) != 1 or len(signature.findall(f".//{{{DS}}}Reference")) != 1:
        raise SamlRefused("The signature must have exactly one Reference.", signature=True)
    identifier = element.get("ID")
    if not identifier or references[0].get("URI") != f"#{identifier}":
        raise SamlRefused("The Reference does not point at the element that holds the signature.", signature=True)


def _refuse_weak_algorithms(signature: Element) -> None:
    """RSA with SHA-2, exclusive canonicalisation, no transform but that and `enveloped-signature`."""
    info = signature.find(f"{{{DS}}}SignedInfo")
    _one_of(info, "CanonicalizationMethod", frozenset((_EXCLUSIVE_C14N,)))
    _one_of(info, "SignatureMethod", _SIGNATURE_METHODS)
    _one_of(info, "Reference/DigestMethod", _DIGEST_METHODS)
    transforms = [each.get("Algorithm") for each in info.iter(f"{{{DS}}}Transform")]
    if _ENVELOPED not in transforms or not set(transforms) <= {_EXCLUSIVE_C14N, _ENVELOPED} or len(transforms) > 2:
        raise SamlRefused("The transforms must be enveloped-signature and exclusive canonicalisation.", signature=True)


def _one_of(info: Element, path: str, allowed: frozenset[str]) -> None:
    found = info.findall("/".join(f"{{{DS}}}{name}" for name in path.split("/")))
    if len(found) != 1 or found[0].get("Algorithm") not in allowed:
        named = found[0].get("Algorithm") if len(found) == 1 else f"{len(found)} elements"
        raise SamlRefused(f"{path} is not allowed: {named}.", signature=True)
