"""Presigned URLs as boto3 makes them for us-east-1 when nobody tells it otherwise: Signature Version 2."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from tests.sandbox.aws.gate.people import Person, allow

Hired = Callable[..., Person]
BUCKET = "signed-by-url"


@pytest.fixture(scope="module", autouse=True)
def bucket(admin: Person) -> None:
    admin.client("s3").create_bucket(Bucket=BUCKET)
    admin.client("s3").put_object(Bucket=BUCKET, Key="some dir/ü+a", Body=b"hello")


@cache
def plain(sandbox_url: str, key: str, secret: str, token: str | None) -> Any:
    """A client without any configuration of its signatures."""
    return boto3.client(
        "s3",
        endpoint_url=sandbox_url,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
    )


def url_for(person: Person, operation: str = "get_object", key: str = "some dir/ü+a", **more: Any) -> str:
    seconds = more.pop("seconds", 60)
    params = {"Bucket": BUCKET, "Key": key, **more}
    keys = person.keys
    client = plain(
        person.sandbox.url, keys.get("access_key", "test"), keys.get("secret_key", "test"), keys.get("token")
    )
    url = str(client.generate_presigned_url(operation, Params=params, ExpiresIn=seconds))
    assert "Signature" in parse_qs(urlsplit(url).query)
    return url


def fetch(url: str, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(url, data=body, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_the_administrators_url(admin: Person) -> None:
    assert fetch(url_for(admin)) == (200, "hello")
    assert fetch(url_for(admin, ResponseContentType="text/x-other")) == (200, "hello")
    upload = url_for(admin, "put_object", "up", ContentType="text/plain")
    assert fetch(upload, "PUT", b"by link", **{"Content-Type": "text/plain"})[0] == 200
    assert admin.client("s3").get_object(Bucket=BUCKET, Key="up")["ContentType"] == "text/plain"


def test_the_url_of_a_session_has_its_rights(hired: Hired) -> None:
    person = hired(allow("s3:GetObject", f"arn:aws:s3:::{BUCKET}/some dir/*"))
    assert fetch(url_for(person)) == (200, "hello")
    status, body = fetch(url_for(person, key="elsewhere"))
    assert (status, "<Code>AccessDenied</Code>" in body) == (403, True)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/some%20dir/", "/other%20dir/"),
        ("Expires=", "Expires=9"),
        ("AWSAccessKeyId=test", "AWSAccessKeyId=test1"),
        ("?", "?acl&"),
        ("?", "?versionId=1&"),
        ("?", "?x-amz-acl=public-read&"),
        ("?", "?response-content-type=text%2Fhtml&"),
    ],
)
def test_a_url_that_was_altered(admin: Person, old: str, new: str) -> None:
    url = url_for(admin)
    assert old in url
    status, body = fetch(url.replace(old, new, 1))
    refusal = "InvalidAccessKeyId" if "AccessKeyId" in old else "SignatureDoesNotMatch"
    assert (status, f"<Code>{refusal}</Code>" in body) == (403, True)


def test_another_method_or_header_than_was_signed(admin: Person) -> None:
    assert fetch(url_for(admin), "DELETE")[0] == 403
    assert fetch(url_for(admin, "put_object", "up"), "PUT", b"x", **{"x-amz-acl": "public-read"})[0] == 403
    assert (
        fetch(url_for(admin, "put_object", "up", ContentType="text/plain"), "PUT", b"x", **{"Content-Type": "a/b"})[0]
        == 403
    )


def test_a_url_that_is_over(admin: Person) -> None:
    status, body = fetch(url_for(admin, seconds=-10))
    assert status == 403
    assert "<Code>AccessDenied</Code><Message>Request has expired</Message><Expires>" in body
    assert "<ServerTime>" in body


def test_a_key_that_nobody_has(admin: Person) -> None:
    query = f"AWSAccessKeyId=AKIANOBODY&Signature=abc&Expires={int(time.time()) + 60}"
    status, body = fetch(f"{admin.sandbox.url}/{BUCKET}/a?{query}")
    assert (status, "<Code>InvalidAccessKeyId</Code>" in body) == (403, True)


def test_policies_may_ask_for_the_version(hired: Hired) -> None:
    condition = {"StringEquals": {"s3:signatureversion": "AWS"}}
    person = hired(allow("s3:GetObject"), {**allow("s3:*"), "Effect": "Deny", "Condition": condition})
    assert fetch(url_for(person))[0] == 403
    assert person.client("s3").get_object(Bucket=BUCKET, Key="some dir/ü+a")["Body"].read() == b"hello"
