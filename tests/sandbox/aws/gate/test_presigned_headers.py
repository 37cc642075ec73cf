"""Presigned URLs of Signature Version 4 and the headers beside them, as LocalStack recorded AWS."""

import re
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.sandbox.aws.gate.people import Person, allow

BUCKET = "presigned-headers"
HASH = "x-amz-content-sha256"


@pytest.fixture(scope="module", autouse=True)
def bucket(admin: Person) -> None:
    admin.client("s3").create_bucket(Bucket=BUCKET)


def url(person: Person, key: str, params: dict[str, str] | None = None, headers: dict[str, str] | None = None) -> str:
    """A URL that puts an object."""
    keys = person.keys
    made_by = Credentials(keys.get("access_key", "test"), keys.get("secret_key", "test"), keys.get("token"))
    where = f"{person.sandbox.url}/{BUCKET}/{key}"
    request = AWSRequest("PUT", where, data={}, params=params or {}, headers=headers or {})
    S3SigV4QueryAuth(made_by, "s3", "us-east-1").add_auth(request)
    return str(request.prepare().url)


def put(address: str, body: bytes = b"text", **headers: str) -> tuple[int, str]:
    """Status, and the error's code."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(address, data=body, method="PUT", headers=named)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return int(answer.status), ""
    except urllib.error.HTTPError as error:
        return error.code, (re.findall("<Code>(.*?)</Code>", error.read().decode()) or [""])[0]


def test_a_hash_that_was_signed_counts(admin: Person) -> None:
    address = url(admin, "signed-hash", headers={HASH: "UNSIGNED-PAYLOAD"})
    assert "content-sha256" in urlsplit(address).query
    assert put(address, x_amz_content_sha256="UNSIGNED-PAYLOAD") == (200, "")
    assert put(address)[0] == 403


@pytest.mark.parametrize("value", ["UNSIGNED-PAYLOAD", "0" * 64, "STREAMING-UNSIGNED-PAYLOAD-TRAILER"])
def test_a_hash_that_was_not_signed_is_passed_over(admin: Person, value: str) -> None:
    assert put(url(admin, "loose-hash"), b"as it came", x_amz_content_sha256=value) == (200, "")
    assert admin.client("s3").get_object(Bucket=BUCKET, Key="loose-hash")["Body"].read() == b"as it came"


@pytest.mark.parametrize("headers", [{"x_amz_meta_wrong": "w"}, {"x_amz_meta_wrong": "w", "x_amz_acl": "private"}])
def test_a_header_that_was_not_signed_is_refused_before_the_signature_is_looked_at(
    admin: Person, headers: dict[str, str]
) -> None:
    address = url(admin, "unsigned")
    assert put(address, b"text", **headers) == (403, "AccessDenied")
    altered = re.sub("X-Amz-Signature=.{8}", "X-Amz-Signature=00000000", address)
    assert put(altered, b"text", **headers) == (403, "AccessDenied")
    assert put(altered) == (403, "SignatureDoesNotMatch")


def test_conditions_in_the_query_are_headers(admin: Person) -> None:
    """SDKs for JavaScript and Java put them there."""
    only_new = url(admin, "condition", {"If-None-Match": "*"})
    assert [put(only_new)[0] for _ in range(2)] == [200, 412]
    assert put(url(admin, "condition", {"If-Match": '"' + "0" * 32 + '"'})) == (412, "PreconditionFailed")
    etag = admin.client("s3").head_object(Bucket=BUCKET, Key="condition")["ETag"]
    assert put(url(admin, "condition", {"If-Match": etag})) == (200, "")


def test_a_condition_in_the_query_needs_what_it_needs_as_a_header(admin: Person, hired: Any) -> None:
    """To compare an ETag is to read the object."""
    admin.client("s3").put_object(Bucket=BUCKET, Key="guarded", Body=b"x")
    etag = admin.client("s3").head_object(Bucket=BUCKET, Key="guarded")["ETag"]
    writer = hired(allow("s3:PutObject"))
    assert put(url(writer, "guarded")) == (200, "")
    assert put(url(writer, "guarded", {"If-Match": etag})) == (403, "AccessDenied")


def test_other_headers_in_the_query(admin: Person) -> None:
    hoisted = {"x-amz-meta-foo": "bar", "x-amz-tagging": "a=b", "x-amz-storage-class": "STANDARD_IA"}
    assert put(url(admin, "hoisted", hoisted)) == (200, "")
    found = admin.client("s3").head_object(Bucket=BUCKET, Key="hoisted")
    assert (found["Metadata"], found["StorageClass"]) == ({"foo": "bar"}, "STANDARD_IA")


@pytest.mark.parametrize("gone", ["Signature", "Expires", "AWSAccessKeyId"])
def test_a_url_of_version_2_that_lacks_a_part(admin: Person, gone: str) -> None:
    query = "AWSAccessKeyId=test&Signature=abc&Expires=1999999999"
    left = "&".join(part for part in query.split("&") if not part.startswith(gone))
    request = urllib.request.Request(f"{admin.sandbox.url}/{BUCKET}/k?{left}")
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(request, timeout=60)
    body = error.value.read().decode()
    assert error.value.code == 403
    told = "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters"
    assert f"<Code>AccessDenied</Code><Message>{told}</Message>" in body
