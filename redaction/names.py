"""Which places hold a secret, by name: the one list, for calls to AWS, for sign-ins and for the pages."""

from collections.abc import Mapping, Set
from functools import lru_cache

_SHORT = 64  # characters of a name that is looked up often, such as one that an operation or a header has


def plain(name: str) -> str:
    """`X-Amz-Security-Token`, `x_amz_security_token`: one name."""
    return name.replace("-", "").replace("_", "").lower()


def _by_plain_name(kinds: Mapping[str, str]) -> dict[str, str]:
    return {plain(name): kind for name, kind in kinds.items()}


# One entry covers a JSON member, a form field and a header: names are compared without case, hyphens and underscores.
_SECRET = _by_plain_name(
    {
        "Logins": "login token",
        "Token": "OpenID token",
        "OpenIdToken": "OpenID token",
        "WebIdentityToken": "web identity token",
        "SessionToken": "session token",
        "X-Amz-Security-Token": "session token",
        "SecretKey": "secret key",
        "SecretAccessKey": "secret key",
        "SAMLAssertion": "SAML response",
        "SAMLResponse": "SAML response",
        "assertion": "assertion",
        "client_assertion": "assertion",
        "access_token": "access token",
        "id_token": "ID token",
        "refresh_token": "refresh token",
        "oauth_token": "OAuth token",
        "oauth_token_secret": "OAuth token secret",
        "oauth_verifier": "OAuth verifier",
        "code_verifier": "code verifier",
        "client_secret": "client secret",
        "appsecret_proof": "app secret proof",
        "api_key": "API key",
        "X-Api-Key": "API key",
        "password": "password",
        "Authorization": "authorization",
        "Proxy-Authorization": "authorization",
        "Cookie": "cookie",
        "Set-Cookie": "cookie",
        "X-Amz-Signature": "signature",
    }
)
# Everyday words outside of a sign-in: an error of AWS has a Code, too. The ID of a SAML request is not here: the
# response repeats it under a signature, and without the RelayState it leads to no sign-in.
_SECRET_IN_SIGN_INS = {"code": "authorization code", "denied": "OAuth token"}
# What binds an answer to its request is told by addresses only: a profile can have a "state" too, which is a place.
_SECRET_IN_ADDRESSES = {"state": "state", "nonce": "nonce", "RelayState": "RelayState"}
_IN_ADDRESSES = _by_plain_name(_SECRET_IN_ADDRESSES)
# The public provider (X) whose value in SupportedLoginProviders ends with a secret: `KEY;SECRET`.
TOLD_BOTH_KEYS = "api.twitter.com"
_CONSUMER = ("SupportedLoginProviders", TOLD_BOTH_KEYS)
SENSITIVE_IN_SIGN_INS = frozenset((*_SECRET_IN_SIGN_INS, *_SECRET_IN_ADDRESSES))


def kind_of(path: tuple[str, ...], sensitive: Set[str] = frozenset()) -> str:
    """What kind of secret stands at this place, or an empty string.

    Args:
        path: names of the members on the way, the innermost last. A marked map makes all of its values secret.
        sensitive: names that the operation's model marks.
    """
    if path[-2:] == _CONSUMER:
        return "client secret"
    for name in reversed(path):
        if kind := _kind_of_short(name) if len(name) <= _SHORT else _SECRET.get(plain(name)):
            return kind
        if name in sensitive:
            return "sensitive value"
    return ""


@lru_cache(maxsize=2048)
def _kind_of_short(name: str) -> str:
    return _SECRET.get(plain(name), "")


def kind_in_sign_in(name: str, *, in_address: bool = False) -> str:
    """What kind of secret a parameter, a member or a header of this name holds between a provider and us, or "".

    Args:
        in_address: it stands in the query of a URL, or it is the name of a header.
    """
    kind = _SECRET.get(plain(name)) or _SECRET_IN_SIGN_INS.get(plain(name)) or ""
    return _IN_ADDRESSES.get(plain(name), kind) if in_address else kind
