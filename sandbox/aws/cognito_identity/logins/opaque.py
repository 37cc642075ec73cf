"""Logins proved by asking the provider: Facebook's and Amazon's access tokens, X's token and secret.

The requests are those that the providers document for whoever holds a token and no secret of the application.
"""

import base64
import hmac
import secrets
import time
from collections.abc import Awaitable, Callable
from functools import partial
from urllib.parse import quote, urlencode

from sandbox.aws.cognito_identity.logins.fetch import Fetched, FetchFailed, fetch, local_url
from sandbox.aws.cognito_identity.logins.verified import Kind, VerifiedLogin
from sandbox.aws.cognito_identity.records.pools import Pool
from sandbox.aws.cognito_identity.records.refusals import invalid_login, logins_do_not_match, unsupported_provider
from sandbox.core.call import Call
from sandbox.core.errors import AwsError

FACEBOOK = "graph.facebook.com"
AMAZON = "www.amazon.com"
X = "api.twitter.com"
DIGITS = "www.digits.com"
OPAQUE_PROVIDERS = (FACEBOOK, AMAZON, X, DIGITS)
_Ask = Callable[..., Awaitable[Fetched]]  # `fetch` in the world of one account
_DOC = "https://docs.aws.amazon.com/cognito/latest/developerguide/external-identity-providers.html"


class ProviderRefused(Exception):
    """The provider itself says that the token is worth nothing.

    Attributes:
        expired: it was worth something once.
        status: the provider's HTTP status line, for the error of STS.
    """

    def __init__(self, status: int, *, expired: bool = False) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.expired = expired


async def verify_opaque(call: Call, pool: Pool, key: str, value: str) -> VerifiedLogin:
    """Ask the provider whose token this is, and compare its application with the one registered on the pool.

    Raises:
        AwsError: NotAuthorizedException; ExternalServiceException when the provider does not answer.
    """
    registered = pool.login_providers.get(key)
    if registered is None:
        call.decisions.denied("login.provider", "provider", " or ".join(pool.login_providers) or "(none)", key, _DOC)
        raise unsupported_provider() if pool.has_providers else logins_do_not_match()
    try:
        application, user = await introspect(call, pool.account, key, value, registered)
    except FetchFailed as problem:
        call.decisions.denied("login.introspection", "introspection", f"an answer of {key}", problem.reason, _DOC)
        raise AwsError("ExternalServiceException", f"{key} is not responding.") from None
    except ProviderRefused as refused:
        call.decisions.denied(
            "login.introspection", "introspection", f"{key} accepts the token", f"HTTP {refused.status}", _DOC
        )
        raise invalid_login("Token is expired." if refused.expired else "Token is not valid.") from None
    public_id = registered.partition(";")[0]
    if application != public_id:
        call.decisions.denied("login.audience", "application", public_id, application, _DOC)
        raise unsupported_provider()
    call.decisions.passed("login.introspection", "introspection", f"{key} accepts the token", f"user {user}", _DOC)
    call.decisions.passed("login.audience", "application", public_id, application, _DOC)
    kinds: dict[str, Kind] = {FACEBOOK: "facebook", AMAZON: "amazon"}
    return VerifiedLogin(
        kind=kinds.get(key, "x"),
        provider=key,
        user_key=user,
        amr=f"{key}:{public_id}:{user}",
        mapping_key=key,
        tag_provider=key,
        # Role rules see these three only (Developer Guide, "Role-based access control").
        claims={"iss": key, "aud": public_id, "sub": user},
        default_tags={"client": public_id, "username": user},
    )


async def introspect(call: Call, account: str, key: str, value: str, registered: str) -> tuple[str, str]:
    """(application id, user id) as the provider tells them.

    Args:
        account: whose stand-in is asked.

    Raises:
        FetchFailed: the provider does not answer.
        ProviderRefused
    """
    ask = partial(fetch, call.instance, account)
    if key == FACEBOOK:
        return await _facebook(ask, value)
    if key == AMAZON:
        return await _amazon(ask, value)
    return await _x(ask, partial(local_url, call.instance, account), value, registered)


async def _facebook(ask: _Ask, token: str) -> tuple[str, str]:
    """`/app` and `/me` of the token: https://developers.facebook.com/docs/facebook-login/guides/access-tokens."""
    headers = {"Authorization": f"Bearer {_header_safe(token)}"}
    application = _facebook_id(await ask(f"https://{FACEBOOK}/app?fields=id", headers))
    user = _facebook_id(await ask(f"https://{FACEBOOK}/me?fields=id", headers))
    return application, user


def _facebook_id(answer: Fetched) -> str:
    document = answer.json()
    if answer.status != 200 or not isinstance(document, dict):
        error = document.get("error") if isinstance(document, dict) else None
        message = str(error.get("message", "")) if isinstance(error, dict) else ""
        subcode = error.get("error_subcode") if isinstance(error, dict) else None
        raise ProviderRefused(answer.status, expired=subcode == 463 or "expired" in message)
    return _text(document, "id", answer)


async def _amazon(ask: _Ask, token: str) -> tuple[str, str]:
    """https://developer.amazon.com/docs/login-with-amazon/verify-access-token.html."""
    url = f"https://api.amazon.com/auth/o2/tokeninfo?{urlencode({'access_token': token})}"
    answer = await ask(url)
    document = answer.json()
    if answer.status != 200 or not isinstance(document, dict):
        raise ProviderRefused(answer.status)
    expires = document.get("exp")
    if isinstance(expires, int | float) and expires <= 0:
        raise ProviderRefused(answer.status, expired=True)
    return _text(document, "aud", answer), _text(document, "user_id", answer)


async def _x(ask: _Ask, found_at: Callable[[str], str], value: str, registered: str) -> tuple[str, str]:
    """OAuth 1.0a (RFC 5849): a signed look at the user's own account proves token, secret and application at once."""
    token, _, token_secret = value.partition(";")
    consumer, _, consumer_secret = registered.partition(";")
    if not token or not token_secret:
        raise ProviderRefused(401)
    url = f"https://{X}/1.1/account/verify_credentials.json"
    signed = _oauth1(found_at(url), consumer, consumer_secret, token, token_secret)
    answer = await ask(url, {"Authorization": signed})
    document = answer.json()
    if answer.status != 200 or not isinstance(document, dict):
        raise ProviderRefused(answer.status)
    return consumer, _text(document, "id_str", answer)


def _oauth1(url: str, consumer: str, consumer_secret: str, token: str, token_secret: str) -> str:
    """The Authorization header of a GET without parameters, signed by HMAC-SHA1 (RFC 5849, section 3.4)."""
    params = {
        "oauth_consumer_key": consumer,
        "oauth_nonce": secrets.token_hex(16),
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": str(int(time.time())),
        "oauth_token": token,
        "oauth_version": "1.0",
    }
    normal = "&".join(f"{_quoted(name)}={_quoted(text)}" for name, text in sorted(params.items()))
    base = f"GET&{_quoted(url)}&{_quoted(normal)}"
    key = f"{_quoted(consumer_secret)}&{_quoted(token_secret)}"
    params["oauth_signature"] = base64.b64encode(hmac.digest(key.encode(), base.encode(), "sha1")).decode()
    return "OAuth " + ", ".join(f'{name}="{_quoted(text)}"' for name, text in params.items())


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")


def _text(document: dict[str, object], name: str, answer: Fetched) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not value:
        raise ProviderRefused(answer.status)
    return value


def _header_safe(token: str) -> str:
    """A token that cannot stand in a header is none of the provider's."""
    if not token.isascii() or not token.isprintable():
        raise ProviderRefused(400)
    return token
