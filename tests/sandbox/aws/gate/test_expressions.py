"""Expressions of DynamoDB: which attributes they name, and how they are written down anew."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.aws.gate.dynamodb.expressions import Placeholders, read_expression
from sandbox.core.errors import AwsError
from tests.sandbox.aws.gate.people import Person, a_table, allow, refused

Hired = Callable[..., Person]
NAMES = {"#a": "alpha", "#d": "with.dot"}
VALUES = {":v": {"S": "1"}, ":w": {"S": "2"}}
P, F, K, U = "ProjectionExpression", "FilterExpression", "KeyConditionExpression", "UpdateExpression"


def read(member: str, text: str) -> tuple[str, set[str], tuple[tuple[str, str], ...]]:
    placeholders = Placeholders(NAMES, VALUES)
    expression = read_expression(member, text, placeholders)
    return expression.text, placeholders.attributes, expression.equalities


@pytest.mark.parametrize(
    ("member", "text", "attributes"),
    [
        (P, "a, #a.b[3].c , d", {"a", "alpha", "d"}),
        (P, "#d", {"with.dot"}),
        (P, "begins_with, Contains, attribute_type", {"begins_with", "Contains", "attribute_type"}),
        (F, "a = :v AND NOT (b <> :v or size(c) > :v)", {"a", "b", "c"}),
        (F, "begins_with(begins_with, :v)", {"begins_with"}),
        (F, "contains(a.b, :v) and attribute_exists(#a)", {"a", "alpha"}),
        (F, "a BETWEEN :v AND b and c IN (:v, d)", {"a", "b", "c", "d"}),
        (F, "not not attribute_not_exists(a[1])", {"a"}),
        (U, "SET a = b, c.d = if_not_exists(e, :v) + :w REMOVE remove, f[2] ADD g :v DELETE h :v",
         {"a", "b", "c", "e", "remove", "f", "g", "h"}),
        (U, "set ok = list_append(list_append, :v)", {"ok", "list_append"}),
        (U, "REMOVE contains", {"contains"}),
        (K, "(pk = :v) AND begins_with(sk, :w)", {"pk", "sk"}),
        (K, "sk BETWEEN :v AND :w AND pk = :v", {"pk", "sk"}),
    ],
)  # fmt: skip
def test_attributes_are_what_the_grammar_says(member: str, text: str, attributes: set[str]) -> None:
    assert read(member, text)[1] == attributes


@pytest.mark.parametrize(
    ("member", "text", "written"),
    [
        (P, "a,#a . b [ 3 ]", "#n0, #n1.#n2[3]"),
        (F, "a=:v AND(b<>:v)", "#n0 = :v AND (#n1 <> :v)"),
        (F, "a in(:v,:w)or contains( b , :v )", "#n0 IN (:v, :w) OR contains(#n1, :v)"),
        (U, "set a=a+:v,b=:v remove c", "SET #n0 = #n0 + :v, #n1 = :v REMOVE #n2"),
        (K, "((pk = :v) and (sk between :v and :w))", "#n0 = :v AND #n1 BETWEEN :v AND :w"),
    ],
)
def test_every_attribute_is_passed_on_as_a_placeholder(member: str, text: str, written: str) -> None:
    assert read(member, text)[0] == written


@pytest.mark.parametrize(
    ("text", "equalities"),
    [
        ("pk = :v", (("pk", ":v"),)),
        ("(#a = :v AND sk = :w)", (("alpha", ":v"), ("sk", ":w"))),
        ("pk > :v", ()),
        ("pk.x = :v", ()),
        ("pk BETWEEN :v AND :w", ()),
    ],
)
def test_a_key_condition_tells_what_has_to_equal_what(text: str, equalities: tuple[tuple[str, str], ...]) -> None:
    assert read(K, text)[2] == equalities


@pytest.mark.parametrize(
    ("member", "text", "problem"),
    [
        (P, "", "The expression can not be empty;"),
        (P, "a b", 'Syntax error; token: "b"'),
        (P, "a,", "Syntax error"),
        (P, "size", "Attribute name is a reserved keyword; reserved keyword: size"),
        (P, "#x", "attribute name: #x"),
        (P, "a[x]", "Syntax error"),
        (F, "a = :x", "attribute value: :x"),
        (F, "a =", "Syntax error"),
        (F, "Contains(a, :v)", "Invalid function name; function: Contains"),
        (F, "if_not_exists(a, :v)", "Invalid function name; function: if_not_exists"),
        (F, "contains(a, :v, :w)", "Incorrect number of operands"),
        (F, "a == :v", "Syntax error"),
        (F, "a = :v;", 'Syntax error; token: ";"'),
        (F, "(" * 60 + "a = :v" + ")" * 60, "too many nested"),
        (F, "a = :v AND " * 400 + "a = :v", "maximum allowed size"),
        (K, "pk = :v OR sk = :v", "Invalid operator used in KeyConditionExpression: OR"),
        (K, "pk <> :v", "Invalid operator used in KeyConditionExpression: <>"),
        (K, "contains(pk, :v)", "Invalid function name"),
        (K, ":v = pk", "Syntax error"),
        (U, "SET a = :v SET b = :v", 'The "SET" section can only be used once'),
        (U, "SET a = :v, REMOVE b", "Syntax error"),
        (U, "a = :v", "Syntax error"),
        (U, "ADD a", "Syntax error"),
    ],
)
def test_what_is_no_expression_is_refused_in_dynamodbs_words(member: str, text: str, problem: str) -> None:
    with pytest.raises(AwsError) as refusal:
        read(member, text)
    assert refusal.value.code == "ValidationException"
    assert refusal.value.message.removeprefix("1 validation error detected: ").startswith(f"Invalid {member}: ")
    assert problem in refusal.value.message


@pytest.mark.parametrize("member", [P, F, K, U])
@settings(max_examples=150, deadline=None)
@given(text=st.text("ab#:v()=<>,.[]1 \tANDORNOTsizeSETREMOVEbetween+-\x00é", max_size=40))
def test_no_text_is_more_than_refused(member: str, text: str) -> None:
    """What is taken reads the same a second time, from what was written of it."""
    placeholders = Placeholders({**NAMES, "#b": "b"}, VALUES)
    try:
        first = read_expression(member, text, placeholders)
    except AwsError:
        return
    names = placeholders.rewritten_names()
    again = Placeholders(names, VALUES)
    assert read_expression(member, first.text, again).equalities == first.equalities
    assert again.attributes == placeholders.attributes


# --- Through the service ----------------------------------------------------------------------------------------------

TABLE = "LegacyTable"
ITEM = {"pk": {"S": "1"}, "shown": {"S": "fine"}, "remove": {"S": "SECRET"}, "n": {"N": "5"}, "s": {"SS": ["x", "y"]}}
KEY = {"pk": {"S": "1"}}


@pytest.fixture(scope="module")
def table(admin: Person) -> Iterator[Any]:
    client = admin.client("dynamodb")
    with a_table(client, TABLE):
        yield client


@pytest.fixture
def item(table: Any) -> Any:
    table.put_item(TableName=TABLE, Item=ITEM)
    return table


def limited(hired: Hired) -> Any:
    condition = {
        "ForAllValues:StringEquals": {"dynamodb:Attributes": ["pk", "shown"]},
        "StringEqualsIfExists": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"},
    }
    actions = [f"dynamodb:{name}" for name in ("GetItem", "Query", "Scan", "BatchGetItem", "UpdateItem")]
    return hired(allow(actions, Condition=condition)).client("dynamodb")


QUERY = {"KeyConditions": {"pk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "1"}]}}}


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("get_item", {"TableName": TABLE, "Key": KEY, "AttributesToGet": ["shown"]}),
        ("scan", {"TableName": TABLE, "AttributesToGet": ["shown"]}),
        ("query", {"TableName": TABLE, **QUERY, "AttributesToGet": ["shown"]}),
        ("batch_get_item", {"RequestItems": {TABLE: {"Keys": [KEY], "AttributesToGet": ["shown"]}}}),
    ],
)
def test_attributes_to_get_are_all_that_is_got(hired: Hired, item: Any, operation: str, params: dict[str, Any]) -> None:
    answer = getattr(limited(hired), operation)(**params)
    found = answer.get("Items") or answer.get("Responses", {}).get(TABLE) or [answer.get("Item")]
    assert found == [{"shown": {"S": "fine"}}]


@pytest.mark.parametrize(
    ("operation", "params", "code"),
    [
        ("get_item", {"TableName": TABLE, "Key": KEY}, "AccessDeniedException"),
        ("get_item", {"TableName": TABLE, "Key": KEY, "ProjectionExpression": "#r",
                      "ExpressionAttributeNames": {"#r": "remove"}}, "AccessDeniedException"),
        ("get_item", {"TableName": TABLE, "Key": KEY, "AttributesToGet": ["remove"]}, "AccessDeniedException"),
        ("batch_get_item", {"RequestItems": {TABLE: {"Keys": [KEY]}}}, "AccessDeniedException"),
        ("scan", {"TableName": TABLE, "Select": "SPECIFIC_ATTRIBUTES"}, "ValidationException"),
        ("scan", {"TableName": TABLE, "Select": "ALL_ATTRIBUTES", "ProjectionExpression": "shown"},
         "ValidationException"),
        ("update_item", {"TableName": TABLE, "Key": KEY, "UpdateExpression": "SET shown = #r",
                         "ExpressionAttributeNames": {"#r": "remove"}, "ReturnValues": "UPDATED_NEW"},
         "AccessDeniedException"),
        ("update_item", {"TableName": TABLE, "Key": KEY, "AttributeUpdates": {"remove": {"Action": "DELETE"}}},
         "AccessDeniedException"),
        ("scan", {"TableName": TABLE, "AttributesToGet": ["shown"], "FilterExpression": "shown = :v",
                  "ExpressionAttributeValues": {":v": {"S": "fine"}}}, "ValidationException"),
    ],
)  # fmt: skip
def test_other_attributes_are_not_got(
    hired: Hired, item: Any, operation: str, params: dict[str, Any], code: str
) -> None:
    assert refused(getattr(limited(hired), operation), **params)[0] == code
    assert item.get_item(TableName=TABLE, Key=KEY)["Item"]["shown"] == {"S": "fine"}


def compared(operator: str, *values: dict[str, Any]) -> dict[str, Any]:
    return {"ComparisonOperator": operator, **({"AttributeValueList": list(values)} if values else {})}


@pytest.mark.parametrize(
    ("filters", "operator", "found"),
    [
        ({"n": compared("GE", {"N": "5"})}, "AND", 1),
        ({"n": compared("BETWEEN", {"N": "1"}, {"N": "4"})}, "AND", 0),
        ({"n": compared("IN", {"N": "1"}, {"N": "5"})}, "AND", 1),
        ({"shown": compared("BEGINS_WITH", {"S": "fi"})}, "AND", 1),
        ({"shown": compared("CONTAINS", {"S": "in"}), "n": compared("NE", {"N": "5"})}, "AND", 0),
        ({"shown": compared("CONTAINS", {"S": "in"}), "n": compared("NE", {"N": "5"})}, "OR", 1),
        ({"shown": compared("NOT_CONTAINS", {"S": "in"})}, "AND", 0),
        ({"none": compared("NULL"), "n": compared("NOT_NULL")}, "AND", 1),
    ],
)
def test_older_filters_mean_what_they_meant(item: Any, filters: dict[str, Any], operator: str, found: int) -> None:
    assert item.scan(TableName=TABLE, ScanFilter=filters, ConditionalOperator=operator)["Count"] == found


@pytest.mark.parametrize(
    ("expected", "holds"),
    [
        ({"n": {"Value": {"N": "5"}}}, True),
        ({"n": {"Value": {"N": "6"}, "Exists": True}}, False),
        ({"none": {"Exists": False}}, True),
        ({"n": {"Exists": False}}, False),
        ({"n": compared("LT", {"N": "6"})}, True),
    ],
)
def test_older_conditions_decide_about_a_write(item: Any, expected: dict[str, Any], holds: bool) -> None:
    put = {"TableName": TABLE, "Item": {**KEY, "n": {"N": "9"}}, "Expected": expected}
    if holds:
        item.put_item(**put)
    else:
        assert refused(item.put_item, **put)[0] == "ConditionalCheckFailedException"
    assert (item.get_item(TableName=TABLE, Key=KEY)["Item"]["n"] == {"N": "9"}) is holds


def test_older_updates_do_what_they_did(item: Any) -> None:
    updates = {
        "shown": {"Action": "PUT", "Value": {"S": "new"}},
        "n": {"Action": "ADD", "Value": {"N": "2"}},
        "s": {"Action": "DELETE", "Value": {"SS": ["x"]}},
        "remove": {"Action": "DELETE"},
    }
    item.update_item(TableName=TABLE, Key=KEY, AttributeUpdates=updates)
    left = {**KEY, "shown": {"S": "new"}, "n": {"N": "7"}, "s": {"SS": ["y"]}}
    assert item.get_item(TableName=TABLE, Key=KEY)["Item"] == left


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"ProjectionExpression": "a", "ExpressionAttributeNames": {"#u": "u"}}, "unused in expressions: keys: {#u}"),
        ({"ExpressionAttributeNames": {"#u": "u"}}, "can only be specified when using expressions"),
        ({"ProjectionExpression": "a", "ExpressionAttributeNames": {}}, "must not be empty"),
    ],
)
def test_placeholders_are_there_to_be_used(item: Any, params: dict[str, Any], message: str) -> None:
    assert message in refused(item.get_item, TableName=TABLE, Key=KEY, **params)[2]


@pytest.fixture
def nested(item: Any) -> Any:
    """The item with a list in a map: names of attributes, elements of lists, and both within each other."""
    deep = {"L": [{"S": "first"}, {"M": {"b": {"S": "inner"}, "c": {"S": "other"}}}, {"S": "third"}]}
    item.put_item(TableName=TABLE, Item={**KEY, "l": deep, "m": {"M": {"a": {"N": "1"}, "l": deep}}})
    return item


@pytest.mark.parametrize(
    ("projection", "found"),
    [
        ("l[0]", {"l": {"L": [{"S": "first"}]}}),
        ("l[2], l[1].b", {"l": {"L": [{"M": {"b": {"S": "inner"}}}, {"S": "third"}]}}),
        ("m.a, m.l[0]", {"m": {"M": {"a": {"N": "1"}, "l": {"L": [{"S": "first"}]}}}}),
        ("l[9], m.nope", {}),
    ],
)
def test_a_projection_means_the_same_to_every_operation(nested: Any, projection: str, found: dict[str, Any]) -> None:
    asked = {"ProjectionExpression": projection}
    assert nested.get_item(TableName=TABLE, Key=KEY, **asked)["Item"] == found
    batch = nested.batch_get_item(RequestItems={TABLE: {"Keys": [KEY], **asked}})
    assert (batch["Responses"], batch["UnprocessedKeys"]) == ({TABLE: [found]}, {})
    (part,) = nested.transact_get_items(TransactItems=[{"Get": {"TableName": TABLE, "Key": KEY, **asked}}])["Responses"]
    assert part["Item"] == found
    assert nested.scan(TableName=TABLE, Select="SPECIFIC_ATTRIBUTES", **asked)["Items"] == [found]
    ((name, value),) = KEY.items()
    key = {"KeyConditionExpression": f"{name} = :v", "ExpressionAttributeValues": {":v": value}}
    assert nested.query(TableName=TABLE, **key, **asked)["Items"] == [found]


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        ("m", "m.a", "path one: [m], path two: [m, a]"),
        ("l[0].b", "l[0]", "path one: [l, [0], b], path two: [l, [0]]"),
        ("m.a", "m.a", "path one: [m, a], path two: [m, a]"),
    ],
)
def test_no_path_leads_into_another(nested: Any, first: str, second: str, shown: str) -> None:
    problem = "Two document paths overlap with each other; must remove or rewrite one of these paths; "
    for member, text, call in (
        ("ProjectionExpression", f"{first}, n, {second}", nested.get_item),
        ("UpdateExpression", f"REMOVE {first}, n, {second}", nested.update_item),
    ):
        told = refused(call, TableName=TABLE, Key=KEY, **{member: text})
        assert told[2] == f"1 validation error detected: Invalid {member}: {problem}{shown}"


def test_paths_beside_each_other_are_taken(nested: Any) -> None:
    nested.update_item(TableName=TABLE, Key=KEY, UpdateExpression="REMOVE l[0], m.a, m.l[1].b")
    left = nested.get_item(TableName=TABLE, Key=KEY)["Item"]
    assert (len(left["l"]["L"]), list(left["m"]["M"])) == (2, ["l"])
