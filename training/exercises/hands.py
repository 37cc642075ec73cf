"""What an exercise's Python is handed: an account to set up, and a learner who does the work."""

from collections.abc import Mapping
from typing import Any, Protocol


class Account(Protocol):
    """An AWS account, as its administrator.

    Attributes:
        number: twelve digits.
        pool_id: of the exercise's own identity pool, whether it exists yet or not.
        providers: the members of CreateIdentityPool with which a pool trusts the account's user pool, Google and SAML.
        opponent: the second account, for exercises that ask for one; its own pool_id is another.
    """

    @property
    def number(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def slug(self) -> str: ...
    @property
    def pool_id(self) -> str: ...
    @property
    def providers(self) -> Mapping[str, Any]: ...
    @property
    def opponent(self) -> "Account | None": ...

    def client(self, service: str) -> Any:
        """A boto3 client with the administrator's keys; what it does is no run."""
        ...

    def anonymous(self, service: str) -> Any:
        """A boto3 client that signs nothing."""
        ...

    def logins(self, provider: str, person: str, **claims: Any) -> dict[str, str]:
        """The Logins of somebody who signed in at one of the account's stand-ins."""
        ...

    def role_arn(self, name: str) -> str: ...


class Learner(Protocol):
    """Somebody who does an exercise: what they send becomes runs, as if they had clicked."""

    @property
    def account(self) -> Account: ...

    def run(
        self,
        *,
        flow: str = "enhanced",
        provider: str = "guest",
        person: str = "",
        claims: Mapping[str, Any] | None = None,
        misbehaviour: str = "",
        pool: str = "",
        **parameters: str,
    ) -> "Made":
        """An exchange in the demo, to its end: for a guest, or for somebody who signs in at a provider.

        Args:
            misbehaviour: what goes wrong at the provider, such as `access_token` (docs/sandbox.md).
            pool: key of another pool of the account's than the exercise's own.
            parameters: what the learner sets: RoleArn, RoleSessionName, DurationSeconds, CustomRoleArn.
        """
        ...

    def send(self, service: str, operation: str, **params: Any) -> "Made":
        """One call that nobody signs. Texts such as `@12.access` stand for what run number 12 yielded."""
        ...

    def answer(self, question: str, option: int) -> None:
        """Answer one of the exercise's questions with the option of that number."""
        ...


class Made(Protocol):
    """A run that was made."""

    @property
    def number(self) -> int: ...
    @property
    def outcome(self) -> str: ...
    @property
    def identity_id(self) -> str: ...

    def use(self, service: str, operation: str, **params: Any) -> str:
        """A call with the run's credentials; its error code, empty where it was answered."""
        ...
