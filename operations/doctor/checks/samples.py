"""What the sample calls look for: buckets, an object, tables, a parameter."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings

from operations.doctor import fixes
from operations.doctor.findings import Finding, Fix
from operations.doctor.subject import Subject

_BLOCK = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
_NO_BUCKET = ("NoSuchBucket", "404")
_TABLES = {"SAMPLE_TABLE": [("ProductId", "HASH")], "SAMPLE_NOTES_TABLE": [("IdentityId", "HASH"), ("NoteId", "RANGE")]}
_GREETING = "/identity-pools-lab/greeting"


def there(it: Subject) -> Iterator[Finding | str]:
    """Whether they exist in this region, encrypted, and closed to the public."""
    names = {name: getattr(settings, name) for name in ("SAMPLE_BUCKET", "SAMPLE_PRIVATE_BUCKET", *_TABLES)}
    for name in ("SAMPLE_BUCKET", "SAMPLE_PRIVATE_BUCKET"):
        if names[name]:
            yield from _bucket(it, name, names[name])
    for name, keys in _TABLES.items():
        if names[name]:
            yield from _table(it, name, names[name], keys)
    yield from _parameter(it)
    yield ", ".join(value for value in names.values() if value) or "none is set"


def _bucket(it: Subject, setting: str, bucket: str) -> Iterator[Finding]:
    region = settings.AWS_REGION
    found = it.looking.ask("s3", "GetBucketLocation", region, missing=_NO_BUCKET, Bucket=bucket)
    if found is None:
        yield Finding(
            "error",
            f"there is no bucket {bucket}",
            f"the bucket of {setting}",
            "The sample calls end with NoSuchBucket.",
            _made(bucket, region),
        )
        return
    where = found.get("LocationConstraint") or "us-east-1"
    if where != region:
        here = f"{bucket[: 62 - len(region)]}-{region}"
        yield Finding(
            "error",
            f"the bucket {bucket} is in {where}",
            f"in {region} (AWS_REGION)",
            "The sample calls are sent to the other region, and redirected or refused.",
            (
                *_made(here, region),
                fixes.setting(setting, here),
                fixes.by_hand("The roles' policies name the bucket, too."),
            ),
        )
        return
    if setting == "SAMPLE_BUCKET":
        yield from _object(it, bucket)
    if settings.APP_MODE != "sandbox":  # there nobody but its own people reaches it
        yield from _protection(it, bucket, region)


def _protection(it: Subject, bucket: str, region: str) -> Iterator[Finding]:
    """Whether others than those who may can reach it, or could read its disks."""
    none = ("NoSuchPublicAccessBlockConfiguration",)
    blocked = it.looking.ask("s3", "GetPublicAccessBlock", region, missing=none, Bucket=bucket)
    if (blocked or {}).get("PublicAccessBlockConfiguration") != _BLOCK:
        yield Finding(
            "error",
            f"the bucket {bucket} does not block public access",
            "all four switches on",
            "One wrong policy or ACL, and everybody reads or writes it without the identity pool.",
            (_closed(bucket, region),),
        )
    none = ("ServerSideEncryptionConfigurationNotFoundError",)
    if it.looking.ask("s3", "GetBucketEncryption", region, missing=none, Bucket=bucket) is None:
        yield Finding(
            "warning",
            f"the bucket {bucket} names no encryption",
            "encryption at rest",
            "Older buckets keep what was put there as it came.",
            (_encrypted(bucket, region),),
        )


def _object(it: Subject, bucket: str) -> Iterator[Finding]:
    key = settings.SAMPLE_OBJECT_KEY
    listed = it.looking.get("s3", "ListObjectsV2", settings.AWS_REGION, Bucket=bucket, Prefix=key, MaxKeys=1)
    if key not in [one["Key"] for one in listed.get("Contents", [])]:
        put = f"aws s3api put-object --region {settings.AWS_REGION} --bucket {bucket} --key {key} --body README.md"
        yield Finding(
            "error",
            f"there is no object {key} in {bucket}",
            "the object of SAMPLE_OBJECT_KEY",
            "The sample call that reads it ends with NoSuchKey.",
            (Fix("aws", put),),
        )


def _made(bucket: str, region: str) -> tuple[Fix, ...]:
    elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": region}}
    made: dict[str, Any] = {"Bucket": bucket, **({} if region == "us-east-1" else elsewhere)}
    return fixes.aws("s3", "CreateBucket", made, region), _closed(bucket, region), _encrypted(bucket, region)


def _closed(bucket: str, region: str) -> Fix:
    return fixes.aws("s3", "PutPublicAccessBlock", {"Bucket": bucket, "PublicAccessBlockConfiguration": _BLOCK}, region)


def _encrypted(bucket: str, region: str) -> Fix:
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
    params = {"Bucket": bucket, "ServerSideEncryptionConfiguration": rules}
    return fixes.aws("s3", "PutBucketEncryption", params, region)


def _table(it: Subject, setting: str, table: str, keys: list[tuple[str, str]]) -> Iterator[Finding]:
    region = settings.AWS_REGION
    found = it.looking.ask("dynamodb", "DescribeTable", region, missing=("ResourceNotFoundException",), TableName=table)
    schema = [{"AttributeName": name, "KeyType": kind} for name, kind in keys]
    made = {
        "TableName": table,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
        "KeySchema": schema,
    }
    if found is None:
        yield Finding(
            "error",
            f"there is no table {table} in {region}",
            f"the table of {setting}",
            "The sample calls end with ResourceNotFoundException.",
            (fixes.aws("dynamodb", "CreateTable", made, region),),
        )
    elif found["Table"]["KeySchema"] != schema:
        other = f"{table}-by-{keys[0][0]}"
        yield Finding(
            "error",
            f"the table {table} has other keys than {', '.join(name for name, _ in keys)}",
            "those keys",
            "The sample calls write and read by them.",
            (
                fixes.aws("dynamodb", "CreateTable", {**made, "TableName": other}, region),
                fixes.setting(setting, other),
                fixes.by_hand("The roles' policies name the table, too."),
            ),
        )


def _parameter(it: Subject) -> Iterator[Finding]:
    region = settings.AWS_REGION
    if it.looking.ask("ssm", "GetParameter", region, missing=("ParameterNotFound",), Name=_GREETING) is None:
        put = {"Name": _GREETING, "Type": "String", "Value": "hello"}
        yield Finding(
            "warning",
            f"there is no parameter {_GREETING}",
            "a parameter for the sample call that guests are refused",
            "In the basic flow it ends with ParameterNotFound instead of the value.",
            (fixes.aws("ssm", "PutParameter", put, region),),
        )
