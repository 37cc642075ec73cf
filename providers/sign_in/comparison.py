"""What an ID token was compared with when it was refused: a list to show, after the decision has been taken elsewhere.

The library stops at the first check that fails and says little about it. Here the same token is read once more, without
trusting it, so that the page can put what was expected beside what was there.
"""

from collections.abc import Iterator
from typing import Any, TypedDict

import jwt
from django.conf import settings
from django.utils import timezone
from social_core.exceptions import SocialAuthBaseException

from providers.sign_in.times import moment
from providers.sign_in.transcript import Transcript
from providers.social.backends import ProviderBackend
from redaction.parsing import read_body

FORMAT = "format"  # stands alone where it fails: nothing else can be read then
_CORE = "https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation"


class Check(TypedDict):
    """One comparison. `verdict`: pass or fail."""

    check: str
    expected: str
    actual: str
    verdict: str
    doc: str


def id_token_checks(
    backend: ProviderBackend, transcript: Transcript, error: SocialAuthBaseException
) -> tuple[Check, ...]:
    """Issuer, audience, times, nonce and signature of the ID token in the last answer of the token endpoint."""
    answer = transcript.last("token")
    token = read_body(answer.response_body).get("id_token") if answer else None
    if not isinstance(token, str):
        return ()
    try:
        header = jwt.get_unverified_header(token)
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        return (check(FORMAT, "a JSON Web Token", "something else", False),)
    return (*_claim_checks(backend, claims, error), *_signature(header, error))


def _claim_checks(backend: ProviderBackend, claims: dict[str, Any], error: SocialAuthBaseException) -> Iterator[Check]:
    issuers, audience = backend.expected_issuers(), backend.expected_audience()
    yield check("iss", " or ".join(issuers), _shown(claims.get("iss")), claims.get("iss") in issuers)
    yield check("aud", audience, _shown(claims.get("aud")), audience in _list(claims.get("aud")))
    yield from _time_checks(claims)
    if error.code == "nonce_mismatch":
        yield check("nonce", "the one that was sent", "another one" if claims.get("nonce") else "none", False)


def _time_checks(claims: dict[str, Any]) -> Iterator[Check]:
    """The bounds are the clock's time with the leeway already in it."""
    now, leeway = timezone.now().timestamp(), settings.SIGN_IN_LEEWAY
    expiry = claims.get("exp")
    passed = isinstance(expiry, int | float) and expiry > now - leeway
    yield check("exp", f"later than {_time(now - leeway)}", _time(expiry), passed)
    for name in ("nbf", "iat"):
        if name in claims:
            begins = claims[name]
            passed = isinstance(begins, int | float) and begins <= now + leeway
            yield check(name, f"not later than {_time(now + leeway)}", _time(begins), passed)


def _signature(header: dict[str, Any], error: SocialAuthBaseException) -> Iterator[Check]:
    if error.code == "invalid_signature":
        yield check("signature", "by a key that the issuer publishes", f"by key {_shown(header.get('kid'))}", False)


def check(name: str, expected: str, actual: str, passed: bool, doc: str = _CORE) -> Check:
    return {"check": name, "expected": expected, "actual": actual, "verdict": "pass" if passed else "fail", "doc": doc}


def _list(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list | tuple) else [str(value)]


def _shown(value: Any) -> str:
    return "none" if value is None else ", ".join(_list(value))[:200]


def _time(value: Any) -> str:
    time = moment(value)
    return time.strftime("%Y-%m-%d %H:%M:%S UTC") if time else _shown(value)
