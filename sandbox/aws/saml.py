"""SAML responses as AWS reads them: what a verified assertion says about whom, for whom and until when.

Pure: no store, no network, no clock. `samlcrypto` decides whether a response is believed; what is read afterwards is
the very element that it verified. SAML 2.0 core (saml-core-2.0-os), section 2.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from samlcrypto import SamlRefused, verified_assertion

_SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
_MAX_BYTES = 150_000
ROLE_ATTRIBUTE = "https://aws.amazon.com/SAML/Attributes/Role"
SESSION_NAME_ATTRIBUTE = "https://aws.amazon.com/SAML/Attributes/RoleSessionName"
DURATION_ATTRIBUTE = "https://aws.amazon.com/SAML/Attributes/SessionDuration"
TAG_ATTRIBUTE = "https://aws.amazon.com/SAML/Attributes/PrincipalTag:"
TRANSITIVE_ATTRIBUTE = "https://aws.amazon.com/SAML/Attributes/TransitiveTagKeys"
SOURCE_IDENTITY_ATTRIBUTE = "https://aws.amazon.com/SAML/Attributes/SourceIdentity"
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?Z")


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


def read_response(encoded: str, certificates: Sequence[bytes]) -> Assertion:
    """The assertion of a base64 SAML response, verified by one of `certificates` (DER).

    Raises:
        SamlRefused
    """
    try:
        document = base64.b64decode("".join(encoded.split()).encode("ascii"), validate=True)
    except ValueError:
        raise SamlRefused("not base64") from None
    return _read(verified_assertion(document, certificates, max_bytes=_MAX_BYTES))


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
