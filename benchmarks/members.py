"""People who sign in at an OpenID provider on loopback, for the authenticated half of the throughput benchmark."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import RSAKey

CLIENT_ID = "benchmark"


class Issuer:
    """Discovery and keys over HTTP, and ID tokens that are really signed with RS256."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.jwk = RSAKey.import_key(self._key.public_key()).as_dict(alg="RS256", use="sig", kid="1")
        self.url = ""

    @property
    def logins_key(self) -> str:
        return self.url.removeprefix("http://")

    def token(self, subject: str) -> str:
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT_ID, "sub": subject, "iat": now, "exp": now + 3600}
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": "1"})


@contextmanager
def issuer() -> Iterator[Issuer]:
    made = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            discovery = {"issuer": made.url, "jwks_uri": f"{made.url}/keys"}
            document: dict[str, Any] = {"keys": [made.jwk]} if self.path == "/keys" else discovery
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        server.shutdown()
