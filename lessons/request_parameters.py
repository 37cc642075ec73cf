"""What each parameter of an authorization request is for, by name."""

from dataclasses import dataclass

_OAUTH = "https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1"
_OIDC = "https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest"
_PKCE = "https://www.rfc-editor.org/rfc/rfc7636#section-4.3"
_OAUTH1 = "https://www.rfc-editor.org/rfc/rfc5849#section-2.2"
_SAML = "https://docs.oasis-open.org/security/saml/v2.0/saml-bindings-2.0-os.pdf"
_FACEBOOK = "https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow"


@dataclass(frozen=True, slots=True)
class RequestParameter:
    """Its meaning in a sentence or two, and the page that defines it."""

    meaning: str
    doc: str


NOT_KNOWN = RequestParameter("", "")
REQUEST_PARAMETERS: dict[str, RequestParameter] = {
    "client_id": RequestParameter(
        "Which application asks: the ID that the provider gave it when it was registered.", _OAUTH
    ),
    "redirect_uri": RequestParameter(
        "Where the answer goes. The provider compares it with what was registered, character by character, so that "
        "nobody can have the answer sent elsewhere.",
        _OAUTH,
    ),
    "response_type": RequestParameter(
        "“code”: the answer brings a code that works once and for a short time. Our server trades it for tokens, "
        "which the browser never sees.",
        _OAUTH,
    ),
    "scope": RequestParameter("What the application wants to know or do. “openid” asks for an ID token.", _OAUTH),
    "state": RequestParameter(
        "A random value that comes back with the answer. It tells our server which sign-in the answer belongs to, and "
        "proves that this browser started it.",
        _OAUTH,
    ),
    "nonce": RequestParameter(
        "A random value that comes back inside the signed ID token, so a token that was issued for another sign-in is "
        "noticed.",
        _OIDC,
    ),
    "code_challenge": RequestParameter(
        "A digest of a secret that our server keeps and sends with the code. Whoever steals the code cannot use it "
        "(PKCE).",
        _PKCE,
    ),
    "code_challenge_method": RequestParameter("How the digest was made: SHA-256.", _PKCE),
    "return_scopes": RequestParameter("Asks Facebook to say which permissions were granted.", _FACEBOOK),
    "oauth_token": RequestParameter(
        "The request token: our server got it from the provider a moment ago, for this one sign-in (OAuth 1.0a).",
        _OAUTH1,
    ),
    "SAMLRequest": RequestParameter(
        "The request, an XML document, compressed and encoded. It is shown decoded below.", _SAML
    ),
    "RelayState": RequestParameter(
        "A random value that comes back with the answer and tells our server which sign-in the answer belongs to.",
        _SAML,
    ),
}
