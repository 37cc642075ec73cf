"""social-auth's view of its surroundings, as social-auth-app-django gives it, with two differences.

What social-auth would put into the browser's session (state, nonce, code verifier, request token) goes into the values
of the transaction, which the vault keeps until the answer comes. So two tabs have two transactions, and an answer finds
its own or none. And there is no account: nobody is looked up, made, linked or signed in.

Of `social_django` only the strategy is imported. It is not in INSTALLED_APPS: its models would bring five tables.
"""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from social_core.backends.base import BaseAuth
from social_django.strategy import DjangoStrategy

from providers.sign_in.provider import Provider
from providers.sign_in.transaction import Transaction


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


class SignInStrategy(DjangoStrategy):
    """One sign-in at one provider, at which we are registered for the account of the sign-in's run.

    Args:
        request: the one that brought the answer; there is none when a sign-in begins.
    """

    def __init__(self, transaction: Transaction, provider: Provider, request: HttpRequest | None = None) -> None:
        super().__init__(Storage(transaction), request)
        self.transaction = transaction
        self.provider = provider
        self.registration = provider.registration(transaction.sign_in.account_id)
        # Where DjangoStrategy reads and writes what it remembers; of a session it uses no more than a dictionary has.
        self.session = transaction.values  # type: ignore[assignment]

    def authenticate(self, backend: BaseAuth[Any], *args: Any, **kwargs: Any) -> Any:
        """Run the backend's pipeline. DjangoStrategy would ask Django's authentication backends for an account."""
        return backend.authenticate(self.request, strategy=self, storage=self.storage, backend=backend, **kwargs)
