"""The account in which an exercise takes place, as its administrator: what set-ups, probes and checks are handed."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.utils.module_loading import import_string

from flows.exchange import clients
from flows.exchange.context import TemporaryCredentials
from flows.exchange.pool import Pool, pool_of
from flows.exchange.sandbox_requests import NotDone, administrators_key, ask
from providers.registry import PROVIDERS
from providers.sign_in.registration import registration_for
from training.exercises.format import OPPONENT, Exercise, opponents_key
from web import sandboxes

# What texts, checks and requests of exercises call by a name in braces, and with `opponent_` before it.
NAMES = ("account_id", "region", "pool_id", "user_pool_id", "client_id", "endpoint")
_POOLS = UUID("5b0e0a6e-6a53-4a5e-9d0e-3f5d1c2b7a10")  # the namespace of ids of exercises' pools


def configured_names() -> dict[str, str]:
    """The same as `Ground.names`, of the pool where everybody works with APP_MODE=aws; empty in the sandbox."""
    row = next(iter(settings.IDENTITY_POOLS), None)
    if row is None or settings.APP_MODE != "aws":
        return {}
    pool, registration = pool_of(row), registration_for()
    return {
        "account_id": pool.account_id,
        "region": pool.region,
        "pool_id": pool.pool_id,
        "pool_key": pool.key,
        "user_pool_id": registration.setting("COGNITO_USER_POOL_ID"),
        "client_id": registration.setting("COGNITO_APP_CLIENT_ID"),
        "endpoint": "",
    }


class Ground:
    """One account and one exercise in it. The administrator's keys are asked of the sandbox, and live as long as this.

    Attributes:
        opponent: the second account, where the exercise has one.
    """

    def __init__(self, number: str, region: str, slug: str, opponent: "Ground | None" = None) -> None:
        self.number, self.region, self.slug, self.opponent = number, region, slug, opponent
        self._clients: dict[str, Any] = {}

    @cached_property
    def administrator(self) -> TemporaryCredentials:
        return administrators_key(self.number)

    @property
    def pool_id(self) -> str:
        """The same for ever, so that nobody has to remember it: a function of the account and the exercise."""
        return f"{self.region}:{uuid5(_POOLS, f'{self.number}/{self.slug}')}"

    @property
    def providers(self) -> Mapping[str, Any]:
        registration = registration_for(self.number)
        user_pool = PROVIDERS["user-pool"].provider_name(registration)
        return {
            "SupportedLoginProviders": {"accounts.google.com": registration.setting("GOOGLE_CLIENT_ID")},
            "CognitoIdentityProviders": [
                {"ProviderName": user_pool, "ClientId": registration.setting("COGNITO_APP_CLIENT_ID")}
            ],
            "SamlProviderARNs": [registration.setting("SAML_PROVIDER_ARN")],
        }

    @property
    def names(self) -> dict[str, str]:
        """What texts, checks and requests of the exercise call by a name in braces."""
        registration = registration_for(self.number)
        return {
            "account_id": self.number,
            "region": self.region,
            "pool_id": self.pool_id,
            "pool_key": self.slug,
            "user_pool_id": registration.setting("COGNITO_USER_POOL_ID"),
            "client_id": registration.setting("COGNITO_APP_CLIENT_ID"),
            "endpoint": sandboxes.of_account(self.number).cli_url,
            **self._opponents_names,
        }

    @property
    def _opponents_names(self) -> dict[str, str]:
        """Those of the second account, each with `opponent_` before it."""
        if self.opponent is None:
            return {}
        names = {**self.opponent.names, "pool_key": opponents_key(self.slug)}
        return {f"{OPPONENT}_{name}": value for name, value in names.items() if name != "endpoint"}

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = clients.client_for(service, self.region, self.administrator, self.number)
        return self._clients[service]

    def anonymous(self, service: str) -> Any:
        return clients.anonymous_client(service, self.region, self.number)

    def logins(self, provider: str, person: str, **claims: Any) -> dict[str, str]:
        login = self.login(provider, person, claims)
        return {str(name): str(token) for name, token in login["Logins"].items()}

    def login(self, provider: str, person: str, claims: Mapping[str, Any], misbehaviour: str = "") -> Any:
        """The sandbox's answer about somebody who signs in: `Logins` and `expires`."""
        asked: dict[str, Any] = {"provider": provider.replace("-", ""), "person": person}
        if claims:
            asked["claims"] = dict(claims)
        if misbehaviour:
            asked["misbehaviour"] = misbehaviour
        return ask("POST", "/_sandbox/tokens", asked, account=self.number, credentials=self.administrator)

    def role_arn(self, name: str) -> str:
        return f"arn:aws:iam::{self.number}:role/{name}"

    def pool_row(self, exercise: Exercise) -> dict[str, Any]:
        """The exercise's pool as settings and accounts list pools."""
        environment = exercise.environment
        return {
            "key": self.slug,
            "pool_id": self.pool_id,
            "label": exercise.title,
            "description": f"The identity pool of the exercise “{exercise.title}”.",
            "region": self.region,
            "account_id": self.number,
            "guest_role_arn": self.role_arn(environment.guest_role) if environment.guest_role else "",
            "authenticated_role_arn": self.role_arn(environment.user_role) if environment.user_role else "",
        }

    def pool(self, exercise: Exercise, key: str = "") -> tuple["Ground", Pool]:
        """The pool that a probe or a run names, and the account it is in: the exercise's own (empty), another one of
        the account's by its key, or such a one of the second account: `opponent`, `opponent-lab`.

        Raises:
            NotDone: there is none of that key.
        """
        if not key or key == self.slug:
            return self, pool_of(self.pool_row(exercise))
        other, _, rest = key.partition("-")
        if other == OPPONENT:
            if self.opponent is None:
                raise NotDone("This exercise has no second account.")
            return self.opponent.pool(exercise, rest)
        seeded: Callable[[str], list[dict[str, Any]]] = import_string(settings.POOLS_AT_ACCOUNT)
        row = next((row for row in seeded(self.number) if row["key"] == key), None)
        if row is None:
            raise NotDone(f"There is no identity pool “{key}” in the account.")
        return self, pool_of(row)
