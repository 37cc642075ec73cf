"""The form that asks for a token: who comes, what the token says, which role is wanted."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from flows.exchange.pool_facts import PoolFacts
from flows.services import ChoiceRefused

_LONGEST = 20_000
_EXAMPLE = {"sub": "kim"}


@dataclass(frozen=True, slots=True)
class Trying:
    """What was entered. `claims`: as text, whether it can be read or not."""

    login: str = ""
    claims: str = json.dumps(_EXAMPLE)
    role: str = ""
    client: str = ""
    user: str = ""

    def read_claims(self) -> dict[str, Any]:
        """The claims that somebody wrote.

        Raises:
            ChoiceRefused: they are no JSON object.
        """
        try:
            found = json.loads(self.claims or "{}")
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict) or len(self.claims) > _LONGEST:
            raise ChoiceRefused(f"Claims are a JSON object, such as {json.dumps(_EXAMPLE)}.")
        return found


def entered(data: QueryDict) -> Trying:
    return Trying(**{name: data.get(name, "").strip() for name in ("login", "claims", "role", "client", "user")})


def logins_of_pool(facts: PoolFacts) -> list[str]:
    """Every provider that can sign for somebody at the pool, by its name in a Logins map."""
    definition: Mapping[str, Any] = facts.definition
    user_pools = dict.fromkeys(str(one["ProviderName"]) for one in definition.get("CognitoIdentityProviders", []))
    issuers = (arn.partition(":oidc-provider/")[2] for arn in definition.get("OpenIdConnectProviderARNs", []))
    public = definition.get("SupportedLoginProviders", {})
    named = (issuer.rstrip("/") for issuer in issuers)
    return [*user_pools, *named, *public, *definition.get("SamlProviderARNs", [])]
