"""What stands in an exported trace, version 2. The JSON Schema is made of these types, and the reader fills them.

A member may be added to version 2; none of these changes its meaning or goes away. Everything is redacted: a secret is
a mark with its kind and fingerprint. Times are ISO 8601 in UTC.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

FORMAT = "identity-pools-lab/run"
VERSION = 2

_MOST_CALLS = 10_000  # of a run, and decisions of a call
Time = Annotated[datetime, Meta(tz=True)]
Counted = Annotated[int, Meta(ge=0)]
Fields = dict[str, Any]


class Decision(Struct, frozen=True):
    """One check on the way to an answer. `code` is its lasting name, listed in docs/sandbox.md; it is empty in a run
    that was recorded before there were codes. `source` says whether the sandbox decided it or it was observed."""

    code: Annotated[str, Meta(pattern=r"^([a-z]+\.[a-z_]+)?$", max_length=64)]
    check: str
    expected: str
    actual: str
    verdict: Literal["pass", "deny", "info"]
    doc: str
    source: Literal["sandbox", "observed"]


class Attempt(Struct, frozen=True):
    """One request and what came back. `status` is null when nothing did; `duration_ms` is in milliseconds."""

    status: int | None = None
    duration_ms: float | None = None
    request_id: str = ""
    error: str = ""
    message: str = ""
    number: Counted | None = None


class Token(Struct, frozen=True):
    """A token or assertion that went or came, decoded; the same `fingerprint` is the same token."""

    where: str
    kind: str
    fingerprint: str
    header: Fields
    claims: Fields
    verified: bool
    key_id: str = ""
    note: str = ""
    form: str = ""
    xml: str = ""


class Call(Struct, frozen=True):
    """One call as it went over the wire. `request_params` and `response_params` are the operation's, whatever the
    protocol; the bodies are as on the wire. `attempts` has each try, of which the last one is shown."""

    position: Annotated[int, Meta(ge=1)]
    kind: Literal["provider", "exchange", "use"]
    step: str
    state: Literal["sent", "answered", "unanswered", "not_sent"]
    service: str
    operation: str
    protocol: str
    signed: bool
    method: str
    url: str
    request_headers: Fields
    request_params: Fields
    request_body: str
    status: int | None
    response_headers: Fields
    response_params: Fields
    response_body: str
    request_id: str
    attempts: list[Attempt]
    error_code: str
    error_message: str
    duration_ms: float | None
    decisions: Annotated[list[Decision], Meta(max_length=_MOST_CALLS)]
    tokens: list[Token]


class Trace(Struct, frozen=True):
    """A run of Identity Pools Lab: what was chosen, how it ended, and every call that was made. `run` is the number
    that its pages show, `$schema` the address of this description where the trace was exported."""

    schema: str = field(name="$schema")
    format: Literal["identity-pools-lab/run"]
    version: Literal[2]
    run: str
    mode: Literal["sandbox", "aws"]
    account_id: str
    region: str
    pool_id: str
    access: str
    flow: str
    provider: str
    subject: str
    parameters: Fields
    outcome: Literal["open", "running", "succeeded", "refused", "failed", "interrupted", "cancelled"]
    identity_id: str
    role_arn: str
    assumed_role_arn: str
    access_key_id: str
    credentials_expire_at: Time | None
    error_code: str
    error_message: str
    duration_ms: Counted
    scrubbed: bool
    created_at: Time
    finished_at: Time | None
    calls: Annotated[list[Call], Meta(max_length=_MOST_CALLS)]
