"""What is known of one sign-in under way, from the request to the answer; the vault keeps it in between."""

from dataclasses import dataclass, field
from typing import Any

from providers.sign_in.models import SignIn
from providers.sign_in.transcript import Transcript


@dataclass(slots=True)
class Transaction:
    """Everything secret about a sign-in under way. `sign_in` is its row, which holds none of it.

    Attributes:
        values: what social-auth remembers from the request to the answer.
        nonces: nonces given out and not yet met again.
    """

    sign_in: SignIn
    values: dict[str, Any] = field(default_factory=dict)
    nonces: dict[str, dict[str, Any]] = field(default_factory=dict)
    transcript: Transcript = field(default_factory=Transcript)

    def to_json(self) -> dict[str, Any]:
        return {"values": self.values, "nonces": self.nonces, "transcript": self.transcript.to_json()}

    @classmethod
    def from_json(cls, sign_in: SignIn, content: dict[str, Any]) -> "Transaction":
        return cls(sign_in, content["values"], content["nonces"], Transcript.from_json(content["transcript"]))
