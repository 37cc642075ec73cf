"""S3 rights of role sessions, end to end."""

import http.client
import urllib.parse
from collections.abc import Callable
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.sandbox.aws.gate.people import Person, allow, refused

BUCKET = "rights-bucket"
ARN = f"arn:aws:s3:::{BUCKET}"
Hired = Callable[..., Person]


@pytest.fixture(scope="module", autouse=True)
def s3(admin: Person) -> Any:
    client = admin.client("s3")
    client.create_bucket(Bucket=BUCKET)
    client.create_bucket(Bucket="rights-other")
    for key in ("mine/a", "mine/b", "theirs/a", "top"):
        client.put_object(Bucket=BUCKET, Key=key, Body=key.encode())
    return client


def test_a_prefix_condition(hired: Hired) -> None:
    listing = allow("s3:ListBucket", ARN, Condition={"StringLike": {"s3:prefix": ["mine/*"]}})
    client = hired(listing).client("s3")
    assert client.list_objects_v2(Bucket=BUCKET, Prefix="mine/")["KeyCount"] == 2
    for params in ({}, {"Prefix": "theirs/"}, {"Prefix": ""}):
        assert refused(client.list_objects_v2, Bucket=BUCKET, **params)[:2] == ("AccessDenied", 403)


def test_a_resource_with_a_principal_tag(hired: Hired) -> None:
    client = hired(allow("s3:GetObject", ARN + "/${aws:PrincipalTag/team}/*"), tags={"team": "mine"}).client("s3")
    assert client.get_object(Bucket=BUCKET, Key="mine/a")["Body"].read() == b"mine/a"
    assert refused(client.get_object, Bucket=BUCKET, Key="theirs/a")[0] == "AccessDenied"


def test_an_explicit_deny_says_so(hired: Hired) -> None:
    deny = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": ARN + "/theirs/*"}
    client = hired(allow("s3:*"), deny).client("s3")
    assert client.get_object(Bucket=BUCKET, Key="mine/a")
    code, status, message = refused(client.get_object, Bucket=BUCKET, Key="theirs/a")
    assert (code, status) == ("AccessDenied", 403)
    assert message.endswith("with an explicit deny in an identity-based policy")


def test_a_copy_needs_both_ends(hired: Hired) -> None:
    source = {"Bucket": BUCKET, "Key": "mine/a"}
    writer = hired(allow("s3:PutObject")).client("s3")
    _, _, message = refused(writer.copy_object, Bucket=BUCKET, Key="copy", CopySource=source)
    assert f's3:GetObject on resource: "{ARN}/mine/a"' in message
    reader = hired(allow("s3:GetObject")).client("s3")
    assert "s3:PutObject" in refused(reader.copy_object, Bucket=BUCKET, Key="copy", CopySource=source)[2]
    both = hired(allow(["s3:GetObject", "s3:PutObject"])).client("s3")
    both.copy_object(Bucket=BUCKET, Key="copy", CopySource=source)


def test_tags_and_lists_need_rights_of_their_own(hired: Hired) -> None:
    client = hired(allow("s3:PutObject")).client("s3")
    client.put_object(Bucket=BUCKET, Key="plain", Body=b"x")
    assert "s3:PutObjectTagging" in refused(client.put_object, Bucket=BUCKET, Key="x", Body=b"", Tagging="a=b")[2]
    assert "s3:PutObjectAcl" in refused(client.put_object, Bucket=BUCKET, Key="x", Body=b"", ACL="public-read")[2]


def test_a_batch_is_deleted_key_by_key(hired: Hired, s3: Any) -> None:
    for key in ("batch/mine/1", "batch/theirs/1"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    client = hired(allow("s3:DeleteObject", ARN + "/batch/mine/*")).client("s3")
    answer = client.delete_objects(
        Bucket=BUCKET, Delete={"Objects": [{"Key": "batch/mine/1"}, {"Key": "batch/theirs/1"}]}
    )
    assert [item["Key"] for item in answer["Deleted"]] == ["batch/mine/1"]
    (error,) = answer["Errors"]
    assert (error["Key"], error["Code"]) == ("batch/theirs/1", "AccessDenied")
    assert "because no identity-based policy allows the s3:DeleteObject action" in error["Message"]
    assert s3.list_objects_v2(Bucket=BUCKET, Prefix="batch/")["KeyCount"] == 1
    nobody = hired(allow("s3:GetObject")).client("s3")
    answer = nobody.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": "batch/theirs/1"}], "Quiet": True})
    assert len(answer["Errors"]) == 1
    assert "Deleted" not in answer


def test_who_may_not_list_does_not_learn_what_is_missing(hired: Hired) -> None:
    reader = hired(allow("s3:GetObject")).client("s3")
    code, status, message = refused(reader.get_object, Bucket=BUCKET, Key="no-such-key")
    assert (code, status) == ("AccessDenied", 403)
    assert "s3:ListBucket" in message
    assert refused(reader.head_object, Bucket=BUCKET, Key="no-such-key")[1] == 403
    lister = hired(allow(["s3:GetObject", "s3:ListBucket"])).client("s3")
    assert refused(lister.get_object, Bucket=BUCKET, Key="no-such-key")[:2] == ("NoSuchKey", 404)


def test_versions_need_the_right_for_versions(hired: Hired) -> None:
    client = hired(allow("s3:GetObject")).client("s3")
    assert "s3:GetObjectVersion" in refused(client.get_object, Bucket=BUCKET, Key="top", VersionId="null")[2]


@pytest.mark.parametrize(
    ("operation", "params", "action"),
    [
        ("get_bucket_policy", {}, "s3:GetBucketPolicy"),
        ("put_bucket_acl", {"ACL": "private"}, "s3:PutBucketAcl"),
        ("get_object_acl", {"Key": "top"}, "s3:GetObjectAcl"),
        ("list_object_versions", {}, "s3:ListBucketVersions"),
        ("create_multipart_upload", {"Key": "x"}, "s3:PutObject"),
        ("delete_bucket", {}, "s3:DeleteBucket"),
        ("get_object_retention", {"Key": "top"}, "s3:GetObjectRetention"),
    ],
)
def test_a_reader_may_not_do_more(hired: Hired, operation: str, params: dict[str, Any], action: str) -> None:
    client = hired(allow(["s3:GetObject", "s3:ListBucket"])).client("s3")
    code, status, message = refused(getattr(client, operation), Bucket=BUCKET, **params)
    assert (code, status) == ("AccessDenied", 403)
    assert f"perform: {action} on" in message


def raw(
    person: Person, method: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    """A signed request with exactly this target and these headers; S3's canonical path is the path as sent."""
    url = person.sandbox.url + target
    request = AWSRequest(method, url, data=body, headers=headers or {})
    keys = Credentials(person.keys["access_key"], person.keys["secret_key"], person.keys["token"])

    class AsSent(SigV4Auth):  # type: ignore[misc]
        def _normalize_url_path(self, path: str) -> str:
            return path

    AsSent(keys, "s3", "us-east-1").add_auth(request)
    parts = urllib.parse.urlsplit(person.sandbox.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 0, timeout=60)
    connection.request(method, target, body=body, headers=dict(request.headers.items()))
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


@pytest.mark.parametrize(
    ("method", "target", "headers", "status"),
    [
        ("GET", f"/{BUCKET}/mine/a", {}, 200),
        ("GET", f"/{BUCKET}/theirs/a", {}, 403),
        ("GET", f"/{BUCKET}/mine/../theirs/a", {}, 404),
        ("GET", f"/{BUCKET}/mine/%2e%2e/theirs/a", {}, 404),
        ("GET", f"/{BUCKET}%2Fmine/a", {}, 400),
        ("GET", f"//{BUCKET}/theirs/a", {}, 400),
        ("GET", f"/{BUCKET}/mine/a?acl", {}, 403),
        ("GET", f"/{BUCKET}/mine/a?%61cl", {}, 403),
        ("GET", f"/{BUCKET}/mine/a?acl&tagging", {}, 400),
        ("GET", f"/{BUCKET}/mine/a", {"acl": "x"}, 200),
        ("GET", f"/{BUCKET}/mine/a", {"x-http-method-override": "DELETE"}, 200),
        ("GET", f"/{BUCKET}/mine/a", {"x-moto-account-id": "999999999999"}, 200),
        ("GET", f"/{BUCKET}/mine/a", {"x-amz-target": "DynamoDB_20120810.Scan"}, 400),
        ("POST", f"/{BUCKET}/mine/a", {}, 405),
        ("GET", "/moto-api/", {}, 403),
        ("POST", "/moto-api/reset", {}, 405),
        ("GET", "/moto-api/data.json", {}, 403),
    ],
)
def test_ways_around_the_gate(hired: Hired, method: str, target: str, headers: dict[str, str], status: int) -> None:
    person = hired(allow("s3:GetObject", ARN + "/mine/*"), allow("s3:ListBucket", ARN))
    answer, body = raw(person, method, target, headers=headers)
    assert answer == status
    assert b"theirs/a" not in body or answer != 200


def test_comments_in_a_batch_do_not_change_a_key(hired: Hired, s3: Any) -> None:
    """A reader that stops at the comment would authorise `mine/` and another would delete `mine/../theirs`."""
    s3.put_object(Bucket=BUCKET, Key="theirs/x", Body=b"x")
    person = hired(allow("s3:DeleteObject", ARN + "/mine/*"))
    body = b"<Delete><Object><Key>theirs/<!-- -->x</Key></Object><Object><Key>mine/<!--x-->y</Key></Object></Delete>"
    status, answer = raw(person, "POST", f"/{BUCKET}?delete", body)
    assert status == 200
    assert b"<Key>theirs/x</Key><Code>AccessDenied</Code>" in answer
    assert s3.head_object(Bucket=BUCKET, Key="theirs/x")


@pytest.mark.parametrize(
    "body",
    [b"", b"<Delete/>", b"<Other/>", b"<Delete><Object/></Delete>", b"not xml",
     b"<Delete><Object><Key>x</Key></Object>" + b"<x/>" * 30_000 + b"</Delete>",
     b"<!DOCTYPE x [<!ENTITY k 'theirs/a'>]><Delete><Object><Key>&k;</Key></Object></Delete>"],
)  # fmt: skip
def test_a_malformed_batch_is_refused(hired: Hired, body: bytes) -> None:
    status, answer = raw(hired(allow("s3:DeleteObject")), "POST", f"/{BUCKET}?delete", body)
    assert status == 400
    assert b"MalformedXML" in answer
