"""A run as an HTTP archive, HAR 1.2, which browsers' developer tools and HTTP debuggers open.

There is one entry for each attempt of a call, so nothing that a page counts is missing. Rows are redacted, so there is
no secret in it: marks such as `‹ID token · ea5f·48›` stand where one was. What HAR has no member for begins with an
underscore, as the format asks. http://www.softwareishard.com/blog/har-12-spec/
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from django.utils.timezone import localtime

from flows.models import ApiCall, Run
from flows.traces.model import VERSION

_UNKNOWN = -1
_PAGE = "run"
_IN_ADDRESSES = "!#$%&'()*+,/:;=?@[]~"  # what a URI holds as it is (RFC 3986, section 2.2)
_MARKS = str.maketrans({"‹": "<", "›": ">", "·": "."})
_SANITISED = "Sanitised when it was recorded: tokens, keys, passwords and codes are marks with kind and fingerprint."
_EARLIER = "Of an earlier attempt its outcome was kept; the request is that of the last one."
_NOT_SENT = "Not sent: the SDK refused the parameters. The address is where it would have gone."


def har_of(run: Run) -> dict[str, Any]:
    """The run's calls, sign-in and uses included, in their order, with times in UTC."""
    calls = list(run.calls.all())
    page = {
        "startedDateTime": _time(calls[0].started_at if calls else run.created_at),
        "id": _PAGE,
        "title": f"Run {run.short_code}: {run.provider}, {run.flow}, {run.outcome}",
        "pageTimings": {"onContentLoad": _UNKNOWN, "onLoad": _UNKNOWN},
        "_outcome": run.outcome,
        "_identityId": run.identity_id,
    }
    return {
        "log": {
            "version": "1.2",
            "creator": {
                "name": "Identity Pools Lab",
                "version": str(VERSION),
                "comment": "The version is its traces’.",
            },
            "pages": [page],
            "entries": [entry for call in calls for entry in _entries(call, run)],
            "comment": _SANITISED,
        }
    }


def _entries(call: ApiCall, run: Run) -> Iterator[dict[str, Any]]:
    """One an attempt; one all the same of a call that was never sent."""
    attempts: list[Mapping[str, Any]] = call.attempts or [{"status": call.status, "duration_ms": call.duration_ms}]
    started = call.started_at
    for number, attempt in enumerate(attempts, start=1):
        last = number == len(attempts)
        took = _milliseconds(attempt.get("duration_ms"))
        yield {
            "pageref": _PAGE,
            "startedDateTime": _time(started),
            "time": took,
            "request": _request(call, run),
            "response": _response(call, attempt, last=last),
            "cache": {},
            "timings": {
                **dict.fromkeys(("blocked", "dns", "connect", "ssl"), _UNKNOWN),
                "send": 0,
                "wait": took,
                "receive": 0,
            },
            "comment": _NOT_SENT if call.state == ApiCall.State.NOT_SENT else "" if last else _EARLIER,
            "_attempt": number,
            "_call": call.position,
            "_kind": call.kind,
            "_service": call.service,
            "_operation": call.operation,
            "_signed": call.signed,
            "_redacted": True,
            "_requestId": attempt.get("request_id", "") or (call.request_id if last else ""),
            "_decisions": call.decisions if last else [],
        }
        started += timedelta(milliseconds=took)


def _request(call: ApiCall, run: Run) -> dict[str, Any]:
    url = _address(call.url or f"https://{call.service}.{run.region}.amazonaws.com/")
    request: dict[str, Any] = {
        "method": call.method or "POST",
        "url": url,
        # botocore and requests speak this; what a browser spoke with a provider is not known to the server.
        "httpVersion": "unknown" if call.step == "authorization" else "HTTP/1.1",
        "cookies": [],
        "headers": _headers(call.request_headers),
        "queryString": [
            {"name": name, "value": value}
            for name, value in parse_qsl(urlsplit(url).query, keep_blank_values=True, errors="replace")
        ],
        "headersSize": _UNKNOWN,
        "bodySize": _size(call.request_body),
    }
    if call.request_body:
        kind = _header(call.request_headers, "content-type") or "application/octet-stream"
        request["postData"] = {"mimeType": kind, "params": [], "text": call.request_body}
    return request


def _response(call: ApiCall, attempt: Mapping[str, Any], *, last: bool) -> dict[str, Any]:
    """Always there, as readers ask: with status 0 where no answer came."""
    status = attempt.get("status") or 0
    headers = call.response_headers if last else {}
    body = call.response_body if last else ""
    response = {
        "status": status,
        "statusText": "",
        "httpVersion": "HTTP/1.1" if status else "unknown",
        "cookies": [],
        "headers": _headers(headers),
        "content": {"size": _size(body), "mimeType": _header(headers, "content-type") or "x-unknown", "text": body},
        "redirectURL": _address(_header(headers, "location")),
        "headersSize": _UNKNOWN,
        "bodySize": _size(body) if status else _UNKNOWN,
    }
    error = str(attempt.get("error", "")) or (call.error_code if last else "")
    message = str(attempt.get("message", "")) or (call.error_message if last else "")
    if error:
        response["_error"] = f"{error}: {message}" if message else error
    return response


def _headers(headers: Mapping[str, Any]) -> list[dict[str, str]]:
    """Headers are ASCII on the wire, and readers refuse others, so marks are written `<ID token . ea5f.48>`."""
    return [{"name": name, "value": _ascii(str(value))} for name, value in headers.items()]


def _ascii(text: str) -> str:
    return text.translate(_MARKS).encode("ascii", "replace").decode()


def _header(headers: Mapping[str, Any], wanted: str) -> str:
    return next((_ascii(str(value)) for name, value in headers.items() if name.lower() == wanted), "")


def _address(url: str) -> str:
    """A URI, in which marks are percent-encoded."""
    return quote(url, safe=_IN_ADDRESSES)


def _size(text: str) -> int:
    return len(text.encode())


def _milliseconds(value: Any) -> float:
    return max(0.0, float(value)) if isinstance(value, int | float) else 0.0


def _time(moment: datetime) -> str:
    """ISO 8601 with zone and milliseconds."""
    return localtime(moment).isoformat(timespec="milliseconds")
