"""What each parameter of an authorization request is for: the page between our application and the provider."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

_OAUTH = "https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1"
_OIDC = "https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest"
_PKCE = "https://www.rfc-editor.org/rfc/rfc7636#section-4.3"
_OAUTH1 = "https://www.rfc-editor.org/rfc/rfc5849#section-2.2"
_SAML = "https://docs.oasis-open.org/security/saml/v2.0/saml-bindings-2.0-os.pdf"
_FACEBOOK = "https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow"

_MEANINGS: Mapping[str, tuple[str, str]] = {
    "client_id": ("Which application asks: the id that the provider gave it when it was registered.", _OAUTH),
    "redirect_uri": (
        "Where the answer shall go. The provider compares it with what was registered, character by character, so that "
        "nobody can have the answer sent elsewhere.",
        _OAUTH,
    ),
    "response_type": (
        "“code”: the answer brings a code that is good once and for a short while. Our server trades it for tokens, "
        "which the browser never sees.",
        _OAUTH,
    ),
    "scope": ("What the application wants to know or do. “openid” asks for an ID token.", _OAUTH),
    "state": (
        "A random value that comes back with the answer. It tells our server which sign-in is answered, and proves "
        "that this browser began it.",
        _OAUTH,
    ),
    "nonce": (
        "A random value that comes back inside the signed ID token: a token that was issued for another sign-in shows.",
        _OIDC,
    ),
    "code_challenge": (
        "A digest of a secret that our server keeps and sends with the code. Who steals the code cannot use it (PKCE).",
        _PKCE,
    ),
    "code_challenge_method": ("How the digest was made: SHA-256.", _PKCE),
    "return_scopes": ("Asks Facebook to say which permissions were granted.", _FACEBOOK),
    "oauth_token": (
        "The request token: our server fetched it from the provider a moment ago, for this one sign-in (OAuth 1.0a).",
        _OAUTH1,
    ),
    "SAMLRequest": ("The request, an XML document, compressed and encoded. It is shown decoded below.", _SAML),
    "RelayState": (
        "A random value that comes back with the answer and tells our server which sign-in is answered.",
        _SAML,
    ),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    value: str
    meaning: str
    doc: str


def parameters(url: str, fields: Mapping[str, str]) -> tuple[Parameter, ...]:
    """The parameters of an authorization request, from its URL or from the form that carries it."""
    pairs = list(fields.items()) or parse_qsl(urlsplit(url).query)
    return tuple(Parameter(name, value, *_MEANINGS.get(name, ("", ""))) for name, value in pairs)


def address(url: str) -> str:
    """Where the request goes, without the parameters."""
    return urlsplit(url)._replace(query="", fragment="").geturl()
