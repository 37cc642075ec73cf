"""What really went over the wire, heard from botocore's own events: every attempt of every call, answered or not.

A client is attached once; recording happens inside `with recording()`, for the thread (or task) that opened it. Nothing
here is redacted: what is recorded lives in memory until `redaction` has made it fit to be stored.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from botocore.client import BaseClient
from botocore.model import OperationModel
from django.utils import timezone

from redaction.calls import HttpAttempt, RecordedCall
from redaction.sensitive import sensitive_members

_LONGEST_UPLOAD = 256 * 1024  # bytes of a file sent that are recorded
_SLOT = "recorded_call"  # in botocore's own context of a call


class StoppedBeforeSending(Exception):
    """Not an error: a rehearsal ends here, with the request built and signed and nothing sent."""


@dataclass(slots=True)
class Recording:
    """The calls of one `with recording()`, in the order in which they began. One may lead to more of the SDK's own."""

    on_send: Callable[[RecordedCall], None] | None
    rehearsal: bool
    calls: list[RecordedCall] = field(default_factory=list)
    under_way: list[RecordedCall] = field(default_factory=list)


_recording: ContextVar[Recording | None] = ContextVar("recording", default=None)


@contextmanager
def recording(*, on_send: Callable[[RecordedCall], None] | None = None, rehearsal: bool = False) -> Iterator[Recording]:
    """Record the calls made inside.

    Args:
        on_send: called before each attempt goes out, with the request complete: time to write it down.
        rehearsal: build and sign the request, then stop with StoppedBeforeSending.
    """
    heard = Recording(on_send, rehearsal)
    token = _recording.set(heard)
    try:
        yield heard
    finally:
        _recording.reset(token)


def current() -> Recording:
    """The recording that is open here.

    Raises:
        LookupError: none is; a call that nobody records is a mistake of ours.
    """
    heard = _recording.get()
    if heard is None:
        raise LookupError("No recording is open.")
    return heard


def attach(client: BaseClient) -> BaseClient:
    """Let the recorder hear this client. Outside of `recording()` that costs a look at a context variable per event."""
    service, events = client.meta.service_model.service_id.hyphenize(), client.meta.events
    for event, handler in (
        ("provide-client-params", _begin),
        ("before-send", _before_send),
        ("before-parse", _before_parse),
        ("response-received", _response_received),
        ("after-call", _after_call),
        ("after-call-error", _after_call_error),
    ):
        events.register_last(f"{event}.{service}", handler, unique_id=f"recorder-{event}")
    return client


def _begin(params: Mapping[str, Any], model: OperationModel, context: dict[str, Any], **_: Any) -> None:
    if (heard := _recording.get()) is None:
        return
    call = RecordedCall(
        service=model.service_model.service_name,
        operation=model.name,
        protocol=model.service_model.resolved_protocol,
        params=dict(params),
        sensitive=sensitive_members(model),
        started_at=timezone.now(),
        began=perf_counter(),
    )
    context[_SLOT] = call
    heard.calls.append(call)
    heard.under_way.append(call)


def _before_send(request: Any, **_: Any) -> None:
    """`request` is botocore's AWSPreparedRequest: method, URL, headers and body exactly as they go out."""
    heard = _recording.get()
    if heard is None or not heard.under_way:
        return
    call = heard.under_way[-1]
    headers = _headers(request.headers)
    attempt = HttpAttempt(
        number=len(call.attempts) + 1,
        method=request.method,
        url=request.url,
        request_headers=headers,
        request_body=_bytes(request.body),
        began=perf_counter(),
    )
    call.signed = "Authorization" in headers or "X-Amz-Signature=" in request.url
    call.attempts.append(attempt)
    if heard.rehearsal:
        raise StoppedBeforeSending
    if heard.on_send:
        heard.on_send(call)
        attempt.began = perf_counter()


def _before_parse(response_dict: Mapping[str, Any], **_: Any) -> None:
    """The answer as it came. The SDK reads it next, and may fail at that."""
    heard = _recording.get()
    if heard is None or not heard.under_way or not heard.under_way[-1].attempts:
        return
    call = heard.under_way[-1]
    attempt = call.attempts[-1]
    attempt.duration_ms = _since(attempt.began)
    attempt.status = response_dict["status_code"]
    attempt.response_headers = _headers(response_dict["headers"])
    call.streamed = not isinstance(response_dict["body"], bytes)
    attempt.response_body = b"" if call.streamed else response_dict["body"]


def _response_received(
    parsed_response: Mapping[str, Any] | None,
    context: dict[str, Any],
    exception: Exception | None,
    **_: Any,
) -> None:
    call: RecordedCall | None = context.get(_SLOT)
    if call is None or not call.attempts:
        return
    attempt = call.attempts[-1]
    if attempt.duration_ms is None:  # No answer came; of one that did, the time is taken before it is parsed.
        attempt.duration_ms = _since(attempt.began)
    if parsed_response is not None:
        attempt.request_id = _request_id(parsed_response, attempt.response_headers)
        error = parsed_response.get("Error", {})
        attempt.error_code, attempt.error_message = str(error.get("Code", "")), str(error.get("Message", ""))
    if exception is not None:
        attempt.error_code, attempt.error_message = type(exception).__name__, str(exception)


def _after_call(http_response: Any, parsed: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
    if (call := _end(context)) is None:
        return
    call.answer = parsed
    if http_response.status_code >= 300:
        error = parsed.get("Error", {})
        call.error_code = str(error.get("Code") or http_response.status_code)
        call.error_message = str(error.get("Message") or "")


def _after_call_error(exception: Exception, context: dict[str, Any], **_: Any) -> None:
    if (call := _end(context)) is not None:
        call.error_code, call.error_message = type(exception).__name__, str(exception)


def _end(context: dict[str, Any]) -> RecordedCall | None:
    heard, call = _recording.get(), context.get(_SLOT)
    if heard is None or not isinstance(call, RecordedCall):
        return None
    close(call)
    if heard.under_way and heard.under_way[-1] is call:
        heard.under_way.pop()
    return call


def close(call: RecordedCall) -> None:
    """The call is over: how long it took."""
    call.duration_ms = _since(call.began)


def _request_id(parsed: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    found = parsed.get("ResponseMetadata", {}).get("RequestId")
    return str(found or headers.get("x-amzn-RequestId") or headers.get("x-amz-request-id") or "")


def _headers(headers: Mapping[Any, Any]) -> dict[str, str]:
    return {_text(name): _text(value) for name, value in headers.items()}


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _bytes(body: Any) -> bytes:
    """A prepared request's body is bytes, text or, for S3's uploads, a file that is read here and put back."""
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray):
        return bytes(body)
    if not (hasattr(body, "seekable") and body.seekable()):
        return b""
    position = body.tell()
    content: bytes = body.read(_LONGEST_UPLOAD)
    body.seek(position)
    return content


def _since(began: float) -> float:
    return round((perf_counter() - began) * 1000, 2)
