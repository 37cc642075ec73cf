"""The far end of a replaced socket: a TLS server, certified for the real providers' names, that answers as they do.

Everything on our side of the socket is what runs in production: the backends, requests, TLS with host name checks.
The answers have the shapes of the providers' own documentation, cited beside each; tokens are really signed.
"""

import base64
import hashlib
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

import httpget.asking
from tests.certificates import certify

POOL = "eu-west-1_AbCdEfGhI"
POOL_ISSUER = f"https://cognito-idp.eu-west-1.amazonaws.com/{POOL}"
OIDC_ISSUER = "https://id.example.com/realms/staff"
DISCOVERY_PLACE = "GET id.example.com/realms/staff/.well-known/openid-configuration"
DISCOVERY = {
    "issuer": OIDC_ISSUER,
    "authorization_endpoint": "https://id.example.com/authorize",
    "token_endpoint": "https://id.example.com/token",
    "jwks_uri": "https://id.example.com/keys",
}
ACCESS_TOKEN = "ya29.planted-access-token-of-the-provider"
KEY_ID = "key-of-the-provider"
HOSTS = (
    "accounts.google.com",
    "oauth2.googleapis.com",
    "www.googleapis.com",
    "www.facebook.com",
    "graph.facebook.com",
    "www.amazon.com",
    "api.amazon.com",
    "appleid.apple.com",
    "api.twitter.com",
    "cognito-idp.eu-west-1.amazonaws.com",
    "shop.auth.eu-west-1.amazoncognito.com",
    "login.shop.example",
    "id.example.com",
)


@dataclass
class Arrival:
    """One request as it came out of our application."""

    host: str
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    form: dict[str, str]

    @property
    def basic(self) -> tuple[str, str]:
        """User and password of HTTP Basic authentication (RFC 7617)."""
        name, _, secret = base64.b64decode(self.headers["authorization"].removeprefix("Basic ")).decode().partition(":")
        return name, secret


# Status and content, and headers where they matter.
Answer = Callable[[Arrival], tuple[int, Any] | tuple[int, Any, dict[str, str]]]


@dataclass
class ProviderWire:
    """Where all connections end. `answers`: `METHOD host/path` -> what to say; JSON for a dict, text for a str."""

    port: int = 0
    authority: Path = Path()
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    answers: dict[str, Answer] = field(default_factory=dict)
    arrivals: list[Arrival] = field(default_factory=list)

    def called(self, method: str, place: str) -> Arrival:
        """The one request to that place."""
        found = [one for one in self.arrivals if one.method == method and f"{one.host}{one.path}" == place]
        assert len(found) == 1, [f"{one.method} {one.host}{one.path}" for one in self.arrivals]
        return found[0]

    def id_token(self, issuer: str, audience: str, nonce: str, **claims: Any) -> str:
        now = int(time.time())
        content = {
            "iss": issuer,
            "aud": audience,
            "sub": "248289761001",
            "iat": now,
            "exp": now + 3600,
            "nonce": nonce,
            "at_hash": _at_hash(),
            **claims,
        }
        return jwt.encode(content, self.key, algorithm="RS256", headers={"kid": KEY_ID})

    def jwks(self) -> dict[str, Any]:
        document = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**document, "alg": "RS256", "use": "sig", "kid": KEY_ID}]}

    def answer(self, arrival: Arrival) -> tuple[int, Any] | tuple[int, Any, dict[str, str]]:
        self.arrivals.append(arrival)
        found = self.answers.get(f"{arrival.method} {arrival.host}{arrival.path}")
        return found(arrival) if found else (404, {"error": "not_found"})


def _at_hash() -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(ACCESS_TOKEN.encode()).digest()[:16]).rstrip(b"=").decode()


@contextmanager
def provider_wire(directory: Path, patch: pytest.MonkeyPatch) -> Iterator[ProviderWire]:
    """Every connection that httpget opens from here on ends at the wire, whatever host it was meant for."""
    wire = ProviderWire(authority=directory / "authority.pem")
    certificate = directory / "certificate.pem"
    certify(HOSTS, wire.authority, certificate)
    server = _serve(wire, certificate)
    wire.port = server.server_address[1]

    def getaddrinfo(host: str, port: int, **options: Any) -> list[Any]:
        assert port == 443, f"{host}:{port} is not https"
        return socket.getaddrinfo("127.0.0.1", wire.port, **options)

    patch.setattr(httpget.asking, "getaddrinfo", getaddrinfo)
    patch.setenv("REQUESTS_CA_BUNDLE", str(wire.authority))
    try:
        yield wire
    finally:
        server.shutdown()
        server.server_close()


def _serve(wire: ProviderWire, certificate: Path) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            query, form = dict(parse_qsl(parts.query)), dict(parse_qsl(body))
            arrival = Arrival(self.headers["Host"], self.command, parts.path, query, headers, form)
            status, content, *more = wire.answer(arrival)
            data = (content if isinstance(content, str) else json.dumps(content)).encode()
            self.send_response(status)
            kind = "text/html" if isinstance(content, str) else "application/json"
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(data)))
            for name, value in more[0].items() if more else ():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _any

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    return server
