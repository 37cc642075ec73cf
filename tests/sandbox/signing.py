"""Signature Version 4 by botocore, with every part open to tampering."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from sandbox.testing import RunningSandbox
from tests.sandbox.wire import Answer, send

CALLER = b"Action=GetCallerIdentity&Version=2011-06-15"
FORM = "application/x-www-form-urlencoded; charset=utf-8"


@dataclass
class Signed:
    """A signed request; change anything, then send it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def send(self, sandbox: RunningSandbox) -> Answer:
        return send(sandbox, self.method, self.path, self.body, self.headers)


def signed_query(
    sandbox: RunningSandbox,
    *,
    key: str = "test",
    secret: str = "test",
    token: str | None = None,
    service: str = "sts",
    region: str = "us-east-1",
    body: bytes = CALLER,
    host: str = "",
) -> Signed:
    """GetCallerIdentity, or another query operation, signed by header."""
    headers = {"Content-Type": FORM, "Host": host or _host(sandbox)}
    request = AWSRequest("POST", f"{sandbox.url}/", data=body, headers=headers)
    SigV4Auth(Credentials(key, secret, token), service, region).add_auth(request)
    return Signed("POST", "/", dict(request.headers.items()), body)


def signed_json(sandbox: RunningSandbox, target: str, body: bytes, service: str, **who: Any) -> Signed:
    """A JSON operation, signed by header."""
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target, "Host": _host(sandbox)}
    request = AWSRequest("POST", f"{sandbox.url}/", data=body, headers=headers)
    credentials = Credentials(who.get("key", "test"), who.get("secret", "test"), who.get("token"))
    SigV4Auth(credentials, service, who.get("region", "us-east-1")).add_auth(request)
    return Signed("POST", "/", dict(request.headers.items()), body)


def presigned_query(sandbox: RunningSandbox, *, expires: int = 60, secret: str = "test", method: str = "GET") -> Signed:
    """GetCallerIdentity as a presigned URL."""
    request = AWSRequest(method, f"{sandbox.url}/?{CALLER.decode()}", headers={"Host": _host(sandbox)})
    SigV4QueryAuth(Credentials("test", secret), "sts", "us-east-1", expires=expires).add_auth(request)
    parts = urlsplit(request.url)
    return Signed(method, f"{parts.path or '/'}?{parts.query}", {}, b"")


def _host(sandbox: RunningSandbox) -> str:
    return urlsplit(sandbox.url).netloc
