"""Identity providers for the tests: one loopback server with several issuers, and the opaque-token providers' APIs."""

import json
import ssl
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

REGION = "us-east-1"
USER_POOL_ID = f"{REGION}_Examp1e01"
USER_POOL = f"cognito-idp.{REGION}.amazonaws.com/{USER_POOL_ID}"
CLIENT = "client1examp1e"
_KEYS = [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(3)]


@dataclass
class Issuer:
    """An OpenID provider. `url` is what its tokens say; where it is found on this machine the sandbox is told."""

    slug: str
    url: str
    key: Any = field(default_factory=lambda: _KEYS[0])
    kid: str = "key-1"
    discovery_issuer: str | None = None
    jwks_uri: str | None = None
    fetched: int = 0

    @property
    def name(self) -> str:
        """The key of the Logins map."""
        return self.url.split("://", 1)[1]

    def token(self, sub: str = "u-1", aud: Any = CLIENT, **claims: Any) -> str:
        """A signed ID token. A claim given as None is left out; `kid`, `alg` and `key` change header and signature."""
        now = int(time.time())
        kid, key, alg = claims.pop("kid", self.kid), claims.pop("key", self.key), claims.pop("alg", "RS256")
        everything = {"iss": self.url, "aud": aud, "sub": sub, "iat": now, "exp": now + 3600, **claims}
        present = {name: value for name, value in everything.items() if value is not None}
        return jwt.encode(present, key, algorithm=alg, headers={"kid": kid} if kid else {})

    def jwks(self) -> dict[str, Any]:
        kind = RSAAlgorithm if isinstance(self.key, rsa.RSAPrivateKey) else ECAlgorithm
        return {"keys": [{**kind.to_jwk(self.key.public_key(), as_dict=True), "kid": self.kid, "use": "sig"}]}


OTHER_KEY = _KEYS[2]


def rotate(issuer: Issuer, kid: str) -> None:
    """The issuer signs with another key from now on, and publishes only that one."""
    issuer.key = _KEYS[1] if issuer.key is _KEYS[0] else _KEYS[0]
    issuer.kid = kid


class Providers:
    """The server. `tokens` are the opaque access tokens it knows: token -> (application, user).

    `answers` go before everything else: path with query -> (status, document).
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.issuers: dict[str, Issuer] = {}
        self.tokens: dict[str, tuple[str, str]] = {}
        self.answers: dict[str, tuple[int, Any]] = {}
        self.expired: set[str] = set()
        self.oauth1: list[str] = []
        self.elsewhere: list[str] = []
        self.down: set[str] = set()
        providers = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path.split("/")[1] in providers.down:
                    return  # Hangs up without an answer.
                status, document = providers.answer(self.path, dict(self.headers.items()))
                body = json.dumps(document).encode()
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", providers.url + "/elsewhere")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def issuer(self, slug: str, url: str | None = None) -> Issuer:
        """An issuer, at its own local address unless it plays a real one."""
        if slug not in self.issuers:
            self.issuers[slug] = Issuer(slug, url or f"{self.url}/{slug}")
        return self.issuers[slug]

    def answer(self, path: str, headers: dict[str, str]) -> tuple[int, Any]:
        if path in self.answers:
            return self.answers[path]
        parts = urlsplit(path)
        slug, _, rest = parts.path.lstrip("/").partition("/")
        if slug == "elsewhere":
            self.elsewhere.append(path)
        if slug == "redirecting":
            return 302, {}
        if slug == "facebook":
            return self._facebook(rest, headers.get("Authorization", "").removeprefix("Bearer "))
        if slug == "amazon":
            return self._amazon(parse_qs(parts.query).get("access_token", [""])[0])
        if slug == "x":
            self.oauth1.append(headers.get("Authorization", ""))
            known = any(f'oauth_token="{token}"' in self.oauth1[-1] for token in self.tokens)
            return (200, {"id_str": "42"}) if known else (401, {"errors": [{"code": 89}]})
        issuer = self.issuers.get(slug)
        if issuer is None:
            return 404, {}
        issuer.fetched += 1
        if rest == ".well-known/openid-configuration":
            base = f"{self.url}/{slug}"
            return 200, {"issuer": issuer.discovery_issuer or issuer.url, "jwks_uri": issuer.jwks_uri or f"{base}/jwks"}
        return (200, issuer.jwks()) if rest in ("jwks", ".well-known/jwks.json") else (404, {})

    def _facebook(self, rest: str, token: str) -> tuple[int, Any]:
        if token in self.expired:
            return 400, {"error": {"code": 190, "error_subcode": 463, "message": "Session has expired"}}
        if token not in self.tokens:
            return 400, {"error": {"code": 190, "message": "Invalid OAuth access token."}}
        application, user = self.tokens[token]
        return 200, {"id": application if rest == "app" else user}

    def _amazon(self, token: str) -> tuple[int, Any]:
        if token not in self.tokens:
            return 400, {"error": "invalid_token"}
        application, user = self.tokens[token]
        return 200, {"aud": application, "user_id": user, "exp": 3000}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
