"""DynamoDB through the sandbox for a role that may do everything."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import boto3
import pytest

from tests.sandbox.aws.gate.people import Person, a_table, allow, hire, refused

TABLE = "SmokeTable"


@pytest.fixture(scope="module")
def person(admin: Person) -> Person:
    return hire(admin.sandbox, [allow("dynamodb:*")], {})


@pytest.fixture(scope="module")
def dynamodb(person: Person) -> Iterator[Any]:
    client = person.client("dynamodb")
    index = {
        "IndexName": "by-owner",
        "KeySchema": [{"AttributeName": "owner", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    with a_table(
        client,
        TABLE,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "owner")],
        GlobalSecondaryIndexes=[index],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    ):
        yield client


def item(pk: str, sk: str, **more: Any) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}, **more}


def test_items_are_put_read_changed_and_deleted(dynamodb: Any) -> None:
    dynamodb.put_item(TableName=TABLE, Item=item("a", "1", n={"N": "1"}, b={"B": b"\x00\xff"}, ü={"S": "日本"}))
    found = dynamodb.get_item(TableName=TABLE, Key=item("a", "1"))["Item"]
    assert (found["b"]["B"], found["ü"]["S"]) == (b"\x00\xff", "日本")
    changed = dynamodb.update_item(
        TableName=TABLE,
        Key=item("a", "1"),
        UpdateExpression="SET n = n + :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
        ReturnValues="UPDATED_NEW",
    )
    assert changed["Attributes"]["n"] == {"N": "2"}
    gone = dynamodb.delete_item(TableName=TABLE, Key=item("a", "1"), ReturnValues="ALL_OLD")
    assert gone["Attributes"]["n"] == {"N": "2"}
    assert "Item" not in dynamodb.get_item(TableName=TABLE, Key=item("a", "1"))


def test_a_condition_that_fails(dynamodb: Any) -> None:
    dynamodb.put_item(TableName=TABLE, Item=item("cond", "1"))
    code, status, _ = refused(
        dynamodb.put_item,
        TableName=TABLE,
        Item=item("cond", "1"),
        ConditionExpression="attribute_not_exists(pk)",
    )
    assert (code, status) == ("ConditionalCheckFailedException", 400)


def test_queries_and_scans(dynamodb: Any) -> None:
    for number in range(5):
        dynamodb.put_item(TableName=TABLE, Item=item("q", str(number), owner={"S": "o"}))
    answer = dynamodb.query(
        TableName=TABLE,
        KeyConditionExpression="pk = :p AND sk > :s",
        ExpressionAttributeValues={":p": {"S": "q"}, ":s": {"S": "2"}},
    )
    assert answer["Count"] == 2
    by_owner = dynamodb.query(
        TableName=TABLE,
        IndexName="by-owner",
        KeyConditionExpression="#o = :o",
        ExpressionAttributeNames={"#o": "owner"},
        ExpressionAttributeValues={":o": {"S": "o"}},
    )
    assert by_owner["Count"] == 5
    pages = dynamodb.get_paginator("scan").paginate(TableName=TABLE, PaginationConfig={"PageSize": 2})
    assert sum(page["Count"] for page in pages) >= 5


def test_batches(dynamodb: Any) -> None:
    puts = [{"PutRequest": {"Item": item("batch", str(number))}} for number in range(10)]
    assert dynamodb.batch_write_item(RequestItems={TABLE: puts})["UnprocessedItems"] == {}
    keys = [item("batch", str(number)) for number in range(10)]
    answer = dynamodb.batch_get_item(RequestItems={TABLE: {"Keys": keys}})
    assert len(answer["Responses"][TABLE]) == 10


def test_transactions(dynamodb: Any) -> None:
    dynamodb.transact_write_items(
        TransactItems=[
            {"Put": {"TableName": TABLE, "Item": item("t", "1")}},
            {"Put": {"TableName": TABLE, "Item": item("t", "2")}},
        ]
    )
    answer = dynamodb.transact_get_items(TransactItems=[{"Get": {"TableName": TABLE, "Key": item("t", "1")}}])
    assert answer["Responses"][0]["Item"]["pk"] == {"S": "t"}
    check = {"TableName": TABLE, "Key": item("t", "9"), "ConditionExpression": "attribute_exists(pk)"}
    put = {"TableName": TABLE, "Item": item("t", "3")}
    code, _, _ = refused(dynamodb.transact_write_items, TransactItems=[{"ConditionCheck": check}, {"Put": put}])
    assert code == "TransactionCanceledException"
    assert "Item" not in dynamodb.get_item(TableName=TABLE, Key=item("t", "3"))


def test_tables_are_described_listed_tagged_and_changed(dynamodb: Any) -> None:
    table = dynamodb.describe_table(TableName=TABLE)["Table"]
    assert table["TableArn"] == f"arn:aws:dynamodb:us-east-1:000000000000:table/{TABLE}"
    assert TABLE in dynamodb.list_tables()["TableNames"]
    dynamodb.tag_resource(ResourceArn=table["TableArn"], Tags=[{"Key": "a", "Value": "b"}])
    assert dynamodb.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"] == [{"Key": "a", "Value": "b"}]
    dynamodb.untag_resource(ResourceArn=table["TableArn"], TagKeys=["a"])
    specification = {"Enabled": True, "AttributeName": "ttl"}
    dynamodb.update_time_to_live(TableName=TABLE, TimeToLiveSpecification=specification)
    assert dynamodb.describe_time_to_live(TableName=TABLE)["TimeToLiveDescription"]["AttributeName"] == "ttl"
    assert dynamodb.describe_continuous_backups(TableName=TABLE)
    dynamodb.update_table(TableName=TABLE, DeletionProtectionEnabled=True)
    assert refused(dynamodb.delete_table, TableName=TABLE)[1] == 400
    dynamodb.update_table(TableName=TABLE, DeletionProtectionEnabled=False)


def test_streams(dynamodb: Any, person: Person) -> None:
    arn = dynamodb.describe_table(TableName=TABLE)["Table"]["LatestStreamArn"]
    streams = person.client("dynamodbstreams")
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    dynamodb.put_item(TableName=TABLE, Item=item("stream", "1"))
    records = streams.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
    assert records[-1]["dynamodb"]["Keys"]["pk"] == {"S": "stream"}


def test_a_missing_table_is_not_found(dynamodb: Any) -> None:
    assert refused(dynamodb.scan, TableName="NoSuchTable")[:2] == ("ResourceNotFoundException", 400)


def test_a_table_is_deleted(dynamodb: Any) -> None:
    dynamodb.create_table(
        TableName="ShortLived",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.delete_table(TableName="ShortLived")
    assert "ShortLived" not in dynamodb.list_tables()["TableNames"]


def test_the_resource_interface(dynamodb: Any, person: Person) -> None:
    session = boto3.session.Session(
        person.keys["access_key"], person.keys["secret_key"], person.keys["token"], region_name="us-east-1"
    )
    table = session.resource("dynamodb", endpoint_url=person.sandbox.url).Table(TABLE)
    table.put_item(Item={"pk": "r", "sk": "1", "price": Decimal("9.95"), "tags": {"a", "b"}, "none": None})
    assert table.get_item(Key={"pk": "r", "sk": "1"})["Item"]["price"] == Decimal("9.95")


def test_partiql_is_refused_in_clear_words(dynamodb: Any) -> None:
    code, status, message = refused(dynamodb.execute_statement, Statement=f'SELECT * FROM "{TABLE}"')
    assert (code, status) == ("NotImplemented", 501)
    assert "PartiQL" in message
