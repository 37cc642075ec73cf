"""social-auth's view of its surroundings: one sign-in, whose state is neither in Django's session nor in own tables.

What social-auth would put into the session (state, nonce, code verifier, request token) goes into `Transaction.values`,
which the vault keeps until the answer comes. So two tabs have two transactions, and an answer finds its own or none.
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from social_core.backends.base import BaseAuth
from social_core.strategy import BaseStrategy

from providers.models import SignIn
from providers.sign_in.transcript import Transcript

PIPELINE = (
    "social_core.pipeline.social_auth.social_details",
    "social_core.pipeline.social_auth.social_uid",
    "social_core.pipeline.social_auth.auth_allowed",
    "providers.social.pipeline.record_artifact",
)


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


@dataclass(slots=True)
class RememberedNonce:
    """A nonce as social-auth asks for it: `assoc_type` is the state for which it was given out."""

    id: str
    assoc_type: str

    def is_expired(self) -> bool:
        """The transaction that holds it is gone when it is too old."""
        return False


class States:
    """Each state lives in one transaction, claimed before social-auth sees the answer: it is fresh, and used once."""

    def use(self, server_url: str, timestamp: int, salt: str) -> bool:
        return True

    def consume(self, server_url: str, timestamp: int, salt: str) -> bool:
        return True


class Nonces:
    """social-auth stores OpenID Connect nonces as "associations"."""

    def __init__(self, known: dict[str, dict[str, Any]]) -> None:
        self._known = known

    def store(self, server_url: str, association: Any) -> None:
        self._known[association.handle] = {"state": association.assoc_type}

    def get(self, server_url: str | None = None, handle: str | None = None) -> list[RememberedNonce]:
        known = self._known.get(handle or "")
        return [RememberedNonce(handle or "", known["state"])] if known else []

    def remove(self, ids_to_delete: list[str]) -> None:
        for handle in ids_to_delete:
            self._known.pop(handle, None)


class Storage:
    """The two stores that sign-in needs. There is none for accounts: a sign-in neither makes nor links one."""

    def __init__(self, transaction: Transaction) -> None:
        self.nonce = States()
        self.association = Nonces(transaction.nonces)


class SignInStrategy(BaseStrategy[HttpResponse]):
    """One sign-in, and what the browser brought: nothing at the beginning, the provider's parameters at the end."""

    def __init__(self, transaction: Transaction, data: dict[str, str] | None = None) -> None:
        super().__init__(Storage(transaction))  # type: ignore[arg-type]  # social-auth wants a class, and uses it as an object
        self.transaction = transaction
        self._data = data or {}

    def get_pipeline(self, backend: BaseAuth[object] | None = None) -> list[str]:
        return list(PIPELINE)

    def get_setting(self, name: str) -> Any:
        """Raises AttributeError, which means "not set": backends get their settings by the names in .env."""
        raise AttributeError(name)

    def get_request_data(self, merge: bool = True) -> dict[str, Any]:
        return dict(self._data)

    def session_get(self, name: str, default: Any = None) -> Any:
        return self.transaction.values.get(name, default)

    def session_set(self, name: str, value: Any) -> None:
        self.transaction.values[name] = value

    def session_pop(self, name: str) -> Any:
        return self.transaction.values.pop(name, None)

    def build_absolute_uri(self, path: str | None = None) -> str:
        return urljoin(f"{settings.PUBLIC_URL}/", path or "")

    def redirect(self, url: str) -> HttpResponse:
        return HttpResponseRedirect(url)

    def html(self, content: str) -> HttpResponse:
        return HttpResponse(content)

    def request_host(self) -> str:
        return str(settings.PUBLIC_URL).partition("://")[2]

    def request_is_secure(self) -> bool:
        return bool(settings.HTTPS)
