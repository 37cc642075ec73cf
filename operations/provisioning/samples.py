"""What the sample calls find: two objects and some items, put there after the stack is, and taken away before it goes.

CloudFormation makes buckets and tables and puts nothing into them, and it deletes no bucket that holds something.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from operations.aws import AwsAccount, in_words

_CATALOGUE = """Identity Pools Lab: product catalogue

P-001  Field notebook      12.00
P-002  Rain cover          18.50
P-003  Head torch          34.00

Read with temporary credentials of an identity pool.
"""
_ROADMAP = "What the engineers do next: read this with their own role, and see it refused to everybody else.\n"
_PRODUCTS = {
    "P-001": {"Name": "Field notebook", "Price": "12.00"},
    "P-002": {"Name": "Rain cover", "Price": "18.50"},
    "P-003": {"Name": "Head torch", "Price": "34.00"},
}
_AT_ONCE = 1000  # keys that DeleteObjects takes


@dataclass(frozen=True, slots=True)
class SampleObject:
    """An object of a bucket: the settings that name bucket and key, and what stands in it."""

    bucket: str
    key: str
    text: str


_OBJECTS = (
    SampleObject("SAMPLE_BUCKET", "SAMPLE_OBJECT_KEY", _CATALOGUE),
    SampleObject("SAMPLE_PRIVATE_BUCKET", "SAMPLE_TEAM_OBJECT_KEY", _ROADMAP),
)


def fill(account: AwsAccount, names: Mapping[str, str]) -> list[str]:
    """Put the samples where the settings say; a sentence for each thing that was put. What is there stays.

    Raises:
        AwsProblem
    """
    told = []
    for place in _OBJECTS:
        bucket, key = names[place.bucket], names[place.key]
        if key not in _keys(account, bucket):
            with in_words():
                account.client("s3").put_object(
                    Bucket=bucket, Key=key, Body=place.text.encode(), ContentType="text/plain; charset=utf-8"
                )
            told.append(f"Put s3://{bucket}/{key}.")
    table, dynamodb = names["SAMPLE_TABLE"], account.client("dynamodb")
    with in_words():
        empty = not dynamodb.scan(TableName=table, Limit=1)["Items"]
        for product, members in _PRODUCTS.items() if empty else ():
            item = {"ProductId": {"S": product}, **{name: {"S": value} for name, value in members.items()}}
            dynamodb.put_item(TableName=table, Item=item)
    return told + ([f"Put {len(_PRODUCTS)} items into the table {table}."] if empty else [])


def of_people(account: AwsAccount, names: Mapping[str, str]) -> dict[str, list[str]]:
    """Buckets -> keys of objects in them that `fill` did not put there.

    Raises:
        AwsProblem
    """
    ours = {(names[place.bucket], names[place.key]) for place in _OBJECTS}
    buckets = {names[place.bucket] for place in _OBJECTS}
    found = {bucket: [key for key in _keys(account, bucket) if (bucket, key) not in ours] for bucket in buckets}
    return {bucket: keys for bucket, keys in found.items() if keys}


def empty(account: AwsAccount, names: Mapping[str, str], *, everything: bool) -> list[str]:
    """Take away what `fill` put; a sentence for each bucket that was emptied. Tables go with what is in them.

    Args:
        everything: what people wrote as well.

    Raises:
        AwsProblem
    """
    told = []
    for bucket in dict.fromkeys(names[place.bucket] for place in _OBJECTS):
        keys = set(_keys(account, bucket))
        if not everything:
            keys &= {names[place.key] for place in _OBJECTS if names[place.bucket] == bucket}
        for chunk in _chunks(sorted(keys)):
            with in_words():
                account.client("s3").delete_objects(
                    Bucket=bucket, Delete={"Objects": [{"Key": key} for key in chunk], "Quiet": True}
                )
        if keys:
            told.append(f"Deleted {len(keys)} object{'s' if len(keys) > 1 else ''} from the bucket {bucket}.")
    return told


def _keys(account: AwsAccount, bucket: str) -> list[str]:
    with in_words():
        pages = account.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return [str(one["Key"]) for page in pages for one in _contents(page)]


def _contents(page: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(page.get("Contents", []))


def _chunks(keys: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(keys), _AT_ONCE):
        yield keys[start : start + _AT_ONCE]
