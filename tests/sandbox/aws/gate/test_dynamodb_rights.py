"""Fine-grained access to DynamoDB, end to end."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.sandbox.aws.gate.people import Person, a_table, allow, refused

TABLE = "RightsTable"
ARN = f"arn:aws:dynamodb:us-east-1:000000000000:table/{TABLE}"
OWN = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${aws:PrincipalTag/who}"]}}
Hired = Callable[..., Person]


@pytest.fixture(scope="module", autouse=True)
def dynamodb(admin: Person) -> Iterator[Any]:
    client = admin.client("dynamodb")
    with a_table(client, TABLE):
        for name in ("ada", "bob"):
            client.put_item(TableName=TABLE, Item={"pk": {"S": name}, "hidden": {"S": "s"}, "shown": {"S": "p"}})
        yield client


def key(name: str) -> dict[str, Any]:
    return {"pk": {"S": name}}


def query(name: str) -> dict[str, Any]:
    return {"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": name}}}


def test_leading_keys_keep_people_to_their_own_items(hired: Hired) -> None:
    statement = allow(["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"], ARN, Condition=OWN)
    ada = hired(statement, tags={"who": "ada"}).client("dynamodb")
    assert ada.get_item(TableName=TABLE, Key=key("ada"))["Item"]
    assert ada.query(TableName=TABLE, **query("ada"))["Count"] == 1
    ada.put_item(TableName=TABLE, Item={**key("ada"), "x": {"S": "y"}})
    for call, params in (
        (ada.get_item, {"Key": key("bob")}),
        (ada.put_item, {"Item": key("bob")}),
        (ada.query, query("bob")),
        (ada.scan, {}),
    ):
        assert refused(call, TableName=TABLE, **params)[:2] == ("AccessDeniedException", 400)


def test_one_foreign_item_spoils_a_batch(hired: Hired) -> None:
    statement = allow(["dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:GetItem"], ARN, Condition=OWN)
    ada = hired(statement, tags={"who": "ada"}).client("dynamodb")
    assert ada.batch_get_item(RequestItems={TABLE: {"Keys": [key("ada")]}})["Responses"][TABLE]
    both = {TABLE: {"Keys": [key("ada"), key("bob")]}}
    assert refused(ada.batch_get_item, RequestItems=both)[0] == "AccessDeniedException"
    get = [{"Get": {"TableName": TABLE, "Key": key(name)}} for name in ("ada", "bob")]
    assert ada.transact_get_items(TransactItems=get[:1])["Responses"]
    assert refused(ada.transact_get_items, TransactItems=get)[0] == "AccessDeniedException"


def test_attributes_can_be_limited(hired: Hired) -> None:
    condition = {
        "ForAllValues:StringEquals": {"dynamodb:Attributes": ["pk", "shown"]},
        "StringEqualsIfExists": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"},
    }
    reader = hired(allow("dynamodb:GetItem", ARN, Condition=condition)).client("dynamodb")
    assert reader.get_item(TableName=TABLE, Key=key("bob"), ProjectionExpression="shown")["Item"]
    hidden = {"ProjectionExpression": "#h", "ExpressionAttributeNames": {"#h": "hidden"}}
    assert refused(reader.get_item, TableName=TABLE, Key=key("bob"), **hidden)[0] == "AccessDeniedException"
    assert refused(reader.get_item, TableName=TABLE, Key=key("bob"))[0] == "AccessDeniedException"


def test_the_refusal_names_the_index(hired: Hired) -> None:
    person = hired(allow("dynamodb:Query", ARN)).client("dynamodb")
    message = refused(person.query, TableName=TABLE, IndexName="by-owner", **query("x"))[2]
    assert f"on resource: {ARN}/index/by-owner because" in message


def signed(person: Person, target: str, path: str, body: Any) -> tuple[int, dict[str, Any]]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.0"}
    request = AWSRequest("POST", person.sandbox.url + path, data=data, headers=headers)
    keys = Credentials(person.keys["access_key"], person.keys["secret_key"], person.keys["token"])
    SigV4Auth(keys, "dynamodb", "us-east-1").add_auth(request)
    sent = urllib.request.Request(request.url, data=data, headers=dict(request.headers.items()), method="POST")
    try:
        with urllib.request.urlopen(sent, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.mark.parametrize(
    ("target", "path", "body"),
    [
        ("DynamoDB_20120810.GetItem.DeleteTable", "/", {"TableName": TABLE, "Key": {"pk": {"S": "ada"}}}),
        ("DynamoDB_20120810.NoSuchOperation", "/", {"TableName": TABLE}),
        ("DynamoDB_20120810.Scan", "/", {"TableName": TABLE}),
        ("DynamoDB_20120810.GetItem", "/", b"not json"),
        ("DynamoDB_20120810.GetItem", "/", b"[]"),
        ("DynamoDB_20120810.GetItem", "/", "{}".encode("utf-16")),
        ("DynamoDB_20120810.GetItem", "/", b"[" * 100_000),
    ],
)
def test_what_cannot_be_understood_is_refused(hired: Hired, dynamodb: Any, target: str, path: str, body: Any) -> None:
    status, answer = signed(hired(allow("dynamodb:GetItem")), target, path, body)
    assert status == 400
    assert answer["__type"] in ("UnknownOperationException", "SerializationException", "AccessDeniedException")
    assert dynamodb.describe_table(TableName=TABLE)


def test_an_action_in_the_query_string_changes_nothing(hired: Hired, dynamodb: Any) -> None:
    """moto would take `Action` of the query string for the operation."""
    person = hired(allow("dynamodb:GetItem"))
    body = {"TableName": TABLE, "Key": key("bob")}
    status, answer = signed(person, "DynamoDB_20120810.GetItem", "/?Action=DeleteTable", body)
    assert (status, answer["Item"]["pk"]) == (200, {"S": "bob"})
    assert dynamodb.describe_table(TableName=TABLE)
