"""Condition keys of real requests: supplied from the state at the moment of the decision, or failing closed."""

import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.sandbox.aws.gate.people import Person, allow, refused
from tests.sandbox.aws.gate.test_s3_smoke import fetch
from tests.sandbox.lab import decisions_of

Hired = Callable[..., Person]
_numbers = itertools.count(1)
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "000000000000"}, "Action": "sts:AssumeRole"}],
    }
)


def when(operator: str, key: str, value: Any) -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


def deny(action: str, operator: str, key: str, value: Any) -> dict[str, Any]:
    return allow(action, Effect="Deny", **when(operator, key, value))


def works(call: Callable[..., Any], **params: Any) -> bool:
    try:
        call(**params)
    except Exception as error:
        code = getattr(error, "response", {}).get("Error", {}).get("Code", "")
        if code not in ("AccessDenied", "AccessDeniedException"):
            raise
        return False
    return True


@pytest.fixture
def bucket(admin: Person) -> str:
    """A bucket with versions, and the objects `clean` and `bad`."""
    name = f"keys-{next(_numbers)}"
    s3 = admin.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=name, Key="clean", Body=b"1", Tagging="scan=CLEAN")
    s3.put_object(Bucket=name, Key="bad", Body=b"1", Tagging="scan=INFECTED")
    return name


def test_the_tags_of_an_object(admin: Person, hired: Hired, bucket: str) -> None:
    infected = deny("s3:GetObject*", "StringEquals", "s3:ExistingObjectTag/scan", "INFECTED")
    s3 = hired(allow("s3:*"), infected).client("s3")
    assert works(s3.get_object, Bucket=bucket, Key="clean")
    assert not works(s3.get_object, Bucket=bucket, Key="bad")
    old = admin.client("s3").head_object(Bucket=bucket, Key="bad")["VersionId"]
    new = admin.client("s3").put_object(Bucket=bucket, Key="bad", Body=b"2", Tagging="scan=CLEAN")["VersionId"]
    assert works(s3.get_object, Bucket=bucket, Key="bad")
    assert works(s3.get_object, Bucket=bucket, Key="bad", VersionId=new)
    assert not works(s3.get_object, Bucket=bucket, Key="bad", VersionId=old)
    assert not works(s3.get_object_tagging, Bucket=bucket, Key="bad", VersionId=old)


@pytest.mark.parametrize(("key", "allowed"), [("clean", True), ("bad", False)])
def test_an_allow_that_asks_for_a_tag(hired: Hired, bucket: str, key: str, allowed: bool) -> None:
    statement = allow("s3:GetObject", **when("StringEquals", "s3:ExistingObjectTag/scan", "CLEAN"))
    assert works(hired(statement).client("s3").get_object, Bucket=bucket, Key=key) is allowed


def test_the_tags_that_a_request_gives_to_an_object(hired: Hired, bucket: str) -> None:
    red = [
        allow(["s3:PutObject", "s3:PutObjectTagging"], **when("StringEquals", "s3:RequestObjectTag/team", "red")),
        deny("s3:PutObject*", "ForAnyValue:StringNotEquals", "s3:RequestObjectTagKeys", ["team"]),
    ]
    s3 = hired(*red).client("s3")
    tag = {"Key": "team", "Value": "red"}
    assert works(s3.put_object, Bucket=bucket, Key="new", Body=b"1", Tagging="team=red")
    assert not works(s3.put_object, Bucket=bucket, Key="new", Body=b"1", Tagging="team=blue")
    assert not works(s3.put_object, Bucket=bucket, Key="new", Body=b"1", Tagging="team=red&other=1")
    assert works(s3.put_object_tagging, Bucket=bucket, Key="new", Tagging={"TagSet": [tag]})
    for tags in ([{"Key": "team", "Value": "blue"}], [tag, {"Key": "other", "Value": "1"}], []):
        assert not works(s3.put_object_tagging, Bucket=bucket, Key="new", Tagging={"TagSet": tags})


CLEAN = "<Tag><Key>scan</Key><Value>CLEAN</Value></Tag>"
DIRTY = "<Tag><Key>scan</Key><Value>DIRTY</Value></Tag>"


@pytest.mark.parametrize(
    "body",
    [
        f"<Tagging><TagSet>{CLEAN}</TagSet></Tagging>",
        f"<Tagging><TagSet>{CLEAN.replace('CLEAN', ' CLEAN ')}</TagSet></Tagging>",
        f"<Tagging><TagSet>{CLEAN.replace('CLEAN', 'CL<!-- -->EAN')}</TagSet></Tagging>",
        f"<Tagging><TagSet>{CLEAN.replace('CLEAN', '<![CDATA[CLEAN]]>')}</TagSet></Tagging>",
        f"<Tagging><TagSet>{CLEAN.replace('scan', 'SCAN')}</TagSet></Tagging>",
        f"<Tagging><TagSet>{CLEAN.replace('scan', 'Scan')}{DIRTY}</TagSet></Tagging>",
        f"<Tagging><TagSet>{CLEAN}{DIRTY}</TagSet></Tagging>",
        f"<Tagging><TagSet>{CLEAN}</TagSet><TagSet>{DIRTY}</TagSet></Tagging>",
        f'<Tagging xmlns:x="u"><TagSet>{CLEAN}</TagSet><x:TagSet>{DIRTY}</x:TagSet></Tagging>',
        f"<!DOCTYPE Tagging [<!ENTITY c 'CLEAN'>]><Tagging><TagSet>{CLEAN.replace('CLEAN', '&c;')}</TagSet></Tagging>",
        f"<Tagging><TagSet>{CLEAN.replace('<Value>', '<Value a=' + chr(34) + '1' + chr(34) + '>')}</TagSet></Tagging>",
    ],
)
def test_no_way_of_writing_tags_gets_around_a_deny(admin: Person, hired: Hired, bucket: str, body: str) -> None:
    person = hired(allow("s3:*"), deny("s3:PutObject*", "StringEquals", "s3:RequestObjectTag/scan", "CLEAN"))
    s3 = person.sandbox.client("s3", **person.keys)

    def replace(params: dict[str, Any], **_: Any) -> None:
        params["body"] = body.encode()

    s3.meta.events.register("before-call.s3.PutObjectTagging", replace)
    with pytest.raises(s3.exceptions.ClientError):
        s3.put_object_tagging(Bucket=bucket, Key="bad", Tagging={"TagSet": []})
    tags = admin.client("s3").get_object_tagging(Bucket=bucket, Key="bad")["TagSet"]
    assert tags == [{"Key": "scan", "Value": "INFECTED"}]


@pytest.mark.parametrize(
    "tagging", ["scan=CLEAN", "scan=CLEAN&scan=DIRTY", "scan=DIRTY&scan=CLEAN", "Scan=CLEAN&scan=D"]
)
def test_no_way_of_writing_tags_into_a_header_does(hired: Hired, bucket: str, tagging: str) -> None:
    s3 = hired(allow("s3:*"), deny("s3:PutObject*", "StringEquals", "s3:RequestObjectTag/scan", "CLEAN")).client("s3")
    with pytest.raises(s3.exceptions.ClientError):
        s3.put_object(Bucket=bucket, Key="new", Body=b"1", Tagging=tagging)


def test_how_old_a_signature_is(hired: Hired, bucket: str) -> None:
    fresh = hired(allow("s3:GetObject", **when("NumericLessThan", "s3:signatureAge", "600000"))).client("s3")
    stale = hired(allow("s3:GetObject", **when("NumericGreaterThan", "s3:signatureAge", "600000"))).client("s3")
    assert works(fresh.get_object, Bucket=bucket, Key="clean")
    assert not works(stale.get_object, Bucket=bucket, Key="clean")


def test_where_a_bucket_is_made(hired: Hired, admin: Person) -> None:
    s3 = hired(allow("s3:CreateBucket", **when("StringEquals", "s3:LocationConstraint", "us-west-2"))).client("s3")
    name = f"located-{next(_numbers)}"
    assert not works(s3.create_bucket, Bucket=name)
    assert not works(s3.create_bucket, Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert works(s3.create_bucket, Bucket=name, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})


def test_conditional_writes_may_be_enforced(hired: Hired, bucket: str) -> None:
    unconditional = allow(
        "s3:PutObject",
        Effect="Deny",
        Condition={"Null": {"s3:if-none-match": "true"}, "Bool": {"s3:ObjectCreationOperation": "true"}},
    )
    s3 = hired(allow("s3:PutObject"), unconditional).client("s3")
    assert not works(s3.put_object, Bucket=bucket, Key="once", Body=b"1")
    assert works(s3.put_object, Bucket=bucket, Key="once", Body=b"1", IfNoneMatch="*")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts")["UploadId"]
    part = {"Bucket": bucket, "Key": "parts", "UploadId": upload}
    etag = s3.upload_part(**part, PartNumber=1, Body=b"1")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    assert not works(s3.complete_multipart_upload, **part, MultipartUpload=parts)


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        (when("StringEquals", "s3:object-lock-mode", "GOVERNANCE"), True),
        (when("StringEquals", "s3:object-lock-mode", "COMPLIANCE"), False),
        (when("NumericLessThan", "s3:object-lock-remaining-retention-days", "40"), True),
        (when("NumericLessThan", "s3:object-lock-remaining-retention-days", "20"), False),
    ],
)
def test_how_long_an_object_is_locked(
    admin: Person, hired: Hired, bucket: str, statement: dict[str, Any], allowed: bool
) -> None:
    name = f"locked-{next(_numbers)}"
    admin.client("s3").create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    s3 = hired(allow(["s3:PutObject", "s3:PutObjectRetention"], **statement)).client("s3")
    lock = {
        "ObjectLockMode": "GOVERNANCE",
        "ObjectLockRetainUntilDate": datetime.now(UTC) + timedelta(days=30, hours=1),
    }
    assert works(s3.put_object, Bucket=name, Key="a", Body=b"1", **lock) is allowed


# --- What a request needs besides ---


def test_to_compare_an_etag_is_to_read(admin: Person, hired: Hired, bucket: str) -> None:
    etag = admin.client("s3").head_object(Bucket=bucket, Key="clean")["ETag"]
    writer = hired(allow(["s3:PutObject", "s3:DeleteObject"])).client("s3")
    for call, more in ((writer.put_object, {"Body": b"2"}), (writer.delete_object, {})):
        code, _, message = refused(call, Bucket=bucket, Key="clean", IfMatch=etag, **more)
        assert code == "AccessDenied"
        assert "s3:GetObject" in message
    reader = hired(allow(["s3:PutObject", "s3:GetObject"])).client("s3")
    assert works(reader.put_object, Bucket=bucket, Key="clean", Body=b"2", IfMatch=etag)


def test_a_copy_with_tags_reads_and_writes_them(hired: Hired, bucket: str) -> None:
    copy = {"Bucket": bucket, "Key": "copy", "CopySource": f"{bucket}/clean"}
    plain = hired(allow(["s3:GetObject", "s3:PutObject"])).client("s3")
    assert "s3:GetObjectTagging" in refused(plain.copy_object, **copy)[2]
    assert works(plain.copy_object, **copy, TaggingDirective="REPLACE")
    half = hired(allow(["s3:GetObject", "s3:GetObjectTagging", "s3:PutObject"])).client("s3")
    assert "s3:PutObjectTagging" in refused(half.copy_object, **copy)[2]
    rights = ["s3:GetObject", "s3:GetObjectTagging", "s3:PutObject", "s3:PutObjectTagging"]
    assert works(hired(allow(rights)).client("s3").copy_object, **copy)


TABLE: dict[str, Any] = {
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}
RED = [{"Key": "team", "Value": "red"}]
MAKING: list[tuple[str, str, dict[str, Any], str]] = [
    ("dynamodb", "create_table", {**TABLE, "TableName": "NAME", "Tags": RED}, "dynamodb:TagResource"),
    ("ssm", "put_parameter", {"Name": "NAME", "Value": "1", "Type": "String", "Tags": RED}, "ssm:AddTagsToResource"),
    (
        "cognito-identity",
        "create_identity_pool",
        {"IdentityPoolName": "NAME", "AllowUnauthenticatedIdentities": True, "IdentityPoolTags": {"team": "red"}},
        "cognito-identity:TagResource",
    ),
    (
        "cognito-idp",
        "create_user_pool",
        {"PoolName": "NAME", "UserPoolTags": {"team": "red"}},
        "cognito-idp:TagResource",
    ),
    ("iam", "create_role", {"RoleName": "NAME", "AssumeRolePolicyDocument": TRUST, "Tags": RED}, "iam:TagRole"),
]


@pytest.mark.parametrize(("service", "operation", "params", "further"), MAKING)
def test_to_make_something_with_tags_takes_the_right_to_tag(
    hired: Hired, service: str, operation: str, params: dict[str, Any], further: str
) -> None:
    name = f"made{next(_numbers)}"
    named = {key: name if value == "NAME" else value for key, value in params.items()}
    untagging = hired(allow(f"{service}:*"), allow(further, Effect="Deny"))
    assert further in refused(getattr(untagging.client(service), operation), **named)[2]
    red = when("StringEquals", "aws:RequestTag/team", "red")
    both: dict[str, Any] = {"Condition": {**red["Condition"], "ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}}
    assert works(getattr(hired(allow(f"{service}:*", **both)).client(service), operation), **named)
    blue = hired(allow(f"{service}:*"), deny(f"{service}:*", "StringEquals", "aws:RequestTag/team", "red"))
    assert not works(getattr(blue.client(service), operation), **named)


def test_a_restored_table_is_written(admin: Person, hired: Hired) -> None:
    name = f"Table{next(_numbers)}"
    dynamodb = admin.client("dynamodb")
    dynamodb.create_table(**TABLE, TableName=name)
    backup = dynamodb.create_backup(TableName=name, BackupName="one")["BackupDetails"]["BackupArn"]
    person = hired(allow("dynamodb:RestoreTableFromBackup")).client("dynamodb")
    restore = {"TargetTableName": f"{name}Again", "BackupArn": backup}
    assert "dynamodb:BatchWriteItem" in refused(person.restore_table_from_backup, **restore)[2]
    assert works(hired(allow("dynamodb:*")).client("dynamodb").restore_table_from_backup, **restore)


# --- Tags of what is there ---


def _table(admin: Person, name: str) -> dict[str, Any]:
    admin.client("dynamodb").create_table(**TABLE, TableName=name, Tags=RED)
    return {"TableName": name}


def _parameter(admin: Person, name: str) -> dict[str, Any]:
    admin.client("ssm").put_parameter(Name=f"/{name}/a", Value="1", Type="String", Tags=RED)
    return {"Name": f"/{name}/a"}


def _identity_pool(admin: Person, name: str) -> dict[str, Any]:
    pool = admin.client("cognito-identity").create_identity_pool(
        IdentityPoolName=name, AllowUnauthenticatedIdentities=True, IdentityPoolTags={"team": "red"}
    )
    return {"IdentityPoolId": pool["IdentityPoolId"]}


def _user_pool(admin: Person, name: str) -> dict[str, Any]:
    pool = admin.client("cognito-idp").create_user_pool(PoolName=name, UserPoolTags={"team": "red"})
    return {"UserPoolId": pool["UserPool"]["Id"]}


def _role(admin: Person, name: str) -> dict[str, Any]:
    admin.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST, Tags=RED)
    return {"RoleName": name}


def _policy(admin: Person, name: str) -> dict[str, Any]:
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow("s3:*")]})
    return {
        "PolicyArn": admin.client("iam").create_policy(PolicyName=name, PolicyDocument=document, Tags=RED)["Policy"][
            "Arn"
        ]
    }


@pytest.mark.parametrize("key", ["aws:ResourceTag/team", "aws:ResourceTag/TEAM"])
@pytest.mark.parametrize(
    ("service", "make", "operation"),
    [
        ("dynamodb", _table, "delete_table"),
        ("ssm", _parameter, "delete_parameter"),
        ("cognito-identity", _identity_pool, "delete_identity_pool"),
        ("cognito-idp", _user_pool, "delete_user_pool"),
        ("iam", _role, "delete_role"),
        ("iam", _policy, "delete_policy"),
    ],
)
def test_the_tags_of_a_resource(
    admin: Person, hired: Hired, service: str, make: Callable[[Person, str], dict[str, Any]], operation: str, key: str
) -> None:
    named = make(admin, f"tagged{next(_numbers)}")
    refusing = hired(allow(f"{service}:*"), deny(f"{service}:*", "StringEquals", key, "red"))
    assert not works(getattr(refusing.client(service), operation), **named)
    other = hired(allow(f"{service}:*", **when("StringEquals", key, "blue")))
    assert not works(getattr(other.client(service), operation), **named)
    assert works(
        getattr(hired(allow(f"{service}:*", **when("StringEquals", key, "red"))).client(service), operation), **named
    )


# --- Keys of single services ---


def test_parameters_that_may_not_be_overwritten(admin: Person, hired: Hired) -> None:
    name = f"/once/{next(_numbers)}"
    put = {"Name": name, "Value": "1", "Type": "String"}
    ssm = hired(allow("ssm:*"), deny("ssm:PutParameter", "StringEquals", "ssm:Overwrite", "true")).client("ssm")
    assert works(ssm.put_parameter, **put)
    assert not works(ssm.put_parameter, **put, Overwrite=True)


def test_paths_that_may_not_be_read_recursively(hired: Hired) -> None:
    ssm = hired(allow("ssm:*"), deny("ssm:GetParametersByPath", "StringEquals", "ssm:Recursive", "true")).client("ssm")
    assert works(ssm.get_parameters_by_path, Path="/once")
    assert not works(ssm.get_parameters_by_path, Path="/once", Recursive=True)


def test_policies_that_may_be_attached(admin: Person, hired: Hired) -> None:
    role = _role(admin, f"attached{next(_numbers)}")
    harmless = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    iam = hired(allow("iam:AttachRolePolicy", **when("ArnEquals", "iam:PolicyARN", harmless))).client("iam")
    assert works(iam.attach_role_policy, **role, PolicyArn=harmless)
    assert not works(iam.attach_role_policy, **role, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")


# --- What the sandbox cannot supply ---


def test_a_key_that_cannot_be_supplied_fails_closed_and_the_decision_says_so(hired: Hired, bucket: str) -> None:
    inventory = {
        "Bucket": bucket,
        "Id": "i",
        "InventoryConfiguration": {
            "Destination": {"S3BucketDestination": {"Bucket": f"arn:aws:s3:::{bucket}", "Format": "CSV"}},
            "IsEnabled": True,
            "Id": "i",
            "IncludedObjectVersions": "All",
            "Schedule": {"Frequency": "Daily"},
        },
    }
    key = "s3:InventoryAccessibleOptionalFields"
    allowing = hired(allow("s3:*", **when("ForAllValues:StringEquals", key, ["Size"]))).client("s3")
    denying = hired(allow("s3:*"), deny("s3:*", "ForAnyValue:StringEquals", key, ["ChecksumAlgorithm"])).client("s3")
    for s3 in (allowing, denying):
        assert works(s3.list_objects_v2, Bucket=bucket)  # The key is not documented for this action: it is absent.
        with pytest.raises(s3.exceptions.ClientError) as error:
            s3.put_bucket_inventory_configuration(**inventory)
        last = decisions_of(error.value.response)[-1]
        assert (last["code"], last["verdict"]) == ("policy.condition_key", "deny")
        assert key.lower() in last["actual"]


def test_a_url_that_does_not_say_when_it_was_signed(hired: Hired, bucket: str) -> None:
    person = hired(allow("s3:GetObject"), deny("s3:GetObject", "NumericGreaterThan", "s3:signatureAge", "600000"))
    keys = person.keys
    old = boto3.client(
        "s3",
        endpoint_url=person.sandbox.url,
        region_name="us-east-1",
        aws_access_key_id=keys["access_key"],
        aws_secret_access_key=keys["secret_key"],
        aws_session_token=keys["token"],
        config=Config(signature_version="s3"),
    )
    assert fetch(old.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "clean"}))[0] == 403


@pytest.mark.parametrize(
    "key",
    [
        "aws:MultiFactorAuthAge", "aws:SourceVpc", "aws:SourceVpce", "aws:VpcSourceIp", "aws:PrincipalOrgID",
        "aws:PrincipalOrgPaths", "aws:ResourceOrgID", "aws:SourceArn", "aws:SourceAccount", "aws:CalledVia",
        "saml:aud", "accounts.google.com:aud", "s3:DataAccessPointArn", "aws:ResourceTag/team", "s3:BucketTag/team",
    ],
)  # fmt: skip
def test_keys_whose_absence_is_the_truth(hired: Hired, bucket: str, key: str) -> None:
    s3 = hired(allow("s3:*", **when("Null", key, "true"))).client("s3")
    assert works(s3.get_object, Bucket=bucket, Key="clean")


def test_guests_have_no_word_on_second_factors(guest: Person, hired: Hired, admin: Person, bucket: str) -> None:
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
    }
    document = json.dumps(
        {"Version": "2012-10-17", "Statement": [statement, {**statement, "Effect": "Allow", "Condition": {}}]}
    )
    admin.client("s3").put_bucket_policy(Bucket=bucket, Policy=document)
    assert works(guest.client("s3").get_object, Bucket=bucket, Key="clean")
    assert not works(hired(allow("s3:*")).client("s3").get_object, Bucket=bucket, Key="clean")
    assert works(admin.client("s3").get_object, Bucket=bucket, Key="clean")
