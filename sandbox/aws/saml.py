"""SAML responses as AWS reads them: parsed without entities, believed only where a registered key signed.

Pure: no store, no network, no clock. Guards against signature wrapping: one assertion, directly below the response; no
id twice; a signature stands directly below the element it signs and refers to it alone; what is read afterwards is
that very element. The metadata's certificates are the only keys; KeyInfo is never looked at.
SAML 2.0 core (saml-core-2.0-os), sections 2 and 5.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import xmlsec
from lxml import etree

_SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"
_SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_MD = "{urn:oasis:names:tc:SAML:2.0:metadata}"
_SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_SIGNATURE_METHODS = {f"http://www.w3.org/2001/04/xmldsig-more#rsa-sha{bits}" for bits in (256, 384, 512)}
_DIGEST_METHODS = {
    "http://www.w3.org/2001/04/xmlenc#sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512",
}
_LARGEST = 150_000  # bytes of XML
ROLE_ATTRIBUTE = "https://aws.amazon.com/SAML/Attributes/Role"
SESSION_NAME_ATTRIBUTE = "https://aws.amazon.com/SAML/Attributes/RoleSessionName"
DURATION_ATTRIBUTE = "https://aws.amazon.com/SAML/Attributes/SessionDuration"
TAG_ATTRIBUTE = "https://aws.amazon.com/SAML/Attributes/PrincipalTag:"
TRANSITIVE_ATTRIBUTE = "https://aws.amazon.com/SAML/Attributes/TransitiveTagKeys"
SOURCE_IDENTITY_ATTRIBUTE = "https://aws.amazon.com/SAML/Attributes/SourceIdentity"
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?Z")


class SamlRefused(Exception):
    """`reason` may be shown; `signature` says that it is the signature that failed."""

    def __init__(self, reason: str, *, signature: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.signature = signature


class SamlExpired(SamlRefused):
    """The time in which the assertion could be used is over."""


@dataclass(frozen=True, slots=True)
class Assertion:
    """A verified assertion.

    Attributes:
        audiences: one set per AudienceRestriction; all of them have to be met.
        not_before, not_on_or_after: epoch seconds, the narrowest of the conditions and the subject's confirmation;
            None where nothing is said.
        recipients: of the subject's confirmations; empty strings where none is given.
    """

    assertion_id: str
    issuer: str
    name_id: str
    name_id_format: str
    audiences: Sequence[frozenset[str]]
    not_before: float | None
    not_on_or_after: float | None
    recipients: Sequence[str]
    attributes: dict[str, list[str]] = field(default_factory=dict)


def certificates_of(metadata: str, entity_id: str) -> list[bytes]:
    """The signing certificates (DER) in a metadata document.

    Raises:
        SamlRefused: the document cannot be read.
    """
    root = _parse(metadata.encode())
    found = []
    for entity in root.iter(f"{_MD}EntityDescriptor"):
        if entity.get("entityID") != entity_id:
            continue
        for descriptor in entity.findall(f"{_MD}IDPSSODescriptor/{_MD}KeyDescriptor"):
            if descriptor.get("use", "signing") == "signing":
                texts = (node.text or "" for node in descriptor.iter(f"{_DS}X509Certificate"))
                found += [base64.b64decode("".join(text.split())) for text in texts]
    return found


def read_response(encoded: str, certificates: Sequence[bytes]) -> Assertion:
    """The assertion of a base64 SAML response, its signature verified by one of `certificates` (DER).

    Raises:
        SamlRefused
    """
    try:
        document = base64.b64decode("".join(encoded.split()).encode("ascii"), validate=True)
    except ValueError:
        raise SamlRefused("not base64") from None
    response = _parse(document)
    assertion = _only_assertion(response)
    _check_ids(response)
    _check_signatures(response, assertion, certificates)
    return _read(assertion)


def _parse(document: bytes) -> Any:
    if len(document) > _LARGEST:
        raise SamlRefused("the document is too large")
    # Comments are dropped while reading: they are no part of what is signed, and would cut a text in two.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise SamlRefused("not well-formed XML") from None
    if root.getroottree().docinfo.doctype:
        raise SamlRefused("a document type is not allowed")
    return root


def _only_assertion(response: Any) -> Any:
    if response.tag != f"{_SAMLP}Response":
        raise SamlRefused("not a SAML response")
    status = response.find(f"{_SAMLP}Status/{_SAMLP}StatusCode")
    if status is None or status.get("Value") != _SUCCESS:
        raise SamlRefused("the response reports no success")
    everywhere = list(response.iter(f"{_SAML}Assertion", f"{_SAML}EncryptedAssertion"))
    if len(everywhere) != 1 or everywhere[0].getparent() is not response or everywhere[0].tag != f"{_SAML}Assertion":
        raise SamlRefused("the response must hold exactly one assertion, not encrypted")
    return everywhere[0]


def _check_ids(response: Any) -> None:
    ids = [
        value
        for node in response.iter()
        for name, value in node.attrib.items()
        if etree.QName(name).localname.lower() == "id"
    ]
    if len(ids) != len(set(ids)):
        raise SamlRefused("an id stands twice", signature=True)


def _check_signatures(response: Any, assertion: Any, certificates: Sequence[bytes]) -> None:
    """Every signature has to hold, and one has to cover the assertion."""
    signatures = list(response.iter(f"{_DS}Signature"))
    if not signatures:
        raise SamlRefused("neither the response nor the assertion is signed", signature=True)
    for signature in signatures:
        parent = signature.getparent()
        if parent is not response and parent is not assertion:
            raise SamlRefused("a signature stands where none belongs", signature=True)
        _check_form(signature, parent)
        if not any(_holds(signature, parent, certificate) for certificate in certificates):
            raise SamlRefused("the signature does not verify", signature=True)
    if len({id(signature.getparent()) for signature in signatures}) != len(signatures):
        raise SamlRefused("an element is signed twice", signature=True)


def _check_form(signature: Any, signed: Any) -> None:
    info = signature.find(f"{_DS}SignedInfo")
    references = info.findall(f"{_DS}Reference") if info is not None else []
    if len(references) != 1 or len(list(signature.iter(f"{_DS}Reference"))) != 1:
        raise SamlRefused("a signature must have one reference", signature=True)
    (reference,) = references
    own_id = signed.get("ID")
    if not own_id or reference.get("URI") != f"#{own_id}":
        raise SamlRefused("a signature must refer to the element that holds it", signature=True)
    if list(signature.iter(f"{_DS}Object")):
        raise SamlRefused("a signature may hold no objects", signature=True)
    transforms = {node.get("Algorithm") for node in reference.iter(f"{_DS}Transform")}
    methods = {node.get("Algorithm") for node in info.iter(f"{_DS}SignatureMethod")}
    digests = {node.get("Algorithm") for node in info.iter(f"{_DS}DigestMethod")}
    canonical = {node.get("Algorithm") for node in info.iter(f"{_DS}CanonicalizationMethod")}
    fits = transforms <= {_EXCLUSIVE, _ENVELOPED} and methods <= _SIGNATURE_METHODS and digests <= _DIGEST_METHODS
    if not fits or not methods or not digests or canonical != {_EXCLUSIVE}:
        raise SamlRefused("the signature uses an algorithm that is not allowed", signature=True)


def _holds(signature: Any, signed: Any, certificate: bytes) -> bool:
    try:
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(certificate, xmlsec.constants.KeyDataFormatCertDer, None)
        context.register_id(signed, "ID")
        context.verify(signature)
    except xmlsec.Error:
        return False
    return True


def _read(assertion: Any) -> Assertion:
    name_id = assertion.find(f"{_SAML}Subject/{_SAML}NameID")
    issuer = _text(assertion.find(f"{_SAML}Issuer"))
    if name_id is None or not _text(name_id) or not issuer or not assertion.get("ID"):
        raise SamlRefused("the assertion has no id, issuer or NameID")
    confirmations = assertion.findall(f"{_SAML}Subject/{_SAML}SubjectConfirmation/{_SAML}SubjectConfirmationData")
    conditions = assertion.findall(f"{_SAML}Conditions")
    starts = [_time(node.get("NotBefore")) for node in (*conditions, *confirmations)]
    ends = [_time(node.get("NotOnOrAfter")) for node in (*conditions, *confirmations)]
    restrictions = assertion.findall(f"{_SAML}Conditions/{_SAML}AudienceRestriction")
    attributes: dict[str, list[str]] = {}
    for node in assertion.findall(f"{_SAML}AttributeStatement/{_SAML}Attribute"):
        values = [_text(value) for value in node.findall(f"{_SAML}AttributeValue")]
        attributes.setdefault(node.get("Name", ""), []).extend(values)
    return Assertion(
        assertion_id=assertion.get("ID"),
        issuer=issuer,
        name_id=_text(name_id),
        name_id_format=name_id.get("Format", ""),
        audiences=[frozenset(_text(node) for node in entry.findall(f"{_SAML}Audience")) for entry in restrictions],
        not_before=max((start for start in starts if start is not None), default=None),
        not_on_or_after=min((end for end in ends if end is not None), default=None),
        recipients=[node.get("Recipient", "") for node in confirmations],
        attributes=attributes,
    )


def _text(node: Any) -> str:
    """The text of an element without children; one with children says nothing."""
    return "" if node is None or len(node) else (node.text or "").strip()


def _time(text: str | None) -> float | None:
    if text is None:
        return None
    match = _TIME.fullmatch(text)
    if match is None:
        raise SamlRefused("a time in the assertion cannot be read")
    try:
        return datetime.fromisoformat(match[1]).replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise SamlRefused("a time in the assertion cannot be read") from None
