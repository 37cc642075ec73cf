"""A recorded call as a list of fields that can be held against those of another."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from flows.models import ApiCall
from flows.pages.compare.volatile import Settled, is_volatile

_IDENTITIES = ("IdentityId", "SubjectFromWebIdentityToken")
_LONGEST = 2000  # characters of a value; the run's own page has all of it


class CallValue(NamedTuple):
    """One value of a call.

    Attributes:
        place: what it is of: `call`, `request`, `answer`, `header`, `check`, `token`.
        name: with dots between its parts: `Credentials.Expiration`, `trust.amr.verdict`.
        text: as it was recorded.
        label: what a sentence calls it, where that is not its name.
    """

    place: str
    name: str
    text: str
    label: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return (self.place, self.name)


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that two calls have differently; None on the side that lacks it. `settled`: both as they are compared."""

    place: str
    name: str
    label: str
    a: str | None
    b: str | None
    settled: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class HeldCalls:
    """Two calls held against each other: what differs, and what is new in every run and was passed over."""

    differences: tuple[Difference, ...]
    passed_over: tuple[Difference, ...]


def settled_of(calls: Iterable[ApiCall]) -> Settled:
    """What makes the texts of these calls comparable."""
    settled = Settled()
    for call in calls:
        for params in (call.request_params, call.response_params):
            for name in _IDENTITIES:
                settled.met(str(params.get(name, "")))
    return settled


def held(a: ApiCall, b: ApiCall, settled_a: Settled, settled_b: Settled) -> HeldCalls:
    """Field by field. Two values that only differ in what is new in every run are equal."""
    first = {field.key: field for field in fields_of(a)}
    second = {field.key: field for field in fields_of(b)}
    differences, passed_over = [], []
    for key in [*first, *(key for key in second if key not in first)]:
        one, other = first.get(key), second.get(key)
        known = one or other
        assert known is not None
        if one and other and one.text == other.text:
            continue
        settled = (settled_a.text(one.text) if one else "", settled_b.text(other.text) if other else "")
        texts = (one.text if one else None, other.text if other else None)
        difference = Difference(known.place, known.name, known.label, *texts, settled)
        if is_volatile(known.place, known.name) or (one and other and settled[0] == settled[1]):
            passed_over.append(difference)
        else:
            differences.append(difference)
    return HeldCalls(tuple(differences), tuple(passed_over))


def fields_of(call: ApiCall) -> Iterator[CallValue]:
    """All that is compared of a call, in the order in which it happened."""
    return (CallValue(place, name, _text(value)[:_LONGEST], label) for place, name, value, label in _parts(call))


def _parts(call: ApiCall) -> Iterator[tuple[str, str, Any, str]]:
    yield "call", "signed", call.signed, ""
    for name, value in call.request_headers.items():
        yield "header", name, value, ""
    yield from (("request", name, value, "") for name, value in _request(call))
    for code, check, part, value in _checks(call.decisions):
        yield "check", f"{code}.{part}", value, check
    yield "call", "state", call.get_state_display(), ""
    yield "call", "status", "" if call.status is None else call.status, ""
    yield "call", "error", call.error_code, ""
    yield "call", "message", call.error_message, ""
    yield "call", "attempts", len(call.attempts), ""
    yield from (("answer", name, value, "") for name, value in _flat(call.response_params))
    for token in call.tokens:
        kind = str(token.get("kind", "token"))
        yield "token", f"{kind}.verified", bool(token.get("verified")), kind
        for name, value in {**token.get("header", {}), **token.get("claims", {})}.items():
            yield "token", f"{kind}.{name}", value, kind
    yield "call", "request id", call.request_id, ""
    yield "call", "duration", "" if call.duration_ms is None else f"{call.duration_ms} ms", ""
    for name, value in call.response_headers.items():
        yield "answer header", name, value, ""


def _request(call: ApiCall) -> Iterator[tuple[str, Any]]:
    """Of Logins, whose they are: the tokens themselves are new each time."""
    for name, value in call.request_params.items():
        if name == "Logins" and isinstance(value, Mapping):
            yield "Logins", ", ".join(sorted(value))
        else:
            yield from _flat({name: value})


def _checks(decisions: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str, str, Any]]:
    """Code, wording, part, value. The second check of a code has a number: `trust.condition 2`."""
    met: Counter[str] = Counter()
    for entry in decisions:
        check = str(entry.get("check", ""))
        code = str(entry.get("code") or check)
        met[code] += 1
        numbered = code if met[code] == 1 else f"{code} {met[code]}"
        for part in ("verdict", "expected", "actual"):
            yield numbered, check, part, entry.get(part, "")


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Members within members by their whole name: `AssumedRoleUser.Arn`, `Buckets.1.Name`."""
    if isinstance(value, Mapping) and value:
        for key, part in value.items():
            yield from _flat(part, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list) and any(isinstance(part, Mapping | list) for part in value):
        for index, part in enumerate(value, start=1):
            yield from _flat(part, f"{name}.{index}")
    elif value or not isinstance(value, Mapping):
        yield name, value


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ", ".join(_text(part) for part in value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
