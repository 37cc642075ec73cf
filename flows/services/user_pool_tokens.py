"""What a sign-in by a user pool's API yields: an ID token for identity pools, an access token for the user pool itself.

API reference, InitiateAuth: AuthenticationResultType. The refresh token is not kept: who needs another ID token signs
in again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.owners import Owner
from flows.models import Run
from providers.registry import PROVIDERS
from providers.sign_in.artifacts import Artifact, artifact_keep
from providers.sign_in.times import moment
from redaction import tokens
from vault import services as vault

PROVIDER = next(key for key, provider in PROVIDERS.items() if provider.kind == "user_pool")
ACCESS_TOKEN = "access_token"  # noqa: S105 (the purpose under which the vault keeps it)
_VERIFIED_BY = "the user pool, which answered with it"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The tokens of one answer.

    Attributes:
        artifact: the ID token, under the user pool's name in a Logins map.
        access_expires_at: by the access token's own word.
    """

    artifact: Artifact
    access_token: str = field(repr=False)
    access_expires_at: datetime


def sign_in_of(answer: Mapping[str, Any]) -> SignedIn | None:
    """What the answer of InitiateAuth, RespondToAuthChallenge or GetTokensFromRefreshToken yields; None of others."""
    result = answer.get("AuthenticationResult")
    if not isinstance(result, Mapping):
        return None
    id_token, access_token = str(result.get("IdToken", "")), str(result.get("AccessToken", ""))
    read, access = tokens.decode(id_token), tokens.decode(access_token)
    issuer = str(read.claims.get("iss", "")) if read else ""
    if read is None or access is None or not issuer.startswith("https://"):
        return None
    soon = timezone.now() + timedelta(minutes=5)  # the shortest life that a client can give its tokens
    artifact = Artifact(
        provider=PROVIDER,
        kind="id_token",
        provider_name=issuer.removeprefix("https://"),
        value=id_token,
        expires_at=moment(read.claims.get("exp")) or soon,
        verified_by=_VERIFIED_BY,
    )
    return SignedIn(artifact, access_token, moment(access.claims.get("exp")) or soon)


def keep_sign_in(run: Run, signed_in: SignedIn) -> None:
    """Seal both tokens, each until it expires."""
    artifact_keep(run.owner, run_code=run.code, artifact=signed_in.artifact)
    vault.seal(
        run.owner,
        reference=run.code,
        purpose=ACCESS_TOKEN,
        content={"token": signed_in.access_token},
        expires_at=signed_in.access_expires_at,
    )


def access_token_of(owner: Owner, run: Run) -> str | None:
    """The access token that a run's sign-in yielded, while it lasts."""
    content = vault.unseal(owner, reference=run.code, purpose=ACCESS_TOKEN)
    return str(content["token"]) if content else None
