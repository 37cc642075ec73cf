"""Which actions an S3 request needs: the table of the Service Authorization Reference."""

import pytest

from iampolicy.evaluator import Access
from sandbox.aws.gate.s3.actions import is_known, s3_accesses
from sandbox.aws.gate.s3.condition_keys import with_s3_needs
from sandbox.aws.gate.s3.request import parse_s3
from sandbox.core.errors import AwsError
from sandbox.core.http import Request


def request(line: str, **headers: str) -> Request:
    method, _, target = line.partition(" ")
    path, _, query = target.partition("?")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(method, path, query, {"authorization": "AWS4-HMAC-SHA256 x", **named}, b"", "127.0.0.1", "id")


def accesses(line: str, **headers: str) -> list[Access]:
    asked = request(line, **headers)
    call = parse_s3(asked)
    assert is_known(call)
    return with_s3_needs(call, asked, s3_accesses(call, asked), lambda: b"", lambda *_: {})


@pytest.mark.parametrize(
    ("line", "action"),
    [
        ("GET /b", "ListBucket"),
        ("GET /b/", "ListBucket"),
        ("GET /b?list-type=2&prefix=x", "ListBucket"),
        ("HEAD /b", "ListBucket"),
        ("PUT /b", "CreateBucket"),
        ("DELETE /b", "DeleteBucket"),
        ("GET /b?versions", "ListBucketVersions"),
        ("GET /b?uploads", "ListBucketMultipartUploads"),
        ("GET /b?location", "GetBucketLocation"),
        ("GET /b?acl", "GetBucketAcl"),
        ("PUT /b?acl", "PutBucketAcl"),
        ("GET /b?policy", "GetBucketPolicy"),
        ("PUT /b?policy", "PutBucketPolicy"),
        ("DELETE /b?policy", "DeleteBucketPolicy"),
        ("GET /b?policyStatus", "GetBucketPolicyStatus"),
        ("GET /b?cors", "GetBucketCORS"),
        ("PUT /b?cors", "PutBucketCORS"),
        ("DELETE /b?cors", "PutBucketCORS"),
        ("GET /b?tagging", "GetBucketTagging"),
        ("DELETE /b?tagging", "PutBucketTagging"),
        ("GET /b?versioning", "GetBucketVersioning"),
        ("PUT /b?versioning", "PutBucketVersioning"),
        ("GET /b?lifecycle", "GetLifecycleConfiguration"),
        ("PUT /b?lifecycle", "PutLifecycleConfiguration"),
        ("DELETE /b?lifecycle", "PutLifecycleConfiguration"),
        ("GET /b?encryption", "GetEncryptionConfiguration"),
        ("PUT /b?website", "PutBucketWebsite"),
        ("DELETE /b?website", "DeleteBucketWebsite"),
        ("GET /b?notification", "GetBucketNotification"),
        ("GET /b?logging", "GetBucketLogging"),
        ("GET /b?replication", "GetReplicationConfiguration"),
        ("GET /b?accelerate", "GetAccelerateConfiguration"),
        ("GET /b?requestPayment", "GetBucketRequestPayment"),
        ("GET /b?object-lock", "GetBucketObjectLockConfiguration"),
        ("GET /b?ownershipControls", "GetBucketOwnershipControls"),
        ("DELETE /b?publicAccessBlock", "PutBucketPublicAccessBlock"),
        ("GET /b?inventory&id=x", "GetInventoryConfiguration"),
        ("GET /b?metrics", "GetMetricsConfiguration"),
    ],
)
def test_requests_to_buckets(line: str, action: str) -> None:
    bucket = line.split()[1].partition("?")[0].rstrip("/")
    assert [(access.action, access.resource) for access in accesses(line.replace("/b", "/bucket"))] == [
        (f"s3:{action}", f"arn:aws:s3:::bucket{bucket[2:]}")
    ]


@pytest.mark.parametrize(
    ("line", "action"),
    [
        ("GET /bucket/k", "GetObject"),
        ("HEAD /bucket/k", "GetObject"),
        ("GET /bucket/k?versionId=1", "GetObjectVersion"),
        ("HEAD /bucket/k?versionId=1", "GetObjectVersion"),
        ("GET /bucket/k?partNumber=1", "GetObject"),
        ("PUT /bucket/k", "PutObject"),
        ("DELETE /bucket/k", "DeleteObject"),
        ("DELETE /bucket/k?versionId=1", "DeleteObjectVersion"),
        ("POST /bucket/k?uploads", "PutObject"),
        ("PUT /bucket/k?partNumber=1&uploadId=u", "PutObject"),
        ("POST /bucket/k?uploadId=u", "PutObject"),
        ("DELETE /bucket/k?uploadId=u", "AbortMultipartUpload"),
        ("GET /bucket/k?uploadId=u", "ListMultipartUploadParts"),
        ("GET /bucket/k?acl", "GetObjectAcl"),
        ("GET /bucket/k?acl&versionId=1", "GetObjectVersionAcl"),
        ("PUT /bucket/k?acl", "PutObjectAcl"),
        ("GET /bucket/k?tagging", "GetObjectTagging"),
        ("GET /bucket/k?tagging&versionId=1", "GetObjectVersionTagging"),
        ("PUT /bucket/k?tagging", "PutObjectTagging"),
        ("DELETE /bucket/k?tagging", "DeleteObjectTagging"),
        ("GET /bucket/k?retention", "GetObjectRetention"),
        ("PUT /bucket/k?legal-hold", "PutObjectLegalHold"),
        ("GET /bucket/k?torrent", "GetObjectTorrent"),
        ("POST /bucket/k?restore", "RestoreObject"),
    ],
)
def test_requests_to_objects(line: str, action: str) -> None:
    assert [(access.action, access.resource) for access in accesses(line)] == [
        (f"s3:{action}", "arn:aws:s3:::bucket/k")
    ]


def test_listing_all_buckets() -> None:
    assert [(access.action, access.resource) for access in accesses("GET /")] == [
        ("s3:ListAllMyBuckets", "arn:aws:s3:::*")
    ]


@pytest.mark.parametrize(
    ("line", "headers", "needed"),
    [
        (
            "PUT /bucket/k",
            {"x_amz_copy_source": "/from/a%20b"},
            [("s3:GetObject", "from/a b"), ("s3:PutObject", "bucket/k")],
        ),
        (
            "PUT /bucket/k",
            {"x_amz_copy_source": "from/a?versionId=7"},
            [("s3:GetObjectVersion", "from/a"), ("s3:PutObject", "bucket/k")],
        ),
        (
            "PUT /bucket/k?partNumber=1&uploadId=u",
            {"x_amz_copy_source": "from/a"},
            [("s3:GetObject", "from/a"), ("s3:PutObject", "bucket/k")],
        ),
        (
            "PUT /bucket/k",
            {"x_amz_acl": "public-read"},
            [("s3:PutObject", "bucket/k"), ("s3:PutObjectAcl", "bucket/k")],
        ),
        (
            "POST /bucket/k?uploads",
            {"x_amz_tagging": "a=b"},
            [("s3:PutObject", "bucket/k"), ("s3:PutObjectTagging", "bucket/k")],
        ),
        (
            "GET /bucket/k?attributes",
            {},
            [("s3:GetObject", "bucket/k"), ("s3:GetObjectAttributes", "bucket/k")],
        ),
        (
            "PUT /bucket",
            {"x_amz_acl": "private"},
            [("s3:CreateBucket", "bucket"), ("s3:PutBucketAcl", "bucket")],
        ),
    ],
)
def test_requests_that_need_several_rights(line: str, headers: dict[str, str], needed: list[tuple[str, str]]) -> None:
    found = [(access.action, access.resource.removeprefix("arn:aws:s3:::")) for access in accesses(line, **headers)]
    assert found == needed


def test_condition_keys_of_a_listing() -> None:
    context = accesses("GET /bucket?list-type=2&prefix=a%2Fb&delimiter=%2F&max-keys=5")[0].context
    assert (context["s3:prefix"], context["s3:delimiter"], context["s3:max-keys"]) == ("a/b", "/", "5")
    assert "s3:prefix" not in accesses("GET /bucket")[0].context


def test_condition_keys_of_an_upload() -> None:
    context = accesses("PUT /bucket/k", x_amz_acl="private", x_amz_tagging="a=1&b=2")[0].context
    assert context["s3:x-amz-acl"] == "private"
    assert context["s3:RequestObjectTag/a"] == "1"
    assert context["s3:RequestObjectTagKeys"] == ["a", "b"]


@pytest.mark.parametrize(
    ("raw", "bucket", "key"),
    [
        ("/bucket/a%2Fb", "bucket", "a/b"),
        ("/bucket/a%252Fb", "bucket", "a%2Fb"),
        ("/bucket//a", "bucket", "/a"),
        ("/bucket/a/../b", "bucket", "a/../b"),
        ("/bucket/%C3%BC", "bucket", "ü"),
        ("/bucket/a+b", "bucket", "a+b"),
        ("/bucket/", "bucket", ""),
        ("/", "", ""),
    ],
)
def test_a_path_is_read_once_and_written_anew(raw: str, bucket: str, key: str) -> None:
    call = parse_s3(request(f"GET {raw}"))
    assert (call.bucket, call.key) == (bucket, key)
    again = parse_s3(request(f"GET {call.path}"))
    assert (again.bucket, again.key) == (bucket, key)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("GET /bucket?acl&policy", "InvalidArgument"),
        ("GET /bucket/k?acl&tagging", "InvalidArgument"),
        ("GET /bucket?prefix=a&prefix=b", "InvalidArgument"),
        ("GET /buck%2Fet/k", "InvalidBucketName"),
        ("GET /b%00/k", "InvalidBucketName"),
        ("GET /..%2F..%2Fetc/k", "InvalidBucketName"),
        ("GET /bucket/%FF", "InvalidURI"),
        ("GET /bucket/" + "k" * 1025, "KeyTooLongError"),
    ],
)
def test_requests_that_two_readers_could_understand_differently_are_refused(line: str, code: str) -> None:
    with pytest.raises(AwsError) as refusal:
        parse_s3(request(line))
    assert refusal.value.code == code


@pytest.mark.parametrize("source", ["", "bucket", "/bucket", "arn:aws:s3:::bucket/key", "%FF/key"])
def test_a_copy_needs_a_bucket_and_a_key(source: str) -> None:
    with pytest.raises(AwsError) as refusal:
        parse_s3(request("PUT /bucket/k", x_amz_copy_source=source))
    assert refusal.value.code in ("InvalidArgument", "InvalidURI")


@pytest.mark.parametrize(
    "line", ["POST /bucket", "PATCH /bucket/k", "DELETE /", "POST /bucket/k", "PUT /bucket/k?uploads"]
)
def test_what_is_no_operation_is_not_known(line: str) -> None:
    assert not is_known(parse_s3(request(line)))
