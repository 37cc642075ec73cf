"""A user pool with a domain, made through the API, and what browsers and clients do at its managed login."""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit
from uuid import uuid4

import jwt
import requests

from sandbox.testing import RunningSandbox
from tests.sandbox.idp.driver import Browser, hidden_fields

CALLBACK, LOGOUT = "http://localhost:3000/", "http://localhost:3000/bye"
PASSWORD = "Right-Horse-7!"
ACCOUNT = "111122223333"


@dataclass
class LoginClient:
    """An app client as the API made it, and one sign-in of its: state, nonce, PKCE."""

    pool: "LoginPool"
    client_id: str
    secret: str
    callback: str
    scope: str = "openid email profile"
    state: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    def url(self, page: str = "oauth2/authorize", /, **changes: str | None) -> str:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        params: dict[str, str | None] = {
            "client_id": self.client_id,
            "redirect_uri": self.callback,
            "response_type": "code",
            "scope": self.scope,
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **changes,
        }
        return self.pool.at(page, **{name: value for name, value in params.items() if value is not None})

    def asked(self, **changes: str | None) -> requests.Response:
        """The answer of the authorize endpoint to a browser without a session."""
        return requests.get(self.url(**changes), allow_redirects=False)

    def code(self, username: str = "mara", /, **changes: str | None) -> str:
        return answer_of(sign_in(Browser(), self, username, **changes))["code"]

    def post(self, endpoint: str, **data: str | None) -> requests.Response:
        sent = {name: value for name, value in data.items() if value is not None}
        return requests.post(self.pool.at(endpoint), data=sent)

    def exchange(self, code: str, /, **changes: str | None) -> requests.Response:
        data: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.callback,
            "client_id": self.client_id,
            "client_secret": self.secret or None,
            "code_verifier": self.verifier,
            **changes,
        }
        return self.post("oauth2/token", **data)

    def refreshed(self, refresh_token: str, /, **changes: str | None) -> requests.Response:
        data: dict[str, str | None] = {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
            "client_id": self.client_id,
            "client_secret": self.secret or None,
            **changes,
        }
        return self.post("oauth2/token", **data)

    def tokens(self, username: str = "mara") -> dict[str, Any]:
        answer = self.exchange(self.code(username))
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    def verified(self, id_token: str) -> dict[str, Any]:
        """The claims of an ID token of this client. Raises PyJWTError."""
        published = requests.get(f"{self.pool.sandbox.url}/{self.pool.pool_id}/.well-known/jwks.json").json()["keys"]
        kid = jwt.get_unverified_header(id_token)["kid"]
        key = next(jwt.PyJWK(each) for each in published if each["kid"] == kid)
        claims: dict[str, Any] = jwt.decode(
            id_token, key, algorithms=["RS256"], audience=self.client_id, issuer=self.pool.issuer
        )
        return claims


@dataclass
class LoginPool:
    """A user pool, and the administrator of its account."""

    sandbox: RunningSandbox
    account: str
    pool_id: str
    domain: str
    web: LoginClient = field(init=False)  # a public client of the code flow

    def __post_init__(self) -> None:
        self.web = self.add_client()

    @property
    def api(self) -> Any:
        return self.sandbox.client("cognito-idp", access_key=self.account, secret_key="test")

    @property
    def host(self) -> str:
        return f"{self.domain}.auth.us-east-1.amazoncognito.com"

    @property
    def issuer(self) -> str:
        return f"https://cognito-idp.us-east-1.amazonaws.com/{self.pool_id}"

    def at(self, page: str, **params: str) -> str:
        return f"{self.sandbox.url}/idp/{self.host}/{page}{'?' if params else ''}{urlencode(params)}"

    def add_client(self, **changes: Any) -> LoginClient:
        members = {
            "ClientName": "Web shop",
            "CallbackURLs": [CALLBACK],
            "LogoutURLs": [LOGOUT],
            "AllowedOAuthFlows": ["code"],
            "AllowedOAuthScopes": ["openid", "email", "profile", "aws.cognito.signin.user.admin"],
            "AllowedOAuthFlowsUserPoolClient": True,
            "SupportedIdentityProviders": ["COGNITO"],
            "PreventUserExistenceErrors": "ENABLED",
            **changes,
        }
        made = self.api.create_user_pool_client(UserPoolId=self.pool_id, **members)["UserPoolClient"]
        return LoginClient(self, made["ClientId"], made.get("ClientSecret", ""), members["CallbackURLs"][0])

    def add_user(self, username: str, *, password: str = PASSWORD, permanent: bool = True, **attributes: str) -> None:
        listed = [{"Name": name, "Value": value} for name, value in attributes.items()]
        if "email" in attributes:
            listed.append({"Name": "email_verified", "Value": "true"})
        self.api.admin_create_user(
            UserPoolId=self.pool_id, Username=username, UserAttributes=listed, MessageAction="SUPPRESS"
        )
        self.api.admin_set_user_password(
            UserPoolId=self.pool_id, Username=username, Password=password, Permanent=permanent
        )

    def last_code(self) -> str:
        """The code in the latest message of the account."""
        sent = self.sandbox.switch("mailbox", method="GET", account=self.account, secret_key="test")["messages"]
        found = re.search(r"[0-9]{6}", sent[0]["body"])
        assert found is not None
        return found[0]


def make_pool(sandbox: RunningSandbox, *, account: str = ACCOUNT, **members: Any) -> LoginPool:
    """A pool with a domain and a public client."""
    api = sandbox.client("cognito-idp", access_key=account, secret_key="test")
    defaults = {"PoolName": "Shop", "AutoVerifiedAttributes": ["email"]}
    pool_id = api.create_user_pool(**{**defaults, **members})["UserPool"]["Id"]
    domain = f"shop-{uuid4().hex[:12]}"
    api.create_user_pool_domain(Domain=domain, UserPoolId=pool_id)
    return LoginPool(sandbox, account, pool_id, domain)


def sign_in(
    browser: Browser, client: LoginClient, username: str = "mara", password: str = PASSWORD, /, **changes: str | None
) -> requests.Response:
    """From the authorization request to the answer of the sign-in page."""
    browser.open(client.url(**changes))
    return browser.answer(username=username, password=password)


def answer_of(response: requests.Response) -> dict[str, str]:
    """What a redirect to the application carries, behind `?` or behind `#`."""
    assert response.status_code == 302, response.text
    target = urlsplit(response.headers["Location"])
    return {name: values[0] for name, values in parse_qs(target.query or target.fragment).items()}


def problem(response: requests.Response) -> str:
    """What a page says is wrong; empty for nothing."""
    found = re.search(r'role="alert"[^>]*><span[^>]*>✕</span>(.*?)</p>', response.text, re.DOTALL)
    return " ".join(unescape(found[1]).split()) if found else ""


def follow(browser: Browser, link: str) -> requests.Response:
    """Go where a link of the page leads whose address begins so."""
    assert browser.page is not None
    found = re.search(rf'href="({re.escape(link)}\?[^"]*)"', browser.page.text)
    assert found is not None, browser.page.text
    return browser.open(urljoin(browser.page.url, unescape(found[1])))


def submit(browser: Browser, **fields: str) -> requests.Response:
    """Answer the page's form where its action leads, with its hidden fields."""
    assert browser.page is not None
    found = re.search(r'<form method="post" action="([^"]*)"', browser.page.text)
    assert found is not None, browser.page.text
    address = urljoin(browser.page.url, unescape(found[1]))
    data = {**dict(hidden_fields(browser.page.text)), **fields}
    browser.page = browser.session.post(address, data=data, allow_redirects=False)
    return browser.page


def led_on(browser: Browser, answer: requests.Response) -> requests.Response:
    """The page to which an answer redirects, on the same site."""
    assert browser.page is not None
    return browser.open(urljoin(browser.page.url, answer.headers["Location"]))
