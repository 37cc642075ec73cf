"""Why an answer came out as it did: what the sandbox says with it or, from AWS, no more than what was seen."""

import json
import re
from typing import Any
from urllib.parse import urlsplit

import httpget
from decisioncodes import Code, is_code
from redaction.calls import RecordedCall
from redaction.tokens import decode
from web import sandboxes
from web.origins import origin_of

HEADER = "x-sandbox-decisions"
_FIELDS = ("code", "check", "expected", "actual", "verdict", "doc")

_WHOLE = re.compile(r"/_sandbox/requests/[0-9a-f-]{36}")
_SECONDS = 3.0
_LARGEST = 2_000_000

_CLAIMS: dict[str, Code] = {"iss": "token.iss", "aud": "token.aud", "amr": "token.amr"}

Decision = dict[str, Any]  # code (decisioncodes), check, expected, actual, verdict, doc, source: sandbox | observed


def decisions_of(call: RecordedCall, mode: str) -> list[Decision]:
    """The sandbox's own decisions in sandbox mode; in AWS mode what can be observed, with source `observed`.

    A list that was too long for the header begins with a `summary` entry that says where the whole one is; it is asked
    for there, and if that does not work, the summary has to do.
    """
    if not call.attempts:
        return []
    if mode != "sandbox":
        return _observed(call)
    last = call.attempts[-1]
    return decisions_in(last.response_headers, _sandbox_of(last.url))


def decisions_in(headers: dict[str, str], endpoint: str) -> list[Decision]:
    """The sandbox's own decisions, in full, by the headers of its answer. `endpoint`: whose that was."""
    told = _told(headers)
    return _listed_in_full(told, endpoint) or told


def _sandbox_of(url: str) -> str:
    """Whom a call of ours was sent to; empty of whoever is none of the sandboxes."""
    origin = origin_of(url)
    return origin if origin in {place.endpoint for place in sandboxes.every()} else ""


def _told(headers: dict[str, str]) -> list[Decision]:
    value = next((value for name, value in headers.items() if name.lower() == HEADER), "[]")
    try:
        return _entries(json.loads(value))
    except ValueError:
        return []


def _listed_in_full(told: list[Decision], endpoint: str) -> list[Decision]:
    """The list that a summary points to; empty when this is none, or it cannot be had any more."""
    where = _WHOLE.search(told[0]["actual"]) if told and told[0]["code"] == "request.summary" else None
    if where is None or not endpoint:
        return []
    try:
        answer = httpget.get(f"{endpoint}{where[0]}", seconds=_SECONDS, largest=_LARGEST)
        return _entries(answer.json().get("decisions")) if answer.status == 200 else []
    except (httpget.NoAnswer, ValueError):
        return []


def _entries(found: Any) -> list[Decision]:
    if not isinstance(found, list):
        return []
    return [_entry(entry) for entry in found if isinstance(entry, dict)]


def _entry(entry: dict[str, Any]) -> Decision:
    """Codes that are none of ours are left out: what is stored can be looked up."""
    texts = {name: str(entry.get(name, "")) for name in _FIELDS}
    return {**texts, "code": texts["code"] if is_code(texts["code"]) else "", "source": "sandbox"}


def _observed(call: RecordedCall) -> list[Decision]:
    last = call.attempts[-1]
    facts: list[tuple[Code, str, str]] = [
        ("request.host", "host", urlsplit(last.url).netloc),
        ("request.signature", "request signature", "AWS Signature Version 4" if call.signed else "none"),
        ("answer.status", "answer", f"HTTP {last.status}" if last.status else "none"),
    ]
    if last.status and call.error_code:
        facts.append(("answer.error", "error code", call.error_code))
    if len(call.attempts) > 1:
        facts.append(("request.attempts", "attempts", str(len(call.attempts))))
    facts += _claims(call)
    seen = {"expected": "", "verdict": "info", "doc": "", "source": "observed"}
    return [{"code": code, "check": check, "actual": actual, **seen} for code, check, actual in facts]


def _claims(call: RecordedCall) -> list[tuple[Code, str, str]]:
    """What a trust policy looks at in the OpenID token that came or went."""
    token = decode(str((call.answer or {}).get("Token") or call.params.get("WebIdentityToken") or ""))
    if token is None:
        return []
    return [
        (code, f"token claim {name}", _listed(token.claims[name]))
        for name, code in _CLAIMS.items()
        if name in token.claims
    ]


def _listed(value: Any) -> str:
    return ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)
