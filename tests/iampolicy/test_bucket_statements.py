"""Statements of buckets' policies that S3 refuses as they concern nothing."""

from typing import Any

import pytest

from iampolicy.bucket_statements import check_bucket_statements
from iampolicy.grammar import PolicyRefused

BUCKET, OBJECTS = "arn:aws:s3:::shop", "arn:aws:s3:::shop/*"
INVALID_ACTION = "Policy has invalid action"
NO_RESOURCE = "Action does not apply to any resource(s) in statement"
INVALID_KEY = "Policy has an invalid condition key"
NO_COMBINATION = "Conditions do not apply to combination of actions and resources in statement"


def check(action: Any, resource: Any, *conditions: str, **members: Any) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": resource, **members}
    if conditions:
        statement["Condition"] = {"StringEquals": dict.fromkeys(conditions, "x")}
    check_bucket_statements({"Version": "2012-10-17", "Statement": statement}, "shop")


@pytest.mark.parametrize(
    ("action", "resource", "conditions"),
    [
        ("s3:GetObject", OBJECTS, []),
        ("S3:GETOBJECT", "arn:aws:s3:::shop/private/a.txt", []),
        ("s3:ListBucket", BUCKET, ["s3:prefix", "s3:delimiter", "aws:SourceIp"]),
        (["s3:ListBucket", "s3:GetObject"], [BUCKET, OBJECTS], []),
        ("s3:*", BUCKET, []),
        ("*", OBJECTS, ["s3:TlsVersion"]),
        ("s3:Get*", BUCKET, []),
        ("s3:List*", BUCKET, ["s3:prefix"]),
        (["s3:GetObject", "s3:DeleteObjectTagging"], OBJECTS, ["s3:ExistingObjectTag/team"]),
        ("s3:PutObject", OBJECTS, ["s3:x-amz-acl", "s3:x-amz-server-side-encryption", "s3:RequestObjectTag/team"]),
        ("s3:GetObjectVersion", OBJECTS, ["s3:ExistingObjectTag/team", "S3:VersionId"]),
        (["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"], OBJECTS, []),
        (["s3:GetBucketObjectLockConfiguration", "s3:PutBucketPolicy", "s3:DeleteBucket"], BUCKET, []),
        (["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:RestoreObject"], OBJECTS, []),
        ("s3:GetObject", OBJECTS, ["cognito-identity.amazonaws.com:sub", "saml:sub"]),
    ],
)
def test_what_s3_takes(action: Any, resource: Any, conditions: list[str]) -> None:
    check(action, resource, *conditions)


@pytest.mark.parametrize(
    ("action", "resource", "conditions", "sentence"),
    [
        ("s3:ListBucket", OBJECTS, [], NO_RESOURCE),
        ("s3:GetObject", BUCKET, [], NO_RESOURCE),
        (["s3:ListBucket", "s3:GetObject"], OBJECTS, [], NO_RESOURCE),
        (["s3:ListBucket", "s3:GetObject"], BUCKET, [], NO_RESOURCE),
        ("s3:*Object", BUCKET, [], NO_RESOURCE),
        ("s3:ListAllMyBuckets", [BUCKET, OBJECTS], [], NO_RESOURCE),
        ("s3:ListObjects", BUCKET, [], INVALID_ACTION),
        ("s3:HeadObject", OBJECTS, [], INVALID_ACTION),
        (["s3:GetObject", "s3:Gett*"], OBJECTS, [], INVALID_ACTION),
        ("s3:", OBJECTS, [], INVALID_ACTION),
        ("s3:GetObject", OBJECTS, ["s3:prefixes"], INVALID_KEY),
        ("s3:GetObject", OBJECTS, ["s3:prefix"], NO_COMBINATION),
        ("s3:*", OBJECTS, ["s3:prefix"], NO_COMBINATION),
        ("s3:ListBucket", BUCKET, ["s3:x-amz-acl"], NO_COMBINATION),
        (["s3:ListBucket", "s3:GetBucketLocation"], BUCKET, ["s3:prefix"], NO_COMBINATION),
        (["s3:ListBucket", "s3:GetObject"], [BUCKET, OBJECTS], ["s3:prefix"], NO_COMBINATION),
        ("s3:GetObjectRetention", OBJECTS, ["s3:ExistingObjectTag/team"], NO_COMBINATION),
    ],
)
def test_what_s3_refuses(action: Any, resource: Any, conditions: list[str], sentence: str) -> None:
    with pytest.raises(PolicyRefused) as refusal:
        check(action, resource, *conditions)
    assert (refusal.value.code, refusal.value.message) == ("MalformedPolicy", sentence)


def test_what_a_statement_leaves_out_is_not_asked() -> None:
    check_bucket_statements(
        {
            "Statement": [
                {"Effect": "Deny", "Principal": "*", "NotAction": "s3:GetObject", "Resource": BUCKET},
                {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "NotResource": OBJECTS},
            ]
        },
        "shop",
    )
