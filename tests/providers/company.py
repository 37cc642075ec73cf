"""A company's OpenID Connect provider at the far end of the wire, and people who come with its answers."""

import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt

from accounts.models import User
from providers.sign_in.models import SignIn
from tests.providers.browser import Browser
from tests.providers.wire import ACCESS_TOKEN, DISCOVERY, DISCOVERY_PLACE, OIDC_ISSUER, ProviderWire

BEGIN = "/accounts/company/"
COMPLETE = "/accounts/company/complete/"
CODE = "code-planted-in-the-answer"
SECRET = "planted-company-client-secret"
CLIENT = "the-site"


def set_up(settings: Any, **more: Any) -> None:
    """As a `.env` would have it."""
    settings.COMPANY_NAME = "Example Corp"
    settings.COMPANY_ISSUER, settings.COMPANY_CLIENT_ID, settings.COMPANY_CLIENT_SECRET = OIDC_ISSUER, CLIENT, SECRET
    for name, value in more.items():
        setattr(settings, name, value)


class Company:
    """What the company says of whoever comes next: `sub`, and claims."""

    def __init__(self, wire: ProviderWire) -> None:
        self.wire, self.issuer, self.algorithm = wire, OIDC_ISSUER, "RS256"
        self.claims: dict[str, Any] = {}
        self.nonce = ""
        wire.answers[DISCOVERY_PLACE] = lambda _: (200, DISCOVERY)
        wire.answers["GET id.example.com/keys"] = lambda _: (200, wire.jwks())
        wire.answers["POST id.example.com/token"] = lambda _: (200, self.answer())

    def answer(self) -> dict[str, Any]:
        """OpenID Connect Core 1.0, section 3.1.3.3."""
        token = self.wire.id_token(self.issuer, CLIENT, **{"nonce": self.nonce, **self.claims})
        if self.algorithm == "none":
            claims = jwt.decode(token, options={"verify_signature": False})
            token = jwt.encode(claims, "", algorithm="none", headers={"kid": "key-of-the-provider"})
        return {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 3600, "id_token": token}

    def begin(self, browser: Browser, path: str = BEGIN, **query: str) -> dict[str, str]:
        """As far as the company; the parameters of the request."""
        response = browser.get(path, **query)
        assert response.status_code == 302, response.content.decode()
        parts = urlsplit(response["Location"])
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == DISCOVERY["authorization_endpoint"]
        return dict(parse_qsl(parts.query))

    def finish(self, browser: Browser, asked: dict[str, str], **answer: str) -> Any:
        """Come back with a code."""
        self.nonce = self.nonce or asked["nonce"]
        response = browser.get(COMPLETE, **{"state": asked["state"], "code": CODE, **answer})
        self.nonce = ""
        return response

    def sign_in(self, browser: Browser, sub: str = "ana-1", **claims: Any) -> Any:
        """From the link to our answer."""
        self.claims = {"sub": sub, **claims}
        return self.finish(browser, self.begin(browser))


def account_of(browser: Browser) -> User | None:
    """Whose session the browser has."""
    user = browser.client.get("/").wsgi_request.user
    return User.objects.get(pk=user.pk) if user.is_authenticated else None


def last() -> SignIn:
    """The newest row of the history."""
    return SignIn.objects.latest("pk")


def shown(browser: Browser, response: Any) -> str:
    """The page to which an answer leads."""
    assert response.status_code == 302
    page = browser.get(response["Location"])
    assert page.status_code == 200
    return str(page.content.decode())


def an_hour_off(hours: float) -> dict[str, int]:
    """Times of a token from a clock that is wrong by so much."""
    now = int(time.time() + 3600 * hours)
    return {"iat": now, "exp": now + 300}
