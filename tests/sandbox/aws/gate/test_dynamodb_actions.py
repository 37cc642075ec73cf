from typing import Any

import pytest

from sandbox.aws.gate.dynamodb.actions import Tables, dynamodb_request
from sandbox.core.errors import AwsError

ARN = "arn:aws:dynamodb:us-east-1:1:table/"
TABLES = Tables("us-east-1", "1", lambda table, index: None if table == "Missing" else "owner" if index else "pk")
KEY = {"pk": {"S": "me"}, "sk": {"S": "1"}}


def needed(operation: str, **params: Any) -> list[tuple[str, str]]:
    found = dynamodb_request(operation, params, TABLES).accesses
    return [(item.action.removeprefix("dynamodb:"), item.resource.removeprefix(ARN)) for item in found]


def context(operation: str, **params: Any) -> dict[str, Any]:
    return dict(dynamodb_request(operation, {"TableName": "T", **params}, TABLES).accesses[0].context)


@pytest.mark.parametrize(
    ("operation", "params", "expected"),
    [
        ("GetItem", {"TableName": "T", "Key": KEY}, [("GetItem", "T")]),
        ("Query", {"TableName": "T", "IndexName": "I", "KeyConditionExpression": "pk = :p",
                   "ExpressionAttributeValues": {":p": {"S": "me"}}}, [("Query", "T/index/I")]),
        ("Scan", {"TableName": "T", "IndexName": "I"}, [("Scan", "T/index/I")]),
        ("Scan", {"TableName": ARN + "T"}, [("Scan", "T")]),
        ("BatchGetItem", {"RequestItems": {"A": {"Keys": [KEY]}, "B": {"Keys": [KEY]}}},
         [("BatchGetItem", "A"), ("BatchGetItem", "B")]),
        ("BatchWriteItem", {"RequestItems": {"A": [{"DeleteRequest": {"Key": KEY}}]}}, [("BatchWriteItem", "A")]),
        ("TransactGetItems", {"TransactItems": [{"Get": {"TableName": "A", "Key": KEY}}]}, [("GetItem", "A")]),
        ("TransactWriteItems",
         {"TransactItems": [{"Put": {"TableName": "A", "Item": KEY}}, {"Delete": {"TableName": "B", "Key": KEY}},
                            {"Update": {"TableName": "C", "Key": KEY}},
                            {"ConditionCheck": {"TableName": "D", "Key": KEY}}]},
         [("PutItem", "A"), ("DeleteItem", "B"), ("UpdateItem", "C"), ("ConditionCheckItem", "D")]),
        ("CreateTable", {"TableName": "T"}, [("CreateTable", "T")]),
        ("ListTables", {}, [("ListTables", "*")]),
        ("TagResource", {"ResourceArn": ARN + "T"}, [("TagResource", "T")]),
        ("DescribeBackup", {"BackupArn": ARN + "T/backup/1"}, [("DescribeBackup", "T/backup/1")]),
        ("GetRecords", {"ShardIterator": ARN + "T/stream/2026-01-01T00:00:00|1|x"},
         [("GetRecords", "T/stream/2026-01-01T00:00:00")]),
    ],
)  # fmt: skip
def test_actions_and_resources(operation: str, params: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert needed(operation, **params) == expected


@pytest.mark.parametrize(
    ("operation", "params", "keys"),
    [
        ("GetItem", {"Key": KEY}, ["me"]),
        ("PutItem", {"Item": {**KEY, "x": {"N": "1"}}}, ["me"]),
        ("DeleteItem", {"Key": {"pk": {"N": "7"}}}, ["7"]),
        ("Query", {"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "me"}}}, ["me"]),
        ("Query", {"KeyConditionExpression": "#k=:p AND begins_with(sk, :s)", "ExpressionAttributeNames": {"#k": "pk"},
                   "ExpressionAttributeValues": {":p": {"S": "me"}, ":s": {"S": "x"}}}, ["me"]),
        ("Query", {"KeyConditionExpression": "sk = :s AND (pk = :p)",
                   "ExpressionAttributeValues": {":p": {"S": "me"}, ":s": {"S": "you"}}}, ["me"]),
        ("Query", {"IndexName": "I", "KeyConditionExpression": "#o = :p", "ExpressionAttributeNames": {"#o": "owner"},
                   "ExpressionAttributeValues": {":p": {"S": "me"}}}, ["me"]),
        ("Query", {"KeyConditions": {"pk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "me"}]}}}, ["me"]),
    ],
)  # fmt: skip
def test_leading_keys(operation: str, params: dict[str, Any], keys: list[str]) -> None:
    assert context(operation, **params)["dynamodb:LeadingKeys"] == keys


def test_leading_keys_of_a_batch_are_those_of_all_items() -> None:
    items = [{"PutRequest": {"Item": {"pk": {"S": name}}}} for name in ("me", "you")]
    (access,) = dynamodb_request("BatchWriteItem", {"RequestItems": {"T": items}}, TABLES).accesses
    assert access.context["dynamodb:LeadingKeys"] == ["me", "you"]


@pytest.mark.parametrize("expression", ["pk BETWEEN :p AND :p", "pk < :p", "pk.x = :p", "another = :p"])
def test_a_query_whose_partition_key_cannot_be_told_has_one_that_nobody_owns(expression: str) -> None:
    """Without any, ForAllValues would hold, and the query would be allowed."""
    values = {":p": {"S": "me"}}
    (key,) = context("Query", KeyConditionExpression=expression, ExpressionAttributeValues=values)[
        "dynamodb:LeadingKeys"
    ]
    assert "is unknown" in key


def test_a_scan_has_no_leading_keys() -> None:
    assert "dynamodb:LeadingKeys" not in context("Scan")


@pytest.mark.parametrize(
    ("params", "attributes"),
    [
        ({"Key": KEY, "ProjectionExpression": "a, #b.c, d[1].e", "ExpressionAttributeNames": {"#b": "bee"}},
         ["a", "bee", "d", "pk", "sk"]),
        ({"Key": KEY, "AttributesToGet": ["a"]}, ["a", "pk", "sk"]),
        ({"Key": KEY, "UpdateExpression": "SET a = if_not_exists(b, :v) REMOVE c",
          "ExpressionAttributeValues": {":v": {"N": "1"}}}, ["a", "b", "c", "pk", "sk"]),
        ({"Item": {"pk": {"S": "1"}, "z": {"S": "2"}}}, ["pk", "z"]),
    ],
)  # fmt: skip
def test_attributes_that_a_request_names(params: dict[str, Any], attributes: list[str]) -> None:
    assert context("GetItem", **params)["dynamodb:Attributes"] == attributes


@pytest.mark.parametrize(
    ("operation", "params", "select"),
    [
        ("GetItem", {"Key": KEY}, "ALL_ATTRIBUTES"),
        ("Scan", {"ProjectionExpression": "a"}, "SPECIFIC_ATTRIBUTES"),
        ("Scan", {"Select": "COUNT"}, "COUNT"),
        ("Scan", {"IndexName": "I"}, "ALL_PROJECTED_ATTRIBUTES"),
    ],
)
def test_what_is_selected(operation: str, params: dict[str, Any], select: str) -> None:
    assert context(operation, **params)["dynamodb:Select"] == select


def test_a_transaction_names_the_operation_around_it() -> None:
    items = [{"Get": {"TableName": "T", "Key": KEY}}]
    (access,) = dynamodb_request("TransactGetItems", {"TransactItems": items}, TABLES).accesses
    assert access.context["dynamodb:EnclosingOperation"] == "TransactGetItems"


@pytest.mark.parametrize("operation", ["ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"])
def test_partiql_is_refused_in_clear_words(operation: str) -> None:
    with pytest.raises(AwsError, match="does not emulate PartiQL"):
        dynamodb_request(operation, {"Statement": 'SELECT * FROM "T"'}, TABLES)


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("BatchGetItem", {"RequestItems": []}),
        ("BatchGetItem", {"RequestItems": {"T": {}}}),
        ("BatchWriteItem", {"RequestItems": {"T": [{"PutRequest": {}}]}}),
        ("TransactWriteItems", {"TransactItems": [{"Destroy": {}}]}),
        ("TransactGetItems", {"TransactItems": [{"Put": {}}]}),
        ("Query", {"TableName": "T", "ExpressionAttributeNames": [1], "KeyConditionExpression": "a = :b"}),
        ("GetItem", {"TableName": "T", "Key": 3}),
    ],
)
def test_malformed_batches_are_refused(operation: str, params: dict[str, Any]) -> None:
    with pytest.raises(AwsError) as refusal:
        dynamodb_request(operation, params, TABLES)
    assert refusal.value.code == "SerializationException"
