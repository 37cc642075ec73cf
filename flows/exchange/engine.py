"""Sends what a step asks for and says what came back. Knows no page and no table.

All of it happens inside `recorder.recording()`, which whoever stores the calls has opened.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from typing import Any

from botocore import xform_name
from botocore.client import BaseClient
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError
from botocore.parsers import ResponseParserError

from flows.exchange import clients, pacing, reached, recorder
from flows.exchange.context import Context
from flows.exchange.recorder import StoppedBeforeSending
from flows.exchange.steps import Step
from redaction.calls import RecordedCall

_MOST_STREAMED = 5 * 1024 * 1024  # bytes of a streamed body that are read
_CHUNK = 64 * 1024
# What botocore's parsers raise at an answer that is not of the model's form: an error of their own, whose text quotes
# the whole answer, or whatever Python does.
_UNREADABLE = (
    ResponseParserError,
    AttributeError,
    KeyError,
    TypeError,
    ValueError,
    OverflowError,
    RuntimeError,  # of which RecursionError is one
)
_UNREADABLE_TEXT = "The answer does not have the format that the service’s model describes."


class Ending(Enum):
    """How a call ended."""

    ANSWERED = "answered"
    REFUSED = "refused"  # AWS said no: an error answer with a status below 500
    FAILED = "failed"  # no answer, an internal error of the service, or one that cannot be read
    NOT_SENT = "not sent"  # the SDK would not send it


@dataclass(frozen=True, slots=True)
class Reply:
    """The result of a call.

    Attributes:
        calls: as recorded; the call itself first, then those that the SDK made on its own account.
        answer: what the service answered, when it did not refuse.
    """

    ending: Ending
    calls: list[RecordedCall]
    answer: Mapping[str, Any] | None = None
    error_code: str = ""
    error_message: str = ""


def perform(step: Step, context: Context, region: str) -> tuple[Reply, Context]:
    """Make one step's call for real; the context afterwards is the one before, unless the call was answered."""
    reply = send(_client(step, region, context.account_id), step.operation, step.parameters(context))
    if reply.answer is None:
        return reply, context
    try:
        return reply, step.carry(context, reply.answer)
    except KeyError as missing:
        text = f"The answer to {step.operation} lacks {missing.args[0]}."
        return Reply(Ending.FAILED, reply.calls, None, "UnexpectedAnswer", text), context


def rehearse(step: Step, context: Context, region: str) -> Reply:
    """Build a step's request as `perform` would, through the same client, and stop before it is sent.

    The reply's call has one attempt, or none when the SDK would not send it, with its reason as the error.
    """
    with recorder.recording(rehearsal=True):
        return send(_client(step, region, context.account_id), step.operation, step.parameters(context))


def send(client: BaseClient, operation: str, params: Mapping[str, Any]) -> Reply:
    """Call an operation, and say how it ended instead of raising."""
    heard = recorder.current()
    calls = heard.calls
    if not heard.rehearsal:
        pacing.wait_for_turn(operation)
    try:
        answer = getattr(client, xform_name(operation))(**params)
        _drain(answer, calls[0])
    except StoppedBeforeSending:
        return Reply(Ending.NOT_SENT, calls)
    except ClientError as error:
        return _refused(error, calls)
    except BotoCoreError as error:
        if isinstance(error, (ConnectionError, HTTPClientError)):
            reached.nobody(client.meta.endpoint_url)
        return _failed(type(error).__name__, str(error), calls)
    except _UNREADABLE:
        if not (calls and calls[0].answered):
            raise
        return _failed("ResponseParserError", _UNREADABLE_TEXT, calls)
    reached.somebody(client.meta.endpoint_url)
    return Reply(Ending.ANSWERED, calls, answer)


def _client(step: Step, region: str, account: str) -> BaseClient:
    make = clients.server_client if step.signed else clients.anonymous_client
    return make(step.service, region, account)


def _refused(error: ClientError, calls: list[RecordedCall]) -> Reply:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    ending = Ending.FAILED if status >= 500 else Ending.REFUSED
    return Reply(ending, calls, None, calls[0].error_code, calls[0].error_message)


def _failed(code: str, message: str, calls: list[RecordedCall]) -> Reply:
    """Of some failures no event tells: those before the first attempt, and answers that cannot be parsed."""
    call = calls[0]
    if call.duration_ms is None:
        recorder.close(call)
    call.error_code, call.error_message = code, message
    return Reply(Ending.FAILED if call.sent else Ending.NOT_SENT, calls, None, call.error_code, call.error_message)


def _drain(answer: Mapping[str, Any], call: RecordedCall) -> None:
    """Read a streamed body to its end, or as far as is sensible, and keep its size, type and SHA-256 only."""
    stream = next((value for value in answer.values() if hasattr(value, "iter_chunks")), None)
    if stream is None:
        return
    size, digest = 0, sha256()
    for chunk in stream.iter_chunks(_CHUNK):
        size += len(chunk)
        digest.update(chunk)
        if size > _MOST_STREAMED:
            break
    stream.close()
    recorder.close(call)
    more = "the first " if size > _MOST_STREAMED else ""
    kind = answer.get("ContentType", "unknown type")
    call.stream = f"{more}{size:,} bytes of {kind} · SHA-256 {digest.hexdigest()[:16]}…"
