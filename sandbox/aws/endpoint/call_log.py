"""The latest calls of each account that was made, redacted before they are kept: what its people did by CLI or SDK.

A call concerns the account whose key signed it; one without a signature, the account whose pool or role it names. What
is kept looks as the application's own recording of a call does, so that both are read by the same eyes.

In memory and bounded. Calls of the application that the sandbox was started with are left out: it records them itself,
and to redact each twice would take a quarter of the time that the sandbox has for them. The home account, and accounts
that nobody made, have none: whoever uses the sandbox alone does not pay for it.
"""

import json
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from hmac import digest
from itertools import count, islice
from time import perf_counter
from typing import Any
from urllib.parse import parse_qsl, unquote

from botocore.model import OperationModel
from botocore.parsers import ResponseParserError, create_parser

from redaction import Marker, Redactor
from redaction.calls import HttpAttempt, RecordedCall
from redaction.sensitive import sensitive_members
from sandbox.aws.endpoint.target import Target
from sandbox.aws.gate.s3.post_form import is_post_form
from sandbox.aws.wire.json_text import read_json
from sandbox.aws.wire.models import operation_model, service_model
from sandbox.aws.wire.s3_names import s3_operation
from sandbox.core.caller import Caller
from sandbox.core.decisions import Decisions
from sandbox.core.facts import DEVELOPER_PROVIDER_NAME
from sandbox.core.http import Request, Response
from sandbox.core.instance import Instance

MOST_CALLS = 500  # of one account
MOST_BYTES = 2 * 1024 * 1024  # of one account
MOST_BYTES_IN_ALL = 64 * 1024 * 1024
LONGEST_APP = 50  # of an application ID, as SDKs take it
_MOST_APPS = 4  # of one call
_PAGE = 100  # calls in one answer
_PAGE_BYTES = 2 * 1024 * 1024
_LONGEST_BODY = 16 * 1024  # what is longer is left out, and its size said


@dataclass(slots=True)
class Heard:
    """What became known of a request while it was answered."""

    params: Mapping[str, Any] = field(default_factory=dict)
    caller: Caller | None = None
    began: float = field(default_factory=perf_counter)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Kept:
    """One call: its number among all calls, its JSON, and the applications that its User-Agent names."""

    number: int
    written: bytes
    apps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CallPage:
    """Some calls, the oldest first; `cursor` is where the next page begins.

    Attributes:
        missed: calls after the cursor that was given are no longer here.
        more: there are more of them now.
    """

    calls: list[bytes]
    cursor: str
    missed: bool
    more: bool


class CallLog:
    """The calls of all accounts of an instance."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._kept: dict[str, deque[Kept]] = {}
        self._dropped: dict[str, int] = {}  # account -> number of the latest of its calls that had to go
        self._bytes: dict[str, int] = {}
        self._numbers = count(1)
        self._latest = 0

    def wants(self, account: str, request: Request) -> bool:
        """Whether a call of the account is kept: not those of an application that records its calls itself."""
        accounts = self._instance.accounts
        if not account or account == accounts.home or accounts.find(account).made is None:
            return False
        unlisted = self._instance.config.unlisted_apps
        return not unlisted or not set(unlisted).intersection(_apps(request.headers.get("user-agent", "")))

    def keep(self, request: Request, response: Response, target: Target, heard: Heard, decisions: Decisions) -> None:
        account = decisions.account
        redactor = Redactor(Marker(self._key(account)), plain_logins=frozenset((DEVELOPER_PROVIDER_NAME,)))
        call = _recorded(request, response, target, heard)
        _know_signature(redactor, request)
        listed = [{**entry, "source": "sandbox"} for entry in decisions.entries]
        fields = redactor.finished(call, listed)
        user_agent = request.headers.get("user-agent", "")
        about = {
            "account": account,
            "access_key_id": heard.caller.access_key_id if heard.caller else "",
            "caller": heard.caller.arn if heard.caller else "",
            "user_agent": user_agent[:200],
        }
        written = json.dumps({**fields, **about}, default=_plain, separators=(",", ":")).encode()
        self._add(account, written, _apps(user_agent))

    def after(self, account: str, cursor: str, without_app: str = "") -> CallPage:
        """The account's calls after those that were read up to `cursor`, which an earlier page named; empty, or of an
        earlier start of the sandbox: from the first that is here.

        Args:
            without_app: leave out the calls of this application: as its SDK's `sdk_ua_app_id` calls it.
        """
        start, same = self._start(cursor)
        page: list[bytes] = []
        size, last, more = 0, start, False
        for kept in self._kept.get(account, ()):
            if kept.number <= start or (without_app and without_app in kept.apps):
                continue
            if len(page) == _PAGE or (page and size + len(kept.written) > _PAGE_BYTES):
                more = True
                break
            page.append(kept.written)
            size, last = size + len(kept.written), kept.number
        if not more:
            last = max(last, self._latest)
        missed = self._dropped.get(account, 0) > start if same else bool(cursor)
        return CallPage(page, self._cursor(last), missed, more)

    def accounts_after(self, cursor: str, without_app: str = "") -> tuple[dict[str, str], str]:
        """The accounts with calls after `cursor`, each with the cursor of its latest; and the cursor to ask with next.

        No call is read for it: whoever asks every few seconds costs next to nothing.
        """
        start, _ = self._start(cursor)
        found: dict[str, str] = {}
        for account, calls in self._kept.items():
            for kept in reversed(calls):
                if kept.number <= start:
                    break
                if not (without_app and without_app in kept.apps):
                    found[account] = self._cursor(kept.number)
                    break
        return found, self._cursor(self._latest)

    def _start(self, cursor: str) -> tuple[int, bool]:
        """The number in a cursor, and whether the cursor is of this start of the sandbox."""
        boot, _, number = cursor.partition(".")
        same = boot == self._instance.boot and number.isascii() and number.isdigit() and len(number) < 20
        return (int(number) if same else 0), same

    def _cursor(self, number: int) -> str:
        return f"{self._instance.boot}.{number}"

    def forget(self, account: str) -> None:
        """Drop what is kept of an account's calls."""
        for kept in (self._kept, self._dropped, self._bytes):
            kept.pop(account, None)

    def _key(self, account: str) -> bytes:
        """Fingerprints are keyed by account and its epoch: the same token in two accounts does not look the same."""
        secret = self._instance.keys.secret("call fingerprints")
        return digest(secret, f"{account}|{self._instance.accounts.epoch(account)}".encode(), sha256)

    def _add(self, account: str, written: bytes, apps: tuple[str, ...]) -> None:
        self._latest = next(self._numbers)
        kept = self._kept.setdefault(account, deque())
        kept.append(Kept(self._latest, written, apps))
        self._bytes[account] = self._bytes.get(account, 0) + len(written)
        while len(kept) > MOST_CALLS or (self._bytes[account] > MOST_BYTES and len(kept) > 1):
            self._drop(account)
        while sum(self._bytes.values()) > MOST_BYTES_IN_ALL:
            self._drop(max(self._bytes, key=self._bytes.__getitem__))

    def _drop(self, account: str) -> None:
        gone = self._kept[account].popleft()
        self._bytes[account] -= len(gone.written)
        self._dropped[account] = gone.number


def _apps(user_agent: str) -> tuple[str, ...]:
    """The application IDs in a User-Agent as SDKs write them (`app/...`): a stranger may have put any number there."""
    words = (word[4:] for word in user_agent.split() if word.startswith("app/") and len(word) <= 4 + LONGEST_APP)
    return tuple(islice(words, _MOST_APPS))


def _recorded(request: Request, response: Response, target: Target, heard: Heard) -> RecordedCall:
    """The request and its answer as the application would have recorded them."""
    params, operation = heard.params, target.operation
    if target.service == "s3":
        params, operation = _s3(request)
    elif not target.own and len(request.body) <= _LONGEST_BODY:
        with suppress(ValueError, RecursionError):
            read = read_json(request.body or b"{}")
            params = read if isinstance(read, dict) else {}
    model = _model(target.service, operation)
    answer = _answer(model, response)
    error = answer.get("Error", {}) if response.status >= 300 else {}
    if not isinstance(error, dict):
        error = {}
    elapsed = round((perf_counter() - heard.began) * 1000, 2)
    query = f"?{request.query_string}" if request.query_string else ""
    attempt = HttpAttempt(
        number=1,
        method=request.method,
        url=f"http://{request.headers.get('host', '')}{request.raw_path}{query}",
        request_headers=dict(request.headers),
        # A form to a bucket has credentials among its fields, and is none that redaction reads.
        request_body=b"" if is_post_form(request) else _short(request.body),
        began=heard.began,
        status=response.status,
        response_headers=dict(response.headers),
        response_body=_short(response.body),
        request_id=request.request_id,
        duration_ms=elapsed,
    )
    call = RecordedCall(
        service=target.service[:40],
        operation=operation[:64],
        protocol=str(model.service_model.resolved_protocol) if model else target.family,
        params=params,
        sensitive=sensitive_members(model) if model else frozenset(),
        started_at=heard.started,
        began=heard.began,
        signed=heard.caller is not None,
        attempts=[attempt],
        answer=answer,
        duration_ms=elapsed,
    )
    if response.status >= 300:
        call.error_code = attempt.error_code = str(error.get("Code") or response.status)
        call.error_message = attempt.error_message = str(error.get("Message") or "")
    return call


def _s3(request: Request) -> tuple[dict[str, Any], str]:
    """Bucket, key and what else is asked for, and the operation's name."""
    path = request.raw_path.removeprefix("/")
    bucket, _, key = (request.bucket, "", path) if request.bucket else path.partition("/")
    pairs = dict(parse_qsl(request.query_string, keep_blank_values=True))
    copies = "x-amz-copy-source" in request.headers
    name = s3_operation(request.method, bucket=bool(bucket), key=bool(key), query=frozenset(pairs), copies=copies)
    params: dict[str, Any] = {"Bucket": unquote(bucket)} if bucket else {}
    if key:
        params["Key"] = unquote(key)
    if copies:
        params["CopySource"] = request.headers["x-amz-copy-source"]
    if "prefix" in pairs:
        params["Prefix"] = pairs["prefix"]
    return params, name


def _know_signature(redactor: Redactor, request: Request) -> None:
    """In a URL of Signature Version 2 the signature has a name that is an everyday word."""
    if "AWSAccessKeyId=" in request.query_string:
        for name, value in parse_qsl(request.query_string):
            if name == "Signature":
                redactor.know(value, "signature")


def _model(service: str, operation: str) -> OperationModel | None:
    try:
        return operation_model(service, operation) if service_model(service) else None
    except Exception:  # noqa: BLE001 (botocore has no such service; a scope can name any)
        return None


def _answer(model: OperationModel | None, response: Response) -> Mapping[str, Any]:
    """The answer as an SDK reads it; empty for what is long, or cannot be read."""
    if model is None or len(response.body) > 4 * _LONGEST_BODY:
        return {}
    if model.service_model.resolved_protocol == "query" and ("content-type", "application/json") in response.headers:
        return _query_answer(model, response)
    came = {
        "status_code": response.status,
        "headers": dict(response.headers),
        "body": response.body,
        "context": {"operation_name": model.name},
    }
    try:
        found = create_parser(model.service_model.resolved_protocol).parse(came, model.output_shape)
    except (ResponseParserError, ValueError, KeyError, AttributeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _query_answer(model: OperationModel, response: Response) -> Mapping[str, Any]:
    """The answer of a query service that was asked for JSON, without what it is wrapped in."""
    document = read_json(response.body)
    if response.status >= 300:
        return dict(document)
    wrapped = document[f"{model.name}Response"].get(f"{model.name}Result") or {}
    return {name: value for name, value in wrapped.items() if value is not None}


def _short(body: bytes) -> bytes:
    return body if len(body) <= _LONGEST_BODY else f"‹{len(body):,} bytes›".encode()


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
