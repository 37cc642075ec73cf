"""A SAML response read for showing it: who says what about whom, to whom and until when. Nothing here decides."""

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings

import samlcrypto
from providers.sign_in.comparison import Comparison, comparison

_SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
_PROTOCOL = "{urn:oasis:names:tc:SAML:2.0:protocol}"
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
_DOC = "https://docs.oasis-open.org/security/saml/v2.0/saml-profiles-2.0-os.pdf#page=17"  # 4.1.4.2, 4.1.4.3


@dataclass(frozen=True, slots=True)
class SamlDocument:
    """What stands in a response. Times are as written; `""` and `()` stand for what is absent.

    Attributes:
        status: of the response, the innermost code without its prefix, such as `Success` or `AuthnFailed`.
        recipients: of the bearer confirmations. audiences: one tuple for each restriction.
        issue_instants: of response and assertion.
        not_before, not_on_or_after: of conditions and confirmations.
        confirmed_for: InResponseTo of the bearer confirmations that have one.
        confirmed_until: NotOnOrAfter of each bearer confirmation, which must have one.
        session_not_on_or_after: of the statements that say how the person proved who they are.
        signed: `response`, `assertion` or both, by the place of a signature.
    """

    issuer: str = ""
    destination: str = ""
    in_response_to: str = ""
    confirmed_for: tuple[str, ...] = ()
    status: str = ""
    status_message: str = ""
    name_id: str = ""
    recipients: tuple[str, ...] = ()
    audiences: tuple[tuple[str, ...], ...] = ()
    issue_instants: tuple[str, ...] = ()
    not_before: tuple[str, ...] = ()
    not_on_or_after: tuple[str, ...] = ()
    confirmed_until: tuple[str, ...] = ()
    session_not_on_or_after: tuple[str, ...] = ()
    attributes: dict[str, list[str]] = field(default_factory=dict)
    signed: tuple[str, ...] = ()


def read_response(encoded: str) -> SamlDocument | None:
    """The response in base64, or None when it is not one that can be read."""
    try:
        root = samlcrypto.parse(base64.b64decode(encoded, validate=False))
    except (ValueError, samlcrypto.SamlRefused):  # binascii.Error is a ValueError; other text is one, too
        return None
    assertion = root.find(f"{_SAML}Assertion")
    codes = [code.get("Value", "") for code in root.iter(f"{_PROTOCOL}StatusCode")]
    bearers = root.findall(f"{_SAML}Assertion/{_SAML}Subject/{_SAML}SubjectConfirmation/{_SAML}SubjectConfirmationData")
    conditions = root.find(f"{_SAML}Assertion/{_SAML}Conditions")
    limited = [*([] if conditions is None else [conditions]), *bearers]
    statements = root.findall(f"{_SAML}Assertion/{_SAML}AuthnStatement")
    signed = [("response", root), ("assertion", assertion)]
    return SamlDocument(
        issuer=_text(root.find(f"{_SAML}Issuer")),
        destination=root.get("Destination", ""),
        in_response_to=root.get("InResponseTo", ""),
        confirmed_for=_given("InResponseTo", bearers),
        status=codes[-1].rpartition(":")[2] if codes else "",
        status_message=_text(root.find(f"{_PROTOCOL}Status/{_PROTOCOL}StatusMessage")),
        name_id=_text(root.find(f"{_SAML}Assertion/{_SAML}Subject/{_SAML}NameID")),
        recipients=tuple(bearer.get("Recipient", "") for bearer in bearers),
        audiences=tuple(
            tuple(_text(audience) for audience in restriction.findall(f"{_SAML}Audience"))
            for restriction in root.findall(f"{_SAML}Assertion/{_SAML}Conditions/{_SAML}AudienceRestriction")
        ),
        issue_instants=_given("IssueInstant", [root, *([] if assertion is None else [assertion])]),
        not_before=_given("NotBefore", limited),
        not_on_or_after=_given("NotOnOrAfter", limited),
        confirmed_until=tuple(bearer.get("NotOnOrAfter", "") for bearer in bearers),
        session_not_on_or_after=_given("SessionNotOnOrAfter", statements),
        attributes={
            attribute.get("Name", ""): [_text(value) for value in attribute.findall(f"{_SAML}AttributeValue")]
            for attribute in root.findall(f"{_SAML}Assertion/{_SAML}AttributeStatement/{_SAML}Attribute")
        },
        signed=tuple(name for name, element in signed if element is not None and element.find(_SIGNATURE) is not None),
    )


def comparisons(
    document: SamlDocument, *, acs: str, entity_id: str, request_id: str, now: datetime, signature_fits: bool = True
) -> tuple[Comparison, ...]:
    """What the service provider profile compares, in the order in which it names it (SAML 2.0 Profiles, 4.1.4.3)."""
    recipients = ", ".join(document.recipients) or "none"
    return (
        comparison("Status", "Success", document.status or "none", document.status == "Success", _DOC),
        comparison(
            "Signature",
            "by a key in the provider’s metadata",
            " and ".join(document.signed) + " signed" if document.signed else "none",
            bool(document.signed) and signature_fits,
            _DOC,
        ),
        comparison(
            "InResponseTo",
            request_id,
            document.in_response_to or "none: the response answers no request",
            document.in_response_to == request_id,
            _DOC,
        ),
        comparison("Destination", acs, document.destination or "none", document.destination in ("", acs), _DOC),
        comparison("Recipient", acs, recipients, has_recipient(document, acs), _DOC),
        comparison(
            "Audience",
            entity_id,
            "; ".join(", ".join(names) for names in document.audiences) or "none",
            has_audience(document, entity_id),
            _DOC,
        ),
        *time_comparisons(document, now),
    )


def time_comparisons(document: SamlDocument, now: datetime) -> tuple[Comparison, ...]:
    """Each time in the response against the clock, SIGN_IN_LEEWAY already in the bounds.

    The profile demands an end of every bearer confirmation (4.1.4.2). It lets none have a beginning; one that has is
    held to it. What was issued in the future is refused like what is not valid yet: both come of wrong clocks.
    """
    leeway = timedelta(seconds=settings.SIGN_IN_LEEWAY)
    begins, ends = f"not later than {_shown(now + leeway)}", f"later than {_shown(now - leeway)}"
    unending = not document.confirmed_until or not all(map(_time, document.confirmed_until))
    first_end, session_end = _first(document.not_on_or_after), _first(document.session_not_on_or_after)
    start, issued = _last(document.not_before), _last(document.issue_instants)
    not_ended = first_end is not None and first_end > now - leeway and not unending
    found = [
        comparison("NotBefore", begins, _shown(start), start <= now + leeway, _DOC) if start else None,
        comparison("NotOnOrAfter", ends, "none" if unending else _shown(first_end), not_ended, _DOC),
        comparison("SessionNotOnOrAfter", ends, _shown(session_end), session_end > now - leeway, _DOC)
        if session_end
        else None,
        comparison("IssueInstant", begins, _shown(issued), issued <= now + leeway, _DOC) if issued else None,
    ]
    return tuple(one for one in found if one)


def has_recipient(document: SamlDocument, acs: str) -> bool:
    """Whether a bearer confirmation names our address, as each must that is meant for us."""
    return acs in document.recipients


def has_audience(document: SamlDocument, entity_id: str) -> bool:
    """Whether there is an audience restriction and every one of them names us (SAML 2.0 Core, 2.5.1.4)."""
    return bool(document.audiences) and all(entity_id in names for names in document.audiences)


def answers(document: SamlDocument, request_id: str) -> bool:
    """Whether response and bearer confirmations all say that they answer this request."""
    return document.in_response_to == request_id and set(document.confirmed_for) <= {request_id}


def expiry(document: SamlDocument) -> datetime | None:
    """The earliest end of validity in the response."""
    return _first(document.not_on_or_after)


def claims(document: SamlDocument) -> dict[str, Any]:
    """What is said about the person, and the conditions, for display."""
    return {
        "NameID": document.name_id,
        **{name: values[0] if len(values) == 1 else values for name, values in document.attributes.items()},
        "Audience": [name for names in document.audiences for name in names],
        "Recipient": list(document.recipients),
        "NotOnOrAfter": list(document.not_on_or_after),
    }


def _text(element: Any) -> str:
    return "".join(element.itertext()).strip() if element is not None else ""


def _given(name: str, elements: list[Any]) -> tuple[str, ...]:
    return tuple(element.get(name) for element in elements if element.get(name))


def _first(times: tuple[str, ...]) -> datetime | None:
    return min((time for time in map(_time, times) if time), default=None)


def _last(times: tuple[str, ...]) -> datetime | None:
    return max((time for time in map(_time, times) if time), default=None)


def _time(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _shown(moment: datetime | None) -> str:
    return "none" if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
