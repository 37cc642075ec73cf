"""Hostile requests: always an AWS-shaped answer, never an internal error."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sandbox.aws.gate.people import Person, a_table
from tests.sandbox.aws.gate.wire import send

BUCKET, TABLE = "fuzz-bucket", "FuzzTable"
KEYS = Credentials("test", "test")
FEW = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))

OPERATIONS = st.sampled_from(
    [
        "GetItem",
        "PutItem",
        "UpdateItem",
        "DeleteItem",
        "Query",
        "Scan",
        "BatchGetItem",
        "BatchWriteItem",
        "TransactGetItems",
        "TransactWriteItems",
        "DescribeTable",
        "CreateTable",
        "UpdateTable",
        "ListTables",
        "TagResource",
        "UpdateTimeToLive",
    ]
)
NAMES = st.sampled_from(
    [
        "TableName",
        "Key",
        "Item",
        "RequestItems",
        "TransactItems",
        "Get",
        "Put",
        "IndexName",
        "KeyConditionExpression",
        "ExpressionAttributeValues",
        "ExpressionAttributeNames",
        "FilterExpression",
        "UpdateExpression",
        "ProjectionExpression",
        "Limit",
        "Select",
        "S",
        "N",
        "B",
        "M",
        "L",
        "ProductId",
        "AttributeDefinitions",
        "KeySchema",
        "ResourceArn",
        "Tags",
        "ExclusiveStartKey",
        "ReturnValues",
    ]
)
LEAVES = (
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=8) | st.sampled_from([TABLE, "P-1", ":v", "#n"])
)
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=12
)
BODIES = st.dictionaries(NAMES, TREES, max_size=5).map(lambda body: {"TableName": TABLE, **body})


@pytest.fixture(scope="module", autouse=True)
def playground(admin: Person) -> Iterator[None]:
    admin.client("s3").create_bucket(Bucket=BUCKET)
    admin.client("s3").put_object(Bucket=BUCKET, Key="key", Body=b"0123456789")
    with a_table(admin.client("dynamodb"), TABLE, key="ProductId"):
        yield


def is_shaped(status: int, body: bytes) -> bool:
    """A success, a refusal, or "not emulated"; refusals say which."""
    if status < 400:
        return True
    return (status < 500 or status == 501) and (not body or b"__type" in body or b"<Code>" in body)


@pytest.mark.slow
@FEW
@given(operation=OPERATIONS, body=BODIES)
def test_any_dynamodb_body(admin: Person, operation: str, body: Any) -> None:
    data = json.dumps(body).encode()
    request = AWSRequest("POST", admin.sandbox.url + "/", data=data)
    request.headers["X-Amz-Target"] = f"DynamoDB_20120810.{operation}"
    request.headers["Content-Type"] = "application/x-amz-json-1.0"
    SigV4Auth(KEYS, "dynamodb", "us-east-1").add_auth(request)
    status, answer = send(request, data)
    assert is_shaped(status, answer), (status, answer[:200])


SUBRESOURCES = st.sampled_from(
    ["", "acl", "policy", "tagging", "versioning", "versions", "uploads", "delete", "cors", "lifecycle", "location",
     "encryption", "website", "logging", "notification", "list-type=2", "versionId=x", "uploadId=x", "partNumber=x",
     "uploadId=x&partNumber=1", "prefix=%00", "max-keys=x", "max-keys=-1", "continuation-token=x", "attributes",
     "retention", "legal-hold", "restore", "publicAccessBlock", "replication", "inventory&id=x", "object-lock"]
)  # fmt: skip
PATHS = st.sampled_from(
    ["/", f"/{BUCKET}", f"/{BUCKET}/", f"/{BUCKET}/product-catalog.pdf", "/no-such-bucket/x", "//", "/%"]
)
HEADERS = st.dictionaries(
    st.sampled_from(["range", "if-match", "if-modified-since", "x-amz-copy-source", "x-amz-tagging", "x-amz-acl",
                     "x-amz-storage-class", "x-amz-object-attributes", "content-md5", "x-amz-checksum-crc32",
                     "x-amz-decoded-content-length", "content-encoding", "x-amz-object-lock-mode"]),
    st.sampled_from(["x", "bytes=5-1", "bytes=x", "-1", "", "aws-chunked", f"{BUCKET}/key", "a=b&a=c"]),
    max_size=2,
)  # fmt: skip
XML = st.sampled_from([b"", b"x", b"<a/>", b"<Delete><Object><Key>no</Key></Object></Delete>", b"<a>&b;</a>",
                       b"\xff" * 9,
                       b"<Tagging><TagSet><Tag/></TagSet></Tagging>", b"<CreateBucketConfiguration/>"])  # fmt: skip


@pytest.mark.slow
@FEW
@given(
    method=st.sampled_from(["GET", "HEAD", "PUT", "POST", "DELETE"]),
    path=PATHS,
    query=SUBRESOURCES,
    headers=HEADERS,
    body=XML,
)
def test_any_s3_request(
    admin: Person, method: str, path: str, query: str, headers: dict[str, str], body: bytes
) -> None:
    request = AWSRequest(method, f"{admin.sandbox.url}{path}?{query}", data=body, headers=headers)
    S3SigV4Auth(KEYS, "s3", "us-east-1").add_auth(request)
    status, answer = send(request, body)
    assert is_shaped(status, answer), (status, answer[:200])


@pytest.mark.parametrize(
    "target", ["DynamoDB_20120810.Scan", "AWSCognitoIdentityProviderService.ListUsers", "X.Y", ".", ""]
)
@pytest.mark.parametrize("body", [b"", b"null", b"3", b'"x"', b"{", b"[" * 100_000, b"\xff\xfe"])
def test_bodies_that_are_no_object(admin: Person, target: str, body: bytes) -> None:
    request = AWSRequest("POST", admin.sandbox.url + "/", data=body)
    request.headers["X-Amz-Target"] = target
    request.headers["Content-Type"] = "application/x-amz-json-1.1"
    SigV4Auth(KEYS, "cognito-idp" if "Cognito" in target else "dynamodb", "us-east-1").add_auth(request)
    status, answer = send(request, body)
    assert is_shaped(status, answer), (status, answer[:200])
