"""A call as it was recorded, of AWS or of a provider: plain data, with every secret still in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class HttpAttempt:
    """One request as it was sent, and what came back: `status` is None when nothing did."""

    number: int
    method: str
    url: str
    request_headers: dict[str, str]
    request_body: bytes
    began: float
    status: int | None = None
    response_headers: dict[str, str] = field(default_factory=dict)
    response_body: bytes = b""
    request_id: str = ""
    error_code: str = ""
    error_message: str = ""
    duration_ms: float | None = None


@dataclass(slots=True)
class RecordedCall:
    """One call of an operation.

    Attributes:
        params: as the operation was called, before they became JSON or a form.
        sensitive: names of members that the service's model marks as sensitive.
        sent: at least one attempt reached the point of being sent. False after the SDK's own parameter validation.
        answer: what the SDK read from the response, an error's `Error` included; None without any response.
        stream: what was read of a streamed body (S3 GetObject); the bytes themselves are not kept.
    """

    service: str
    operation: str
    protocol: str
    params: Mapping[str, Any]
    sensitive: frozenset[str]
    started_at: datetime
    began: float
    signed: bool = False
    attempts: list[HttpAttempt] = field(default_factory=list)
    answer: Mapping[str, Any] | None = None
    streamed: bool = False
    stream: str = ""
    error_code: str = ""
    error_message: str = ""
    duration_ms: float | None = None

    @property
    def sent(self) -> bool:
        return bool(self.attempts)

    @property
    def answered(self) -> bool:
        """Something came back for the last attempt, whether the SDK could read it or not."""
        return self.sent and self.attempts[-1].status is not None
