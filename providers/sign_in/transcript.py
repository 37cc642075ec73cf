"""What a sign-in said to the provider and heard from it, as it happened: the browser's trip and every call of ours.

Nothing here is redacted. While a sign-in is under way its transcript lives in memory and in the vault; whoever stores
it for good has to take out `secrets` first.
"""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from time import perf_counter
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote_plus, urlsplit

from django.utils import timezone
from requests import PreparedRequest, RequestException, Response

from redaction.encodings import named_values
from redaction.names import kind_in_sign_in
from redaction.parsing import read_body


@dataclass(slots=True)
class ProviderCall:
    """One request and its answer.

    Attributes:
        step: what it was for: discovery, request-token, authorization, token, keys, profile, metadata, saml-response.
        channel: `browser` for a redirect or a form that the browser carried, `server` for a call of ours. For a trip
            of the browser, the answer is the request with which it came back, in `answer_url` and `response_body`.
        status: of the answer; None when there was none, or when the browser carried it.
        started_at: ISO 8601. duration_ms: of the exchange; for the browser, the time until it was back.
    """

    step: str
    channel: Literal["browser", "server"]
    method: str
    url: str
    request_headers: dict[str, str] = field(default_factory=dict)
    request_body: str = ""
    status: int | None = None
    answer_url: str = ""
    response_headers: dict[str, str] = field(default_factory=dict)
    response_body: str = ""
    error: str = ""
    started_at: str = ""
    duration_ms: float | None = None


@dataclass(slots=True)
class Transcript:
    """The calls of one sign-in in the order in which they began."""

    calls: list[ProviderCall] = field(default_factory=list)

    def begin(self, step: str, method: str, url: str, channel: Literal["browser", "server"] = "server") -> ProviderCall:
        call = ProviderCall(step, channel, method, url, started_at=timezone.now().isoformat())
        self.calls.append(call)
        return call

    def last(self, step: str) -> ProviderCall | None:
        return next((call for call in reversed(self.calls) if call.step == step), None)

    def secrets(self) -> dict[str, str]:
        """Every secret value in it -> its kind, by the names under which values stand."""
        return {value: kind for call in self.calls for kind, value in _secrets(call) if kind and value}

    def to_json(self) -> dict[str, Any]:
        return {"calls": [asdict(call) for call in self.calls]}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Transcript":
        return cls([ProviderCall(**call) for call in content["calls"]])


def write_answer(
    call: ProviderCall, began: float, request: PreparedRequest | None, response: Response | None, error: str = ""
) -> None:
    """Complete a call of ours from what `requests` sent and got. `began`: perf_counter() when it was sent."""
    call.duration_ms = round((perf_counter() - began) * 1000, 2)
    call.error = error
    if request is not None:
        call.method, call.url = request.method or call.method, request.url or call.url
        call.request_headers = {name: _text(value) for name, value in request.headers.items()}
        call.request_body = _text(request.body)
    if response is not None:
        call.status = response.status_code
        call.response_headers = dict(response.headers)
        call.response_body = response.text


def write_failure(call: ProviderCall, began: float, cause: BaseException | None) -> None:
    """Complete a call of ours that was answered with an error, or not at all."""
    if isinstance(cause, RequestException):
        sent = cause.request if isinstance(cause.request, PreparedRequest) else None
        error = "" if cause.response is not None else type(cause).__name__
        write_answer(call, began, sent, cause.response, error)
    else:
        write_answer(call, began, None, None, type(cause).__name__)


def _secrets(call: ProviderCall) -> Iterator[tuple[str, str]]:
    """Kinds and values; the kind is empty where a name tells of none."""
    for url in (call.url, call.answer_url):
        yield from ((kind_in_sign_in(name, in_address=True), value) for name, value in parse_qsl(urlsplit(url).query))
    for headers in (call.request_headers, call.response_headers):
        yield from ((kind_in_sign_in(name, in_address=True), value) for name, value in headers.items())
    for name, value in _named_values(call):
        yield kind_in_sign_in(name), value


def _named_values(call: ProviderCall) -> Iterator[tuple[str, str]]:
    for body in (call.request_body, call.response_body):
        yield from ((name, value) for name, value in read_body(body).items() if isinstance(value, str))
        # An answer that is broken, or wraps another one, holds secrets as well.
        yield from ((name, value) for name, value, _, _ in named_values(body))
    yield from _basic_credentials(call.request_headers)


def _basic_credentials(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The client secret within HTTP Basic authentication, plain and encoded (RFC 6749, section 2.3.1; RFC 7617)."""
    value = next((value for name, value in headers.items() if name.lower() == "authorization"), "")
    scheme, _, coded = value.partition(" ")
    if scheme.lower() != "basic":
        return
    yield "authorization", coded
    try:
        _, _, secret = base64.b64decode(coded).decode().partition(":")
    except ValueError:
        return
    yield "client_secret", secret
    yield "client_secret", unquote_plus(secret)


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return "" if value is None else str(value)
