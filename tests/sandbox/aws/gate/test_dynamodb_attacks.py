"""What is authorised and what DynamoDB then does must be the same, whatever else stands in the request."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.sandbox.aws.gate.people import Person, a_table, allow, refused
from tests.sandbox.aws.gate.test_dynamodb_rights import signed

MINE, THEIRS = "AttackMine", "AttackTheirs"
PREFIX = "arn:aws:dynamodb:us-east-1:000000000000:table"
OWN = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["ada"]}}
Hired = Callable[..., Person]
ADA, BOB = {"pk": {"S": "ada"}}, {"pk": {"S": "bob"}}


@pytest.fixture(scope="module", autouse=True)
def dynamodb(admin: Person) -> Iterator[Any]:
    client = admin.client("dynamodb")
    with a_table(client, MINE), a_table(client, THEIRS):
        for table in (MINE, THEIRS):
            for item in (ADA, BOB):
                client.put_item(TableName=table, Item={**item, "note": {"S": "untouched"}})
        yield client


def call(person: Person, operation: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return signed(person, f"DynamoDB_20120810.{operation}", "/", body)


PUT_ADA_WRITE_BOB = {"TableName": MINE, "Key": ADA, "Item": {**BOB, "note": {"S": "changed"}}}


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("PutItem", PUT_ADA_WRITE_BOB),
        ("DeleteItem", {"TableName": MINE, "Key": BOB, "Item": ADA}),
        ("GetItem", {"TableName": MINE, "Key": BOB, "Item": ADA}),
        ("TransactWriteItems", {"TransactItems": [{"Put": PUT_ADA_WRITE_BOB}]}),
        ("TransactWriteItems", {"TransactItems": [{"Delete": {"TableName": MINE, "Key": BOB, "Item": ADA}}]}),
        ("BatchWriteItem", {"RequestItems": {MINE: [{"DeleteRequest": {"Key": BOB, "Item": ADA}}]}}),
        ("BatchWriteItem", {"RequestItems": {MINE: [{"PutRequest": {"Item": BOB, "Key": ADA}}]}}),
        ("UpdateItem", {"TableName": MINE, "Key": BOB, "Item": ADA, "UpdateExpression": "REMOVE note"}),
        ("DeleteItem", {"TableName": MINE, "Key": BOB, "KeyConditions": {}}),
    ],
)
def test_a_second_key_is_no_alibi(hired: Hired, dynamodb: Any, operation: str, body: dict[str, Any]) -> None:
    """`Key` of PutItem and `Item` of the others mean nothing to DynamoDB, so they must mean nothing to the gate."""
    person = hired(allow("dynamodb:*", f"{PREFIX}/{MINE}", Condition=OWN))
    status, answer = call(person, operation, body)
    assert (status, answer["__type"]) == (400, "AccessDeniedException")
    assert dynamodb.get_item(TableName=MINE, Key=BOB)["Item"]["note"] == {"S": "untouched"}


@pytest.mark.parametrize(
    "both",
    [
        {"KeyConditionExpression": ":v = pk", "ExpressionAttributeValues": {":v": {"S": "bob"}}},
        {"KeyConditionExpression": "(pk = :v)", "ExpressionAttributeValues": {":v": {"S": "bob"}}},
        {"KeyConditionExpression": "pk\u00a0=\u00a0:v", "ExpressionAttributeValues": {":v": {"S": "bob"}}},
        {"QueryFilter": {"pk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "bob"}]}}},
    ],
)
def test_two_ways_to_name_the_key_of_a_query(hired: Hired, both: dict[str, Any]) -> None:
    person = hired(allow("dynamodb:Query", f"{PREFIX}/{MINE}", Condition=OWN))
    conditions = {"pk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "ada"}]}}
    status, answer = call(person, "Query", {"TableName": MINE, "KeyConditions": conditions, **both})
    assert status == 400 or all(item["pk"] == {"S": "ada"} for item in answer["Items"]), answer


@pytest.mark.parametrize(
    "conditions",
    [
        {"pk": {"ComparisonOperator": "NE", "AttributeValueList": [{"S": "ada"}]}},
        {"pk": {"ComparisonOperator": "GE", "AttributeValueList": [{"S": "ada"}]}},
        {"pk": {"ComparisonOperator": "NOT_NULL", "AttributeValueList": []}},
        {"pk": {"ComparisonOperator": "IN", "AttributeValueList": [{"S": "ada"}, {"S": "bob"}]}},
    ],
)
def test_a_query_by_another_comparison_than_equality(hired: Hired, conditions: dict[str, Any]) -> None:
    person = hired(allow("dynamodb:Query", f"{PREFIX}/{MINE}", Condition=OWN))
    status, answer = call(person, "Query", {"TableName": MINE, "KeyConditions": conditions})
    assert status == 400 or all(item["pk"] == {"S": "ada"} for item in answer["Items"]), answer


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("DeleteTable", {"TableName": THEIRS, "ResourceArn": f"{PREFIX}/{MINE}"}),
        ("DeleteTable", {"TableName": THEIRS, "TableArn": f"{PREFIX}/{MINE}"}),
        ("DescribeTable", {"TableName": THEIRS, "StreamArn": f"{PREFIX}/{MINE}"}),
        ("UpdateTimeToLive", {"TableName": THEIRS, "BackupArn": f"{PREFIX}/{MINE}",
                              "TimeToLiveSpecification": {"Enabled": True, "AttributeName": "x"}}),
        ("DescribeTable", {"TableName": f"{MINE}/../{THEIRS}"}),
        ("Scan", {"TableName": f"{MINE}/{THEIRS}"}),
        ("Scan", {"TableName": f"{PREFIX}/{MINE}/{THEIRS}"}),
        ("Scan", {"TableName": f"arn:{MINE}:table/{THEIRS}"}),
        ("TagResource", {"ResourceArn": f"{PREFIX}/{MINE}/{THEIRS}", "Tags": [{"Key": "a", "Value": "b"}]}),
        ("RestoreTableToPointInTime", {"SourceTableName": THEIRS, "TargetTableName": MINE}),
        ("Scan", {"TableName": [THEIRS]}),
        ("Scan", {"TableName": None}),
    ],
)  # fmt: skip
def test_a_member_that_the_operation_does_not_have(
    hired: Hired, dynamodb: Any, operation: str, body: dict[str, Any]
) -> None:
    """Only what the operation reads can say which table it is for."""
    person = hired(allow("dynamodb:*", [f"{PREFIX}/{MINE}", f"{PREFIX}/{MINE}/*"]))
    status, answer = call(person, operation, body)
    assert status == 400, answer
    assert dynamodb.describe_table(TableName=THEIRS)
    assert not dynamodb.list_tags_of_resource(ResourceArn=f"{PREFIX}/{THEIRS}")["Tags"]


def test_a_table_of_another_account_is_not_ones_own_of_the_same_name(hired: Hired, dynamodb: Any) -> None:
    foreign = f"arn:aws:dynamodb:us-east-1:999999999999:table/{THEIRS}"
    person = hired(allow("dynamodb:*", foreign))
    status, answer = call(person, "Scan", {"TableName": foreign})
    assert status == 400, answer
    status, answer = call(person, "TagResource", {"ResourceArn": foreign, "Tags": [{"Key": "a", "Value": "b"}]})
    assert status == 400, answer
    assert not dynamodb.list_tags_of_resource(ResourceArn=f"{PREFIX}/{THEIRS}")["Tags"]


def test_a_key_that_stands_twice_in_the_json(hired: Hired, dynamodb: Any) -> None:
    person = hired(allow("dynamodb:*", f"{PREFIX}/{MINE}", Condition=OWN))
    body = b'{"TableName": "%b", "Key": {"pk": {"S": "bob"}}, "Key": {"pk": {"S": "ada"}}}' % MINE.encode()
    status, answer = signed(person, "DynamoDB_20120810.GetItem", "/", body)
    assert status == 400 or answer["Item"]["pk"] == {"S": "ada"}
    body = b'{"TableName": "%b", "Key": {"pk": {"S": "ada", "S": "bob"}}}' % MINE.encode()
    status, answer = signed(person, "DynamoDB_20120810.GetItem", "/", body)
    assert status == 400


def test_an_update_cannot_move_an_item_to_another_key(hired: Hired, dynamodb: Any) -> None:
    person = hired(allow("dynamodb:*", f"{PREFIX}/{MINE}", Condition=OWN))
    body = {
        "TableName": MINE,
        "Key": ADA,
        "UpdateExpression": "SET pk = :v",
        "ExpressionAttributeValues": {":v": {"S": "bob"}},
    }
    status, _ = call(person, "UpdateItem", body)
    assert status == 400
    assert dynamodb.get_item(TableName=MINE, Key=BOB)["Item"]["note"] == {"S": "untouched"}


@pytest.mark.parametrize("name", [":v-x", ":v.x", ":v#x", ":v\u0301", ":v:x", ": v", ":"])
def test_the_name_of_a_value_is_read_to_its_end(hired: Hired, name: str) -> None:
    """Whoever reads `:v` where the request says `:v-x` decides about another value than the one that is used."""
    person = hired(allow("dynamodb:*", f"{PREFIX}/{MINE}", Condition=OWN))
    values = {name: {"S": "bob"}, ":v": {"S": "ada"}}
    asked = {"KeyConditionExpression": f"pk = {name}", "ExpressionAttributeValues": values}
    status, answer = call(person, "Query", {"TableName": MINE, **asked})
    assert (status, answer.get("Items")) == (400, None)
    assert answer["__type"] in ("ValidationException", "AccessDeniedException")


@pytest.mark.parametrize("name", ["#n-x", "#n.x", "#n\u0301", "#"])
@pytest.mark.parametrize("enclosed", ["", "BatchGetItem", "TransactGetItems"])
def test_the_name_of_an_attribute_is_read_to_its_end(hired: Hired, name: str, enclosed: str) -> None:
    only = {"ForAllValues:StringEquals": {"dynamodb:Attributes": ["pk"]}}
    person = hired(allow("dynamodb:*", f"{PREFIX}/{MINE}", Condition=only))
    asked = {"ProjectionExpression": name, "ExpressionAttributeNames": {name: "note", "#n": "pk"}}
    bodies: dict[str, dict[str, Any]] = {
        "BatchGetItem": {"RequestItems": {MINE: {"Keys": [ADA], **asked}}},
        "TransactGetItems": {"TransactItems": [{"Get": {"TableName": MINE, "Key": ADA, **asked}}]},
    }
    status, answer = call(
        person, enclosed or "GetItem", bodies.get(enclosed) or {"TableName": MINE, "Key": ADA, **asked}
    )
    assert (status, "untouched" in str(answer)) == (400, False)
    assert answer["__type"] in ("ValidationException", "AccessDeniedException")


def test_records_are_authorised_for_the_stream_that_the_iterator_reads(admin: Person, hired: Hired) -> None:
    streamed: dict[str, Any] = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}}
    client = admin.client("dynamodb")
    with a_table(client, "AttackStream", **streamed):
        client.put_item(TableName="AttackStream", Item=ADA)
        arn = client.describe_table(TableName="AttackStream")["Table"]["LatestStreamArn"]
        streams = f"{PREFIX}/AttackStream/stream/*"
        of_it = hired(allow("dynamodb:*", streams))
        barred = hired(allow("dynamodb:*"), allow("dynamodb:GetRecords", streams, Effect="Deny"))
        shard = of_it.client("dynamodbstreams").describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]
        wanted = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        iterator = barred.client("dynamodbstreams").get_shard_iterator(**wanted)["ShardIterator"]
        assert len(of_it.client("dynamodbstreams").get_records(ShardIterator=iterator)["Records"]) == 1
        code, status, message = refused(barred.client("dynamodbstreams").get_records, ShardIterator=iterator)
        assert (code, status) == ("AccessDeniedException", 400)
        assert f"{arn} with an explicit deny" in message
