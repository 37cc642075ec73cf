"""The last step of social-auth's pipeline: what the sign-in yielded goes into the vault, the person back to the run.

No account is looked up, made, linked or entered: the provider's identity belongs only to the run.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, cast

import jwt
from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone
from social_core.exceptions import AuthResponseError

from providers.sign_in.artifacts import Artifact
from providers.sign_in.provider import ArtifactKind
from providers.sign_in.sign_ins import sign_in_succeed
from providers.sign_in.times import moment, usable_until
from providers.social.base import ProviderBackend
from redaction.encodings import storable
from redaction.names import kind_in_sign_in
from vault import services as vault

# Members of a profile or an ID token that say nothing about the person, besides those that hold a secret.
_NOT_CLAIMS = {"nonce", "expires_in", "token_type", "scope", "_apple_user_name"}


def _oauth1_value(answer: Mapping[str, Any]) -> str:
    """The identity pool takes the token and its secret as one text."""
    return f"{answer['oauth_token']};{answer['oauth_token_secret']}"


_VALUES: Mapping[ArtifactKind, Callable[[Mapping[str, Any]], str]] = {
    "id_token": lambda answer: str(answer["id_token"]),
    "access_token": lambda answer: str(answer["access_token"]),
    "oauth1_token": _oauth1_value,
}


def artifact_value(kind: ArtifactKind, answer: Mapping[str, Any]) -> str:
    """What goes into the logins map, from the token endpoint's answer. Raises KeyError where it is not there."""
    return _VALUES[kind](answer)


def _is_claim(name: str) -> bool:
    return name not in _NOT_CLAIMS and not kind_in_sign_in(name)


def record_artifact(
    backend: ProviderBackend, uid: str, response: Mapping[str, Any], *args: Any, **kwargs: Any
) -> HttpResponse:
    """End of the pipeline: a response ends it.

    Raises:
        AuthResponseError: the token endpoint's answer holds no artifact of the kind that the provider yields.
    """
    transaction, provider = backend.sign_in_strategy.transaction, backend.sign_in_strategy.provider
    try:
        value = artifact_value(provider.artifact_kind, backend.token_response)
    except KeyError as missing:
        raise AuthResponseError(
            backend, code="missing_claim", claim=str(missing.args[0]), stage="token_exchange"
        ) from missing
    name = provider.provider_name(backend.registration)
    verified = cast(dict[str, Any] | None, getattr(backend, "id_token", None))
    claims = {name: content for name, content in (verified or response).items() if _is_claim(name)}
    artifact = Artifact(
        provider=provider.key,
        kind=provider.artifact_kind,
        provider_name=name,
        value=value,
        expires_at=_expiry(backend.token_response, verified),
        subject=storable(str(uid)),
        issuer=storable(str((verified or {}).get("iss") or f"https://{name}")),
        claims=claims,
        verified_by=_verified_by(value) if verified else "the provider, which was asked whose token it is",
    )
    sign_in_succeed(transaction, artifact)
    return HttpResponseRedirect(transaction.sign_in.return_path)


def _expiry(answer: Mapping[str, Any], verified: Mapping[str, Any] | None) -> datetime:
    """When the artifact expires by its own word; a token of X never does, and the vault then keeps it for an hour."""
    longest = timezone.now() + vault.LONGEST
    if verified:
        end = moment(verified["exp"])
        return usable_until(end) if end else longest
    lifetime = str(answer.get("expires_in", ""))
    is_short = lifetime.isascii() and lifetime.isdigit() and len(lifetime) < 9
    return timezone.now() + timedelta(seconds=int(lifetime)) if is_short else longest


def _verified_by(token: str) -> str:
    header = jwt.get_unverified_header(token)
    return f"the issuer’s published key {header.get('kid', '(without a name)')}, {header.get('alg')}"
