"""S3 through the sandbox for a role that may do everything: nothing of moto is made worse."""

import hashlib
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from tests.sandbox.aws.gate.people import Person, allow, refused

BUCKET = "smoke-bucket"


@pytest.fixture(scope="module")
def s3(admin: Person) -> Any:
    """The client of a role that has every right on S3."""
    from tests.sandbox.aws.gate.people import hire

    return hire(admin.sandbox, [allow("s3:*")], {}).client("s3")


@pytest.fixture(scope="module", autouse=True)
def bucket(s3: Any) -> None:
    s3.create_bucket(Bucket=BUCKET)


def put(s3: Any, key: str, body: bytes = b"hello", **more: Any) -> Any:
    return s3.put_object(Bucket=BUCKET, Key=key, Body=body, **more)


def body_of(s3: Any, key: str, **more: Any) -> bytes:
    content: bytes = s3.get_object(Bucket=BUCKET, Key=key, **more)["Body"].read()
    return content


def test_objects_are_put_read_described_and_deleted(s3: Any) -> None:
    etag = put(s3, "one.txt", b"hello", ContentType="text/plain", Metadata={"colour": "red"})["ETag"]
    assert etag == f'"{hashlib.md5(b"hello").hexdigest()}"'  # noqa: S324
    answer = s3.get_object(Bucket=BUCKET, Key="one.txt")
    assert (answer["Body"].read(), answer["ContentType"], answer["Metadata"]) == (
        b"hello",
        "text/plain",
        {"colour": "red"},
    )
    head = s3.head_object(Bucket=BUCKET, Key="one.txt")
    assert (head["ContentLength"], head["ETag"]) == (5, etag)
    s3.delete_object(Bucket=BUCKET, Key="one.txt")
    assert refused(s3.get_object, Bucket=BUCKET, Key="one.txt")[:2] == ("NoSuchKey", 404)
    assert refused(s3.head_object, Bucket=BUCKET, Key="one.txt")[1] == 404


@pytest.mark.parametrize(
    "key",
    [
        "plain",
        "with space",
        "ümläut/日本語.txt",
        "a+b",
        "a%2Fb",
        "100%",
        "q?x=1&y",
        "semi;colon",
        "hash#tag",
        "a//b",
        "/leading",
        "trailing/",
        "dots/../x",
        "./x",
        "quote'\"<>&",
        "tilde~(paren)!*",
        "eq=uals,comma:colon@at$",
        "emoji 🎒",
        "new\nline",
    ],
)
def test_any_key_comes_back_as_it_went(s3: Any, key: str) -> None:
    put(s3, key, key.encode())
    assert body_of(s3, key) == key.encode()
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix=key)["Contents"]
    assert [item["Key"] for item in listed if item["Key"] == key] == [key]
    s3.copy_object(Bucket=BUCKET, Key="copied", CopySource={"Bucket": BUCKET, "Key": key})
    assert body_of(s3, "copied") == key.encode()
    s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": key}]})
    assert refused(s3.get_object, Bucket=BUCKET, Key=key)[0] == "NoSuchKey"


@pytest.mark.parametrize(
    ("requested", "expected"),
    [("bytes=0-3", b"0123"), ("bytes=5-", b"56789"), ("bytes=-2", b"89"), ("bytes=3-3", b"3")],
)
def test_ranges(s3: Any, requested: str, expected: bytes) -> None:
    put(s3, "ranged", b"0123456789")
    answer = s3.get_object(Bucket=BUCKET, Key="ranged", Range=requested)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert answer["Body"].read() == expected


def test_a_range_outside_is_refused(s3: Any) -> None:
    put(s3, "ranged", b"0123456789")
    assert refused(s3.get_object, Bucket=BUCKET, Key="ranged", Range="bytes=50-60")[:2] == ("InvalidRange", 416)


def test_binary_and_empty_bodies(s3: Any) -> None:
    everything = bytes(range(256)) * 1000
    put(s3, "binary", everything)
    assert body_of(s3, "binary") == everything
    put(s3, "empty", b"")
    assert body_of(s3, "empty") == b""


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_body_that_says_it_is_a_form_is_stored_as_it_is(s3: Any, content_type: str) -> None:
    put(s3, "form", b"key=other&acl=public-read", ContentType=content_type)
    answer = s3.get_object(Bucket=BUCKET, Key="form")
    assert (answer["Body"].read(), answer["ContentType"]) == (b"key=other&acl=public-read", content_type)


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_streams_travel_in_chunks_with_a_checksum_behind(s3: Any, algorithm: str) -> None:
    content = b"stream" * 50_000
    s3.put_object(Bucket=BUCKET, Key="streamed", Body=BytesIO(content), ChecksumAlgorithm=algorithm)
    answer = s3.get_object(Bucket=BUCKET, Key="streamed", ChecksumMode="ENABLED")
    assert answer["Body"].read() == content
    assert "ContentEncoding" not in answer


def test_conditional_reads(s3: Any) -> None:
    etag = put(s3, "conditional")["ETag"]
    assert body_of(s3, "conditional", IfMatch=etag) == b"hello"
    assert refused(s3.get_object, Bucket=BUCKET, Key="conditional", IfNoneMatch=etag)[1] == 304
    assert refused(s3.get_object, Bucket=BUCKET, Key="conditional", IfMatch='"x"')[:2] == ("PreconditionFailed", 412)


def test_multipart_uploads(s3: Any) -> None:
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="parts", ContentType="text/x-parts")["UploadId"]
    first, second = b"a" * (5 * 1024 * 1024), b"b" * 10
    parts = []
    for number, content in enumerate((first, second), start=1):
        answer = s3.upload_part(Bucket=BUCKET, Key="parts", UploadId=upload, PartNumber=number, Body=content)
        parts.append({"PartNumber": number, "ETag": answer["ETag"]})
    listed = s3.list_parts(Bucket=BUCKET, Key="parts", UploadId=upload)["Parts"]
    assert [part["Size"] for part in listed] == [len(first), len(second)]
    assert upload in [item["UploadId"] for item in s3.list_multipart_uploads(Bucket=BUCKET)["Uploads"]]
    s3.complete_multipart_upload(Bucket=BUCKET, Key="parts", UploadId=upload, MultipartUpload={"Parts": parts})
    assert body_of(s3, "parts") == first + second


def test_an_upload_that_is_completed_again_gets_the_same_answer(s3: Any) -> None:
    named = {"Bucket": BUCKET, "Key": "twice"}
    upload = s3.create_multipart_upload(**named)["UploadId"]
    named["UploadId"] = upload
    parts = [{"PartNumber": 1, "ETag": s3.upload_part(**named, PartNumber=1, Body=b"once")["ETag"]}]
    first, second = (s3.complete_multipart_upload(**named, MultipartUpload={"Parts": parts}) for _ in range(2))
    for answer in (first, second):
        answer.pop("ResponseMetadata")
    assert first == second
    # It stays what was put there since, and other parts, another key and another upload are none of that.
    put(s3, "twice", b"since")
    assert s3.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})["ETag"] == first["ETag"]
    assert body_of(s3, "twice") == b"since"
    other = [{"PartNumber": 1, "ETag": '"' + "0" * 32 + '"'}]
    for wrong in ({"parts": other}, {"Key": "thrice"}, {"UploadId": f"{upload}x"}):
        asked = {**named, **{name: value for name, value in wrong.items() if name != "parts"}}
        chosen = {"Parts": wrong.get("parts", parts)}
        with pytest.raises(ClientError) as error:
            s3.complete_multipart_upload(**asked, MultipartUpload=chosen)
        assert error.value.response["Error"]["Code"] == "NoSuchUpload"
        assert error.value.response["Error"]["UploadId"] == asked["UploadId"]


def test_what_is_left_out_on_purpose_says_so(s3: Any) -> None:
    put(s3, "table.csv", b"a,b")
    expression = {"Expression": "SELECT * FROM s3object", "ExpressionType": "SQL"}
    forms: dict[str, Any] = {"InputSerialization": {"CSV": {}}, "OutputSerialization": {"CSV": {}}}
    told = refused(s3.select_object_content, Bucket=BUCKET, Key="table.csv", **expression, **forms)
    assert told == ("NotImplemented", 501, "This sandbox does not emulate SelectObjectContent of s3.")
    told = refused(s3.get_bucket_request_payment, Bucket=BUCKET)
    assert told == ("NotImplemented", 501, "This sandbox does not emulate GetBucketRequestPayment of s3.")


def test_part_copies_and_aborted_uploads(s3: Any) -> None:
    put(s3, "source", b"c" * 100)
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="copy-parts")["UploadId"]
    answer = s3.upload_part_copy(
        Bucket=BUCKET, Key="copy-parts", UploadId=upload, PartNumber=1, CopySource=f"{BUCKET}/source"
    )
    assert answer["CopyPartResult"]["ETag"]
    s3.abort_multipart_upload(Bucket=BUCKET, Key="copy-parts", UploadId=upload)
    assert refused(s3.list_parts, Bucket=BUCKET, Key="copy-parts", UploadId=upload)[0] == "NoSuchUpload"


def test_the_transfer_manager_uploads_and_downloads(s3: Any) -> None:
    content = b"t" * (6 * 1024 * 1024)
    small = TransferConfig(multipart_threshold=5 * 1024 * 1024, multipart_chunksize=5 * 1024 * 1024)
    s3.upload_fileobj(BytesIO(content), BUCKET, "managed", Config=small)
    received = BytesIO()
    s3.download_fileobj(BUCKET, "managed", received, Config=small)
    assert received.getvalue() == content


def test_lists_with_prefix_delimiter_and_pages(s3: Any) -> None:
    for name in ("list/a", "list/b", "list/c/d", "list/c/e"):
        put(s3, name)
    answer = s3.list_objects_v2(Bucket=BUCKET, Prefix="list/", Delimiter="/")
    assert [item["Key"] for item in answer["Contents"]] == ["list/a", "list/b"]
    assert [item["Prefix"] for item in answer["CommonPrefixes"]] == ["list/c/"]
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=BUCKET, Prefix="list/", PaginationConfig={"PageSize": 3}
    )
    assert [len(page["Contents"]) for page in pages] == [3, 1]
    older = s3.list_objects(Bucket=BUCKET, Prefix="list/")
    assert len(older["Contents"]) == 4


def test_versions(s3: Any) -> None:
    s3.create_bucket(Bucket="smoke-versions")
    s3.put_bucket_versioning(Bucket="smoke-versions", VersioningConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_versioning(Bucket="smoke-versions")["Status"] == "Enabled"
    first = s3.put_object(Bucket="smoke-versions", Key="k", Body=b"1")["VersionId"]
    s3.put_object(Bucket="smoke-versions", Key="k", Body=b"2")
    assert s3.get_object(Bucket="smoke-versions", Key="k", VersionId=first)["Body"].read() == b"1"
    assert len(s3.list_object_versions(Bucket="smoke-versions")["Versions"]) == 2
    s3.delete_object(Bucket="smoke-versions", Key="k", VersionId=first)
    assert s3.delete_object(Bucket="smoke-versions", Key="k")["DeleteMarker"]


def test_tags_of_objects_and_buckets(s3: Any) -> None:
    put(s3, "tagged", Tagging="a=1&b=2")
    assert len(s3.get_object_tagging(Bucket=BUCKET, Key="tagged")["TagSet"]) == 2
    s3.put_object_tagging(Bucket=BUCKET, Key="tagged", Tagging={"TagSet": [{"Key": "c", "Value": "3"}]})
    assert s3.get_object_tagging(Bucket=BUCKET, Key="tagged")["TagSet"] == [{"Key": "c", "Value": "3"}]
    s3.delete_object_tagging(Bucket=BUCKET, Key="tagged")
    s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": [{"Key": "x", "Value": "y"}]})
    assert s3.get_bucket_tagging(Bucket=BUCKET)["TagSet"] == [{"Key": "x", "Value": "y"}]
    s3.delete_bucket_tagging(Bucket=BUCKET)
    assert refused(s3.get_bucket_tagging, Bucket=BUCKET)[0] == "NoSuchTagSet"


def test_access_control_lists(s3: Any) -> None:
    put(s3, "listed", ACL="public-read")
    assert len(s3.get_object_acl(Bucket=BUCKET, Key="listed")["Grants"]) == 2
    s3.put_object_acl(Bucket=BUCKET, Key="listed", ACL="private")
    assert len(s3.get_object_acl(Bucket=BUCKET, Key="listed")["Grants"]) == 1
    s3.put_bucket_acl(Bucket=BUCKET, ACL="private")
    assert s3.get_bucket_acl(Bucket=BUCKET)["Owner"]


def test_attributes(s3: Any) -> None:
    put(s3, "attributes", b"12345")
    answer = s3.get_object_attributes(Bucket=BUCKET, Key="attributes", ObjectAttributes=["ObjectSize", "ETag"])
    assert answer["ObjectSize"] == 5


CORS = {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
        ],
    }
)
LIFECYCLE = {"Rules": [{"ID": "x", "Status": "Enabled", "Filter": {"Prefix": "old/"}, "Expiration": {"Days": 1}}]}
ENCRYPTION = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
BLOCK = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
OWNERSHIP = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}


@pytest.mark.parametrize(
    ("noun", "params", "deleted"),
    [
        ("bucket_cors", {"CORSConfiguration": CORS}, "bucket_cors"),
        ("bucket_policy", {"Policy": POLICY}, "bucket_policy"),
        ("bucket_lifecycle_configuration", {"LifecycleConfiguration": LIFECYCLE}, "bucket_lifecycle"),
        ("bucket_encryption", {"ServerSideEncryptionConfiguration": ENCRYPTION}, "bucket_encryption"),
        ("public_access_block", {"PublicAccessBlockConfiguration": BLOCK}, "public_access_block"),
        ("bucket_ownership_controls", {"OwnershipControls": OWNERSHIP}, "bucket_ownership_controls"),
    ],
)
def test_configurations_of_a_bucket(s3: Any, noun: str, params: dict[str, Any], deleted: str) -> None:
    getattr(s3, f"put_{noun}")(Bucket=BUCKET, **params)
    assert getattr(s3, f"get_{noun}")(Bucket=BUCKET)
    getattr(s3, f"delete_{deleted}")(Bucket=BUCKET)
    assert refused(getattr(s3, f"get_{noun}"), Bucket=BUCKET)[1] == 404


def test_buckets_are_made_listed_and_deleted(s3: Any) -> None:
    s3.create_bucket(Bucket="smoke-short-lived")
    assert "smoke-short-lived" in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    assert s3.head_bucket(Bucket="smoke-short-lived")["ResponseMetadata"]["HTTPStatusCode"] == 200
    s3.get_bucket_location(Bucket="smoke-short-lived")
    s3.put_object(Bucket="smoke-short-lived", Key="k", Body=b"x")
    assert refused(s3.delete_bucket, Bucket="smoke-short-lived")[:2] == ("BucketNotEmpty", 409)
    s3.delete_object(Bucket="smoke-short-lived", Key="k")
    s3.delete_bucket(Bucket="smoke-short-lived")
    assert refused(s3.head_bucket, Bucket="smoke-short-lived")[1] == 404


def fetch(url: str, method: str = "GET", data: bytes | None = None) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=data, method=method), timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_presigned_urls_read_and_write(s3: Any) -> None:
    upload = s3.generate_presigned_url("put_object", Params={"Bucket": BUCKET, "Key": "pre signed/ü"})
    assert fetch(upload, "PUT", b"by link")[0] == 200
    download = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "pre signed/ü"})
    assert fetch(download) == (200, b"by link")
    typed = {"Bucket": BUCKET, "Key": "pre signed/ü", "ResponseContentType": "text/x-other"}
    with urllib.request.urlopen(s3.generate_presigned_url("get_object", Params=typed), timeout=60) as answer:
        assert answer.headers["Content-Type"] == "text/x-other"


@pytest.mark.parametrize(
    ("seconds", "message"),
    [
        (
            "604801",
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less",
        ),
        ("-1", "X-Amz-Expires must be non-negative"),
        ("soon", "X-Amz-Expires should be a number"),
    ],
)
def test_a_presigned_url_of_another_age(s3: Any, seconds: str, message: str) -> None:
    url = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "any"}, ExpiresIn=60)
    status, body = fetch(url.replace("X-Amz-Expires=60", f"X-Amz-Expires={seconds}"))
    assert status == 400
    assert f"<Code>AuthorizationQueryParametersError</Code><Message>{message}" in body.decode()


def test_a_presigned_url_is_good_for_what_was_signed_only(s3: Any) -> None:
    put(s3, "presigned")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "presigned"})
    assert fetch(url.replace("/presigned?", "/other?"))[0] == 403
    assert fetch(url, "DELETE")[0] == 403
    assert fetch(url + "&acl=")[0] == 403
    assert fetch(url.partition("?")[0])[0] == 403


def test_a_presigned_url_has_the_rights_of_its_maker(hired: Callable[..., Person], s3: Any) -> None:
    put(s3, "presigned")
    nobody = hired().client("s3")
    status, body = fetch(nobody.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "presigned"}))
    assert status == 403
    assert b"is not authorized to perform: s3:GetObject" in body


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("get_object_retention", {"Key": "one"}),
        ("get_object_torrent", {"Key": "one"}),
        ("get_bucket_request_payment", {}),
        ("put_bucket_request_payment", {"RequestPaymentConfiguration": {"Payer": "Requester"}}),
        ("list_bucket_metrics_configurations", {}),
    ],
)
def test_what_moto_has_not_is_not_mistaken_for_something_else(s3: Any, operation: str, params: dict[str, Any]) -> None:
    put(s3, "one")
    code, status, _ = refused(getattr(s3, operation), Bucket=BUCKET, **params)
    assert (code, status) == ("NotImplemented", 501)


def test_a_wrong_checksum_is_noticed(s3: Any) -> None:
    with pytest.raises(ClientError) as error:
        put(s3, "bad", b"hello", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA==")
    assert error.value.response["Error"]["Code"] == "BadDigest"
    with pytest.raises(ClientError) as error:
        put(s3, "bad", b"hello", ChecksumSHA256="A" * 43 + "=")
    assert error.value.response["Error"]["Code"] == "BadDigest"
    assert refused(s3.get_object, Bucket=BUCKET, Key="bad")[0] == "NoSuchKey"


def test_a_bucket_that_is_made_again_stays_as_it_is(admin: Person) -> None:
    """In us-east-1 that is no error (S3 API Reference, CreateBucket, BucketAlreadyOwnedByYou)."""
    s3 = admin.client("s3")
    s3.create_bucket(Bucket="made-twice")
    s3.put_object(Bucket="made-twice", Key="a", Body=b"hello")
    s3.create_bucket(Bucket="made-twice")
    assert s3.get_object(Bucket="made-twice", Key="a")["Body"].read() == b"hello"
