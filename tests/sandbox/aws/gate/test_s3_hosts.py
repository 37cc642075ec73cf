"""Buckets named by the host: S3's virtual-hosted style, which SDKs take for an endpoint below `localhost`."""

import http.client
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from sandbox.testing import RunningSandbox
from tests.sandbox.aws.gate.people import Person, allow

BUCKET = "identity-pools-lab-public"
KEY = "product-catalog.pdf"


def ask(
    sandbox: RunningSandbox, host: str, path: str, keys: dict[str, str] | None = None, method: str = "GET"
) -> tuple[int, bytes]:
    """Status and body of a signed request to this sandbox by another of its names."""
    port = urlsplit(sandbox.url).port
    request = AWSRequest(method, f"http://{host}:{port}{path}")
    given = keys or {"access_key": "test", "secret_key": "test"}
    credentials = Credentials(given["access_key"], given["secret_key"], given.get("token"))
    S3SigV4Auth(credentials, "s3", "us-east-1").add_auth(request)
    connection = http.client.HTTPConnection("127.0.0.1", port or 0, timeout=60)
    headers: dict[str, Any] = {**dict(request.headers.items()), "Host": f"{host}:{port}"}
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("host", [f"{BUCKET}.localhost", f"{BUCKET}.s3.localhost"])
def test_the_host_names_the_bucket(sandbox: RunningSandbox, host: str) -> None:
    status, body = ask(sandbox, host, f"/{KEY}")
    assert (status, body[:5]) == (200, b"%PDF-")
    status, body = ask(sandbox, host, "/")
    assert status == 200
    assert f"<Name>{BUCKET}</Name>".encode() in body


def test_the_path_names_it_where_the_host_does_not(sandbox: RunningSandbox) -> None:
    for host in ("localhost", "s3.localhost"):
        assert ask(sandbox, host, f"/{BUCKET}/{KEY}")[0] == 200


def test_keys_that_look_like_the_sandboxs_own_pages(sandbox: RunningSandbox) -> None:
    for path in ("/_sandbox/health", "/idp/", "/identity-pools-lab-private/x"):
        status, body = ask(sandbox, f"{BUCKET}.localhost", path)
        assert (status, b"<Code>NoSuchKey</Code>" in body) == (404, True)


def test_a_person_is_authorised_for_the_bucket_of_the_host(hired: Callable[..., Person]) -> None:
    person = hired(allow("s3:GetObject", f"arn:aws:s3:::{BUCKET}/*"))
    assert ask(person.sandbox, f"{BUCKET}.localhost", f"/{KEY}", person.keys)[0] == 200
    other = "identity-pools-lab-private.localhost"
    status, body = ask(person.sandbox, other, f"/{BUCKET}/{KEY}", person.keys)
    assert status == 403
    assert f"arn:aws:s3:::identity-pools-lab-private/{BUCKET}/{KEY}".encode() in body


@pytest.mark.parametrize("host", ["evil.example.com", "localhost.example.com", "127.0.0.1.example.com"])
def test_other_names_are_refused(sandbox: RunningSandbox, host: str) -> None:
    assert ask(sandbox, host, f"/{BUCKET}/{KEY}")[0] == 400


def test_a_name_that_can_be_no_bucket(sandbox: RunningSandbox) -> None:
    status, body = ask(sandbox, "-.localhost", "/x")
    assert (status, b"<Code>InvalidBucketName</Code>" in body) == (400, True)
