"""What comes of asking: an answer, or the reason why there is none.

NoAnswer            nobody listens, the connection breaks, or what comes back is not HTTP
├── TimedOut
├── TooLarge
└── TlsFailed
"""

import json
from dataclasses import dataclass
from typing import Any


class NoAnswer(Exception):
    """Nothing usable came back."""


class TimedOut(NoAnswer):
    """The answer was not complete in time."""


class TooLarge(NoAnswer):
    """The answer is larger than anything that is sensible."""


class TlsFailed(NoAnswer):
    """No secure connection: no TLS that we take, or a certificate that does not prove who answers."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers in the order in which they came, and the body as it came: it may be packed."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def json(self) -> Any:
        """What the body says.

        Raises:
            ValueError: it is no JSON.
        """
        try:
            return json.loads(self.body)
        except RecursionError:
            raise ValueError("nested too deeply") from None
