"""Which places hold a secret, by name."""

from collections.abc import Set

# Compared without case, hyphens and underscores, so that one entry covers a JSON member, a form field and a header.
_KINDS = {
    "logins": "login token",
    "token": "OpenID token",
    "openidtoken": "OpenID token",
    "webidentitytoken": "web identity token",
    "sessiontoken": "session token",
    "xamzsecuritytoken": "session token",
    "secretkey": "secret key",
    "secretaccesskey": "secret key",
    "samlassertion": "SAML response",
    "samlresponse": "SAML response",
    "assertion": "assertion",
    "clientassertion": "assertion",
    "accesstoken": "access token",
    "idtoken": "ID token",
    "refreshtoken": "refresh token",
    "oauthtoken": "OAuth token",
    "oauthtokensecret": "OAuth token secret",
    "oauthverifier": "OAuth verifier",
    "codeverifier": "code verifier",
    "clientsecret": "client secret",
    "apikey": "API key",
    "xapikey": "API key",
    "password": "password",
    "authorization": "authorization",
    "proxyauthorization": "authorization",
    "cookie": "cookie",
    "setcookie": "cookie",
    "xamzsignature": "signature",
}


def kind_of(path: tuple[str, ...], sensitive: Set[str]) -> str:
    """What kind of secret stands at this place, or an empty string.

    Args:
        path: names of the members on the way, the innermost last. A marked map makes all of its values secret.
        sensitive: names that the operation's model marks.
    """
    for name in reversed(path):
        if kind := _KINDS.get(plain(name)):
            return kind
        if name in sensitive:
            return "sensitive value"
    return ""


def plain(name: str) -> str:
    """`X-Amz-Security-Token`, `x_amz_security_token`: one name."""
    return name.replace("-", "").replace("_", "").lower()
