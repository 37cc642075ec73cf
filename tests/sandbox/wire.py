"""Requests without an SDK: exactly these bytes, and the answer as it came."""

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from sandbox.testing import RunningSandbox


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def send(
    sandbox: RunningSandbox, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> Answer:
    """One request; header names of the answer in lower case."""
    connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc, timeout=60)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return Answer(answer.status, {n.lower(): v for n, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def call_json(sandbox: RunningSandbox, operation: str, body: Any, **headers: str) -> Answer:
    """A call of cognito-identity; `body` is sent as it is when it is bytes."""
    target = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"AWSCognitoIdentityService.{operation}"}
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return send(sandbox, "POST", "/", data, {**target, **headers})


def call_query(sandbox: RunningSandbox, action: str, version: str = "2011-06-15", **fields: str) -> Answer:
    """An unsigned call of STS or IAM."""
    body = urlencode({"Action": action, "Version": version, **fields}).encode()
    return send(sandbox, "POST", "/", body, {"Content-Type": "application/x-www-form-urlencoded"})
