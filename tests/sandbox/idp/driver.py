"""What a browser and an application do at the stand-ins, over real HTTP."""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import requests

from sandbox.core.facts import Lab
from sandbox.idp.sign_in.people import PEOPLE
from sandbox.idp.sign_in.stand_in import RegisteredClient
from sandbox.idp.stand_ins import STAND_INS, apple, oidc

HOME = "000000000000"


@dataclass
class StandIns:
    """Addresses of a running set of stand-ins."""

    public_url: str
    app_url: str
    region: str = "us-east-1"
    account: str = ""  # the home account

    def at(self, path: str) -> str:
        return f"{self.lab.stand_ins_url}/{path}"

    def client(self, slug: str) -> RegisteredClient:
        return STAND_INS[slug].client(self.lab)

    @property
    def lab(self) -> Lab:
        account = self.account or HOME
        return Lab(self.region, account, self.public_url, self.app_url, HOME)

    @property
    def domain(self) -> str:
        return STAND_INS["userpool"].hosts(self.lab)[1]


@dataclass(frozen=True)
class Issuer:
    """Where one OpenID provider keeps its endpoints, and who it says it is."""

    slug: str
    authorize: str
    token: str
    jwks: str
    issuer: str
    userinfo: str = ""
    scope: str = "openid email profile"


def issuers(stand_ins: StandIns) -> dict[str, Issuer]:
    pool = STAND_INS["userpool"].logins_key(stand_ins.lab)
    domain = stand_ins.domain
    return {
        "google": Issuer(
            "google",
            "accounts.google.com/o/oauth2/v2/auth",
            "oauth2.googleapis.com/token",
            "www.googleapis.com/oauth2/v3/certs",
            "https://accounts.google.com",
            "openidconnect.googleapis.com/v1/userinfo",
        ),
        "apple": Issuer(
            "apple",
            "appleid.apple.com/auth/authorize",
            "appleid.apple.com/auth/token",
            "appleid.apple.com/auth/keys",
            "https://appleid.apple.com",
            scope="",
        ),
        "userpool": Issuer(
            "userpool",
            f"{domain}/oauth2/authorize",
            f"{domain}/oauth2/token",
            f"{pool}/.well-known/jwks.json",
            f"https://{pool}",
            f"{domain}/oauth2/userInfo",
        ),
        "oidc": Issuer(
            "oidc",
            "oidc/authorize",
            "oidc/token",
            "oidc/jwks",
            oidc.issuer(stand_ins.lab),
            "oidc/userinfo",
        ),
    }


@dataclass
class Browser:
    """A person's browser: cookies, and forms that are answered as they were shown."""

    session: requests.Session = field(default_factory=requests.Session)
    page: requests.Response | None = None

    def open(self, url: str) -> requests.Response:
        self.page = self.session.get(url)
        return self.page

    def answer(self, **fields: str) -> requests.Response:
        """Submit the page's form with its hidden fields and `fields`; redirects are not followed."""
        assert self.page is not None
        hidden = dict(hidden_fields(self.page.text))
        self.page = self.session.post(self.page.url, data={**hidden, **fields}, allow_redirects=False)
        return self.page

    def sign_in(self, url: str, person: str = "ana", *, step: str = "allow", **fields: str) -> requests.Response:
        """From the authorization request to the answer; the user pool is given name and password."""
        self.open(url)
        return self.answer(**credentials(self.page_text, person), step=step, **fields)

    @property
    def page_text(self) -> str:
        assert self.page is not None
        return self.page.text


def credentials(page: str, person: str) -> dict[str, str]:
    if 'name="password"' in page:
        return {"username": person, "password": PEOPLE[person].password}
    return {"person": person}


def hidden_fields(page: str) -> list[tuple[str, str]]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return [(unescape(name), unescape(value)) for name, value in found]


def answer_of(response: requests.Response) -> dict[str, str]:
    """What a redirect to the application carries."""
    assert response.status_code == 302, response.text
    return {name: values[0] for name, values in parse_qs(urlsplit(response.headers["Location"]).query).items()}


@dataclass
class Sign:
    """One sign-in from the application's side: state, nonce, PKCE."""

    stand_ins: StandIns
    issuer: Issuer
    state: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def client(self) -> RegisteredClient:
        return self.stand_ins.client(self.issuer.slug)

    def url(self, **changes: str | None) -> str:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        params: dict[str, str | None] = {
            "client_id": self.client.client_id,
            "redirect_uri": self.client.redirect_uris[0],
            "response_type": "code",
            "scope": self.issuer.scope,
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **changes,
        }
        sent = {name: value for name, value in params.items() if value is not None}
        return f"{self.stand_ins.at(self.issuer.authorize)}?{urlencode(sent)}"

    def secret(self) -> str:
        return apple_secret(self.stand_ins.lab) if self.issuer.slug == "apple" else self.client.secret

    def exchange(self, code: str, **changes: str | None) -> requests.Response:
        data: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.client.redirect_uris[0],
            "client_id": self.client.client_id,
            "client_secret": self.secret(),
            "code_verifier": self.verifier,
            **changes,
        }
        return requests.post(self.stand_ins.at(self.issuer.token), data=data)

    def code(self, person: str = "ana", **fields: str) -> str:
        return answer_of(Browser().sign_in(self.url(), person, **fields))["code"]

    def tokens(self, person: str = "ana", **fields: str) -> dict[str, str]:
        answer = self.exchange(self.code(person, **fields))
        assert answer.status_code == 200, answer.text
        tokens: dict[str, str] = answer.json()
        return tokens

    def verified(self, id_token: str) -> dict[str, object]:
        """The claims, if everything about the token is right. Raises PyJWTError; a wrong nonce raises ValueError."""
        header = jwt.get_unverified_header(id_token)
        published = requests.get(self.stand_ins.at(self.issuer.jwks)).json()["keys"]
        key = next(jwt.PyJWK(each) for each in published if each["kid"] == header["kid"])
        claims: dict[str, object] = jwt.decode(
            id_token, key, algorithms=["RS256"], audience=self.client.client_id, issuer=self.issuer.issuer
        )
        if claims.get("nonce") != self.nonce:
            raise ValueError("nonce")
        return claims


def apple_secret(lab: Lab, **changes: object) -> str:
    """The client secret that the application signs for Apple."""
    from time import time

    now = int(time())
    claims: dict[str, object] = {
        "iss": apple.team_id(lab),
        "iat": now,
        "exp": now + 300,
        "aud": "https://appleid.apple.com",
        "sub": STAND_INS["apple"].client(lab).client_id,
    }
    key = changes.pop("key", apple.client_key(lab))
    kid = changes.pop("kid", apple.KEY_ID)
    return jwt.encode({**claims, **changes}, key, algorithm="ES256", headers={"kid": str(kid)})  # type: ignore[arg-type]
