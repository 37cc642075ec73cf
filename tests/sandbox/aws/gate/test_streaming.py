"""Uploads in chunks, as SDKs for other languages send them."""

import base64
import hmac
import zlib
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.sandbox.aws.gate.people import Person, allow
from tests.sandbox.aws.gate.wire import send

BUCKET = "streaming-bucket"
EMPTY = sha256(b"").hexdigest()
Hired = Callable[..., Person]


@pytest.fixture(scope="module", autouse=True)
def s3(admin: Person) -> Any:
    client = admin.client("s3")
    client.create_bucket(Bucket=BUCKET)
    return client


def signed_request(person: Person, key: str, content_sha256: str, **headers: str) -> AWSRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = AWSRequest("PUT", f"{person.sandbox.url}/{BUCKET}/{key}", data=b"", headers=named)
    request.headers["X-Amz-Content-SHA256"] = content_sha256
    config = person.sandbox.config
    keys = Credentials(
        person.keys.get("access_key", config.access_key_id),
        person.keys.get("secret_key", config.secret_access_key),
        person.keys.get("token"),
    )

    class Stated(S3SigV4Auth):  # type: ignore[misc]
        def payload(self, request: AWSRequest) -> str:
            return content_sha256

    Stated(keys, "s3", "us-east-1").add_auth(request)
    return request


def crc32(content: bytes) -> str:
    return base64.b64encode(zlib.crc32(content).to_bytes(4, "big")).decode()


def test_unsigned_chunks_with_a_checksum_behind(hired: Hired, s3: Any) -> None:
    person = hired(allow("s3:PutObject"))
    headers = {
        "Content_Encoding": "aws-chunked",
        "x_amz_trailer": "x-amz-checksum-crc32",
        "x_amz_decoded_content_length": "6",
    }
    request = signed_request(person, "unsigned", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", **headers)
    body = f"3\r\nabc\r\n3\r\ndef\r\n0\r\nx-amz-checksum-crc32:{crc32(b'abcdef')}\r\n\r\n".encode()
    assert send(request, body)[0] == 200
    answer = s3.get_object(Bucket=BUCKET, Key="unsigned")
    assert (answer["Body"].read(), answer.get("ContentEncoding")) == (b"abcdef", None)
    status, content = send(request, body.replace(b"def", b"dex"))
    assert status == 400
    assert b"BadDigest" in content


def frames(person: Person, request: AWSRequest, chunks: list[bytes], trailer: str = "") -> bytes:
    """Signed chunks, built after AWS's description and not with the code under test."""
    date = request.headers["X-Amz-Date"]
    scope = f"{date[:8]}/us-east-1/s3/aws4_request"
    key = f"AWS4{person.keys.get('secret_key', person.sandbox.config.secret_access_key)}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), sha256).digest()
    previous = request.headers["Authorization"].rpartition("Signature=")[2]
    body = b""
    for chunk in [*chunks, b""]:
        text = "\n".join(["AWS4-HMAC-SHA256-PAYLOAD", date, scope, previous, EMPTY, sha256(chunk).hexdigest()])
        previous = hmac.new(key, text.encode(), sha256).hexdigest()
        body += f"{len(chunk):x};chunk-signature={previous}\r\n".encode()
        body += chunk + b"\r\n" if chunk else b""
    if not trailer:
        return body + b"\r\n"
    text = "\n".join(["AWS4-HMAC-SHA256-TRAILER", date, scope, previous, sha256(f"{trailer}\n".encode()).hexdigest()])
    signature = hmac.new(key, text.encode(), sha256).hexdigest()
    return body + f"{trailer}\r\nx-amz-trailer-signature:{signature}\r\n\r\n".encode()


@pytest.mark.parametrize("of_role", [True, False])
def test_signed_chunks(hired: Hired, admin: Person, s3: Any, of_role: bool) -> None:
    person = hired(allow("s3:PutObject")) if of_role else admin
    headers = {"Content_Encoding": "aws-chunked", "x_amz_decoded_content_length": "10"}
    request = signed_request(person, "signed", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", **headers)
    body = frames(person, request, [b"hello", b"world"])
    assert send(request, body)[0] == 200
    assert s3.get_object(Bucket=BUCKET, Key="signed")["Body"].read() == b"helloworld"
    for altered in (
        body.replace(b"world", b"w0rld"),
        frames(person, request, [b"world", b"hello"]).replace(b"world", b"hello", 1),
        body.replace(b"chunk-signature=", b"chunk-nothing=", 1),
    ):
        status, content = send(request, altered)
        assert status == 403
        assert b"SignatureDoesNotMatch" in content


def test_signed_chunks_with_signed_trailers(hired: Hired, s3: Any) -> None:
    person = hired(allow("s3:PutObject"))
    headers = {
        "Content_Encoding": "aws-chunked",
        "x_amz_trailer": "x-amz-checksum-crc32",
        "x_amz_decoded_content_length": "5",
    }
    request = signed_request(person, "trailer", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", **headers)
    body = frames(person, request, [b"hello"], f"x-amz-checksum-crc32:{crc32(b'hello')}")
    assert send(request, body)[0] == 200
    assert s3.get_object(Bucket=BUCKET, Key="trailer")["Body"].read() == b"hello"
    status, content = send(request, body.replace(crc32(b"hello").encode(), crc32(b"other").encode()))
    assert status == 403
    assert b"SignatureDoesNotMatch" in content


@pytest.mark.parametrize(
    "trailer",
    [
        f"x-amz-copy-source:/{BUCKET}/somebody-elses",
        "x-amz-tagging:clearance=all",
        "x-amz-acl:public-read",
        "x-amz-meta-note:x",
        "content-type:text/html",
    ],
)
def test_a_trailer_carries_nothing_that_was_not_authorised(hired: Hired, s3: Any, trailer: str) -> None:
    s3.put_object(Bucket=BUCKET, Key="somebody-elses", Body=b"not for everybody")
    person = hired(allow(["s3:PutObject", "s3:GetObject"], f"arn:aws:s3:::{BUCKET}/mine"))
    headers = {"Content_Encoding": "aws-chunked", "x_amz_trailer": trailer.partition(":")[0]}
    request = signed_request(person, "mine", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", **headers)
    status, content = send(request, f"3\r\nabc\r\n0\r\n{trailer}\r\n\r\n".encode())
    assert (status, b"InvalidRequest" in content) == (400, True), content
    assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET, Prefix="mine")


def test_a_body_cut_short_is_noticed(hired: Hired) -> None:
    person = hired(allow("s3:PutObject"))
    headers = {"Content_Encoding": "aws-chunked", "x_amz_decoded_content_length": "10"}
    request = signed_request(person, "short", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", **headers)
    body = frames(person, request, [b"hello", b"world"])
    assert send(request, body[: len(body) // 2])[0] in (400, 403)


def test_other_signatures_of_streams_are_not_emulated(admin: Person) -> None:
    request = signed_request(admin, "ecdsa", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD")
    status, content = send(request, b"0\r\n\r\n")
    assert status == 501
    assert b"NotImplemented" in content
