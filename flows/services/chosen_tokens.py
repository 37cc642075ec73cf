"""Runs with a token that says what somebody chose, at a pool of their own account, which signs it.

Whoever administers an account of the sandbox has it sign in the name of any provider that its pools trust
(docs/sandbox.md, "Pools that trust real providers"). What the pool makes of the token is a run like any other.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.owners import Owner
from flows.exchange import sandbox_requests
from flows.exchange.context import TemporaryCredentials
from flows.exchange.pools import Pool
from flows.exchange.steps import flow_for
from flows.models import Run
from flows.services.changes import administrator
from flows.services.errors import ChoiceRefused
from flows.services.runs import run_all, run_open
from providers.registry import PROVIDERS
from providers.sign_in.artifacts import Artifact

GUEST = "guest"
_LIFE = timedelta(minutes=55)  # less than the hour that tokens are good for
_VERIFIED_BY = "the account, which signed it on request"


def run_with_token(
    *, owner: Owner, pool: Pool, login: str, claims: Mapping[str, Any], role: str = "", client: str = "", user: str = ""
) -> Run:
    """Have a token signed, and make all calls of a run with it.

    Args:
        login: the provider's name in a Logins map; empty for a guest.
        claims: instead of, and besides, what the provider says by itself.
        role: ARN of the role to ask for, in the basic flow; empty for the enhanced flow.
        client: of which of the pool's applications the token is.
        user: of the user pool, whose sign-in it is.

    Raises:
        ChoiceRefused: the account is not one of theirs, or nobody signs such a token there.
        NotDone: the sandbox does not answer, or refuses to sign.
        RunError: as `run_open` and `run_all`.
    """
    if settings.APP_MODE != "sandbox":
        raise ChoiceRefused("Tokens are signed on request in the sandbox only.")
    credentials = administrator(owner, pool)
    variant, parameters = ("basic", {"RoleArn": role}) if role else ("enhanced", {})
    key = _provider_of(login) if login else GUEST
    artifact = _signed(credentials, pool, key, login, claims, client, user) if login else None
    run = run_open(
        owner=owner,
        access="authenticated" if login else GUEST,
        flow=flow_for(variant, PROVIDERS[key].kind).key,
        provider=key,
        pool=pool,
        parameters=parameters,
        artifact=artifact,
    )
    return run_all(run=run)


def _signed(
    credentials: TemporaryCredentials,
    pool: Pool,
    key: str,
    login: str,
    claims: Mapping[str, Any],
    client: str,
    user: str,
) -> Artifact:
    played = {"action": "play", "pool": pool.pool_id}
    sandbox_requests.ask("POST", "/_sandbox/pools", played, account=pool.account_id, credentials=credentials)
    asked: dict[str, Any] = {"pool": pool.pool_id, "login": login, "claims": dict(claims)}
    asked |= {name: value for name, value in (("client", client), ("username", user)) if value}
    answer = sandbox_requests.ask("POST", "/_sandbox/tokens", asked, account=pool.account_id, credentials=credentials)
    ((name, value),) = answer["Logins"].items()
    return Artifact(
        provider=key,
        kind=PROVIDERS[key].artifact_kind,
        provider_name=name,
        value=value,
        expires_at=timezone.now() + _LIFE,
        verified_by=_VERIFIED_BY,
    )


def _provider_of(login: str) -> str:
    """Which of the providers here it is one of, by its name in a Logins map."""
    by_name = {provider.logins_key: key for key, provider in PROVIDERS.items()}
    if login in by_name:
        return by_name[login]
    # The others are many, each by a name of its own: of one form, or any issuer's.
    wanted: tuple[str, str] = ("enterprise", "id_token")
    if ":saml-provider/" in login:
        wanted = ("enterprise", "saml_response")
    elif login.startswith("cognito-idp."):
        wanted = ("user_pool", "id_token")
    return next(key for key, provider in PROVIDERS.items() if (provider.kind, provider.artifact_kind) == wanted)
