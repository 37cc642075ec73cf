"""What a sign-in brought that was judged bad: kept only where it surely answers this browser's own request.

An answer that may be somebody else's is nothing to go on with: with a wrong state, of another browser or for a code
that the provider did not take, nothing comes this far. An ID token must repeat the nonce of the request besides,
whatever else is wrong with it. (OpenID Connect Core 1.0, section 3.1.3.7; RFC 9700, section 4.5.)
"""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from social_core.exceptions import SocialAuthBaseException

from providers.sign_in.artifacts import REFUSED_LIFE, Artifact
from providers.sign_in.refusals import SignInError
from providers.social.base import ProviderBackend
from providers.social.pipeline import artifact_value

_JUDGED_BY_PROVIDER = (400, 401, 403)  # statuses with which a provider refuses a token that it issued


def refused_artifact(backend: ProviderBackend, error: SocialAuthBaseException, failure: SignInError) -> Artifact | None:
    """What to keep of a sign-in that failed; None where it was no token of its own that was judged bad."""
    provider, transaction = backend.sign_in_strategy.provider, backend.sign_in_strategy.transaction
    try:
        value = artifact_value(provider.artifact_kind, backend.token_response)
    except KeyError:
        return None
    is_own = answers_request(value, _nonce(transaction.values)) if provider.artifact_kind == "id_token" else True
    if not is_own or not _was_judged(backend, error):
        return None
    return Artifact(
        provider=provider.key,
        kind=provider.artifact_kind,
        provider_name=provider.provider_name(backend.registration),
        value=value,
        expires_at=timezone.now() + REFUSED_LIFE,
        refused=str(failure),
    )


def _was_judged(backend: ProviderBackend, error: SocialAuthBaseException) -> bool:
    """By our own check of an ID token, or by the provider that was asked whose token it is."""
    if error.stage == "token_validation":
        return error.code != "nonce_mismatch"
    calls = backend.sign_in_strategy.transaction.transcript.calls
    return error.stage == "user_info" and bool(calls) and calls[-1].status in _JUDGED_BY_PROVIDER


def _nonce(values: dict[str, Any]) -> str:
    """The one in the authorization request as it was sent."""
    query = parse_qs(urlsplit(str(values["request"]["url"])).query)
    return query.get("nonce", [""])[0]


def answers_request(token: str, nonce: str) -> bool:
    """Whether an ID token has the request's nonce. One that came in place of it, an access token, has none to have."""
    try:
        header = jwt.get_unverified_header(token)
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        return True
    if "nonce" not in claims and (claims.get("token_use") == "access" or header.get("typ") == "at+jwt"):
        return True
    return bool(nonce) and constant_time_compare(str(claims.get("nonce", "")), nonce)
