"""What an ID token was compared with when it was refused: a list to show, after the decision has been taken elsewhere.

The library stops at the first check that fails and says little about it. Here the same token is read once more, without
trusting it, so that the page can put what was expected beside what was there.
"""

from collections.abc import Iterator
from typing import Any

import jwt
from django.conf import settings
from django.utils import timezone
from social_core.exceptions import SocialAuthBaseException

from providers.sign_in.comparison import Comparison, comparison
from providers.sign_in.times import moment
from providers.sign_in.transcript import Transcript
from providers.social.base import ProviderBackend
from redaction.parsing import read_body

FORMAT = "format"  # the only comparison where it fails: nothing else can be read then
_CORE = "https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation"


def id_token_comparisons(
    backend: ProviderBackend, transcript: Transcript, error: SocialAuthBaseException
) -> tuple[Comparison, ...]:
    """Issuer, audience, times, nonce and signature of the ID token in the last answer of the token endpoint."""
    answer = transcript.last("token")
    token = read_body(answer.response_body).get("id_token") if answer else None
    if not isinstance(token, str):
        return ()
    try:
        header = jwt.get_unverified_header(token)
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        return (_compared(FORMAT, "a JSON Web Token", "something else", False),)
    return (*_compared_claims(backend, claims, error), *_compared_signature(header, error))


def _compared_claims(
    backend: ProviderBackend, claims: dict[str, Any], error: SocialAuthBaseException
) -> Iterator[Comparison]:
    issuers, audience = backend.expected_issuers(), backend.expected_audience()
    yield _compared("iss", " or ".join(issuers), _shown(claims.get("iss")), claims.get("iss") in issuers)
    yield _compared("aud", audience, _shown(claims.get("aud")), audience in _list(claims.get("aud")))
    yield from _compared_times(claims)
    if error.code == "nonce_mismatch":
        yield _compared("nonce", "the one that was sent", "another one" if claims.get("nonce") else "none", False)


def _compared_times(claims: dict[str, Any]) -> Iterator[Comparison]:
    """The bounds are the clock's time with the leeway already in it."""
    now, leeway = timezone.now().timestamp(), settings.SIGN_IN_LEEWAY
    expiry = claims.get("exp")
    passed = isinstance(expiry, int | float) and expiry > now - leeway
    yield _compared("exp", f"later than {_time(now - leeway)}", _time(expiry), passed)
    for name in ("nbf", "iat"):
        if name in claims:
            begins = claims[name]
            passed = isinstance(begins, int | float) and begins <= now + leeway
            yield _compared(name, f"not later than {_time(now + leeway)}", _time(begins), passed)


def _compared_signature(header: dict[str, Any], error: SocialAuthBaseException) -> Iterator[Comparison]:
    if error.code == "invalid_signature":
        yield _compared("signature", "by a key that the issuer publishes", f"by key {_shown(header.get('kid'))}", False)


def _compared(name: str, expected: str, actual: str, passed: bool) -> Comparison:
    return comparison(name, expected, actual, passed, _CORE)


def _list(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list | tuple) else [str(value)]


def _shown(value: Any) -> str:
    return "none" if value is None else ", ".join(_list(value))[:200]


def _time(value: Any) -> str:
    time = moment(value)
    return time.strftime("%Y-%m-%d %H:%M:%S UTC") if time else _shown(value)
