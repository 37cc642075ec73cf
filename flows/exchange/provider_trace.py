"""A sign-in's transcript as recorded calls, so that the same redaction makes both fit to be stored.

Of a profile, what is about the person is masked before: the redaction looks for secrets, and an e-mail address is none.
"""

import base64
import json
from datetime import datetime
from time import perf_counter
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.utils import timezone
from lxml import etree

import samlcrypto
from lessons import sign_in_steps
from providers.sign_in.provider import Provider
from providers.sign_in.transcript import ProviderCall, Transcript
from redaction import tokens
from redaction.bodies import rewrite
from redaction.calls import HttpAttempt, RecordedCall
from redaction.names import SENSITIVE_IN_SIGN_INS
from redaction.parsing import read_body
from redaction.xml_text import indented

_SIGNED_VALUE = "{http://www.w3.org/2000/09/xmldsig#}SignatureValue"
_NAME_ID = "{urn:oasis:names:tc:SAML:2.0:assertion}NameID"
_ATTRIBUTE = "{urn:oasis:names:tc:SAML:2.0:assertion}Attribute"


def call_title(call: ProviderCall, provider: Provider) -> str:
    """What the call was, in a few words."""
    if call.step == "authorization" and provider.artifact_kind == "saml_response":
        return sign_in_steps.SAML_AUTHORIZATION_TITLE
    return sign_in_steps.title_of(call.step)


def recorded(call: ProviderCall, provider: Provider, *, keep_personal: bool) -> RecordedCall:
    """The call in the form in which the recorder writes down calls to AWS.

    A trip of the browser has no status and no body: what the provider answered, the browser kept to itself. Its answer
    is what it came back with.
    """
    answer = call.response_body if keep_personal else rewrite(call.response_body, _content_type(call), _mask)
    attempt = HttpAttempt(
        number=1,
        method=call.method,
        url=call.url,
        request_headers=call.request_headers,
        request_body=call.request_body.encode(),
        began=perf_counter(),
        status=call.status,
        response_headers=call.response_headers,
        response_body=b"" if call.channel == "browser" else answer.encode(),
        error_code=call.error,
        duration_ms=call.duration_ms,
    )
    return RecordedCall(
        service=provider.key,
        operation=call_title(call, provider),
        protocol="form" if call.request_body else "query",
        params={**dict(parse_qsl(urlsplit(call.url).query)), **read_body(call.request_body)},
        sensitive=SENSITIVE_IN_SIGN_INS,
        started_at=datetime.fromisoformat(call.started_at) if call.started_at else timezone.now(),
        began=attempt.began,
        signed=any(name.lower() == "authorization" for name in call.request_headers),
        attempts=[attempt],
        answer=_answer_params(call, answer),
        error_code=_error_code(call, answer),
        error_message=_error_message(answer),
        duration_ms=call.duration_ms,
    )


def saml_response(transcript: Transcript) -> str:
    """The SAML response that the browser brought, base64 without white space; empty where there was none."""
    trip = transcript.last("authorization")
    found = read_body(trip.response_body).get("SAMLResponse") if trip else None
    return "".join(found.split()) if isinstance(found, str) else ""


def readable_saml(encoded: str, *, keep_personal: bool, signature_mark: str) -> str:
    """The response as indented XML, unfit for any use: the values of its signatures are replaced.

    Personal attributes, and a NameID that is an e-mail address, are masked unless they are to be kept.
    """
    try:
        root = samlcrypto.parse(base64.b64decode(encoded, validate=False))
    except (ValueError, samlcrypto.SamlRefused):
        return ""
    for value in root.iter(_SIGNED_VALUE):
        value.text = signature_mark
    if not keep_personal:
        for name_id in root.iter(_NAME_ID):
            name_id.text = shown_subject(name_id.text or "")
        for attribute in root.iter(_ATTRIBUTE):
            if tokens.is_personal(attribute.get("Name", "")):
                for inner in attribute:
                    inner.text = tokens.MASKED
    return indented(str(etree.tostring(root, encoding="unicode")))


def shown_subject(subject: str) -> str:
    """A subject as it may be stored in a trace: an e-mail address is masked, a pseudonym is not."""
    return tokens.MASKED if "@" in subject else subject


def _mask(path: tuple[str, ...], value: str) -> str | None:
    return tokens.MASKED if any(tokens.is_personal(name) for name in path) else None


def _answer_params(call: ProviderCall, answer: str) -> dict[str, Any]:
    if call.channel == "browser":
        posted = {name: "".join(str(value).split()) for name, value in read_body(call.response_body).items()}
        return {**dict(parse_qsl(urlsplit(call.answer_url).query)), **posted}
    return read_body(answer) if call.step not in ("keys", "metadata") else {}


def _content_type(call: ProviderCall) -> str:
    """What the body is: providers of OAuth 1.0a send forms as text/html."""
    told = next((value for name, value in call.response_headers.items() if name.lower() == "content-type"), "")
    is_form = "=" in call.response_body and call.response_body.lstrip()[:1] not in ("{", "[", "<")
    return "application/x-www-form-urlencoded" if is_form else told


def _error_code(call: ProviderCall, answer: str) -> str:
    if call.error or not call.status or call.status < 400:
        return call.error
    error = read_body(answer).get("error")
    return error if isinstance(error, str) else str(call.status)


def _error_message(answer: str) -> str:
    described = read_body(answer).get("error_description", "")
    return described if isinstance(described, str) else json.dumps(described)
