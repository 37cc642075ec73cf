"""The grammar, part by part: each part says by itself what it refuses, whichever kind of policy asks it."""

from collections.abc import Callable
from typing import Any

import pytest

from iampolicy.documents import PolicyRefused, parse_bucket_policy
from iampolicy.grammar import (
    check_actions,
    check_conditions,
    check_elements,
    check_legacy,
    check_principal,
    check_resources,
    check_syntax,
    load,
    strings,
)

SYNTAX = "Syntax errors in policy."
LEGACY = "The policy failed legacy parsing"
VENDOR = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
RIGHT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def answer(check: Callable[..., Any], *values: Any) -> str:
    """What a check says; empty where it takes what it is given."""
    try:
        check(*values)
    except PolicyRefused as refusal:
        return refusal.message
    return ""


def test_text() -> None:
    texts = ("{", "[]", "1", '{"Id": 1}', '{"Version": "2012"}', '{"Id": "a", "Id": "b"}', '{"Id": NaN}', '{"More": 1}')
    assert {text: answer(load, text) for text in texts} == dict.fromkeys(texts, SYNTAX)
    assert load('{"Version": "2008-10-17", "Id": "a"}') == {"Version": "2008-10-17", "Id": "a"}
    assert (answer(load, "{", "no"), answer(load, '{"Version": "x"}', "no", "old")) == ("no", "old")


def test_syntax() -> None:
    wrong: list[dict[str, Any]] = [
        {"Effect": "Maybe"}, {"Effect": None}, {"More": 1}, {"NotAction": "s3:*"}, {"NotResource": "*"},
        {"Action": 1}, {"Resource": [None]}, {"Condition": []}, {"Condition": {"Bool": "aws:x"}},
        {"Condition": {"Bool": {"aws:x": {}}}}, {"Condition": {"Bool": {"aws:x": [None]}}},
        {"Condition": {"Same": {"aws:x": "a"}}},
    ]  # fmt: skip
    assert [answer(check_syntax, RIGHT | change) for change in wrong] == [SYNTAX] * len(wrong)
    for element in ("Principal", "NotPrincipal"):
        told = answer(check_syntax, RIGHT | {element: "*"})
        assert told == "Policy document should not specify a principal."
    right: list[dict[str, Any]] = [{}, {"Effect": "deny"}, {"Action": []}, {"Condition": {"Same": {}}},
                                   {"Condition": {"NumericEquals": {"aws:x": [1, 1.5, True, "a"]}}}]  # fmt: skip
    assert [answer(check_syntax, RIGHT | change) for change in right] == [""] * len(right)


def test_legacy_parsing() -> None:
    def dated(operator: str, *dates: Any) -> dict[str, Any]:
        return RIGHT | {"Condition": {operator: {"aws:CurrentTime": list(dates)}}}

    assert answer(check_legacy, RIGHT | {"Effect": "allow"}) == LEGACY
    assert answer(check_legacy, dated("DateLessThan", "2030-01-01", "soon")) == LEGACY
    assert answer(check_legacy, dated("ForAllValues:DateLessThan", "soon")) == LEGACY
    assert answer(check_legacy, dated("DateLessThan", "2030-01-01", 1)) == ""
    assert answer(check_legacy, dated("StringEquals", "soon")) == ""


def test_elements() -> None:
    known = set(RIGHT)
    assert answer(check_elements, RIGHT, known) == ""
    assert answer(check_elements, RIGHT | {"Sid": "a"}, known) == SYNTAX
    assert answer(check_elements, {"Action": "s3:*"}, known) == "Missing required field Effect"
    assert answer(check_elements, RIGHT | {"Effect": "allow"}, known) == "Invalid effect: allow"


def test_one_of_an_element_and_what_it_excepts() -> None:
    missing = "Policy statement must contain actions."
    assert (answer(strings, {}, "Action"), answer(strings, {"Action": []}, "Action")) == (missing, missing)
    assert answer(strings, {"Action": "a", "NotAction": "b"}, "Action") == SYNTAX
    assert answer(strings, {"Action": ["a", 1]}, "Action") == SYNTAX
    assert strings({"NotAction": "a"}, "Action") == ["a"]


def test_actions() -> None:
    told = {action: answer(check_actions, {"Action": ["*", action]}) for action in ("s3", "s3:a:b", "s 3:a", "s?:*")}
    colon = "Actions/Condition can contain only one colon."
    assert told == {"s3": VENDOR, "s3:a:b": colon, "s 3:a": "Vendor s 3 is not valid", "s?:*": ""}


def test_resources_and_conditions() -> None:
    assert answer(check_resources, {"Resource": ["*", "shop"]}) == 'Resource shop must be in ARN format or "*".'
    assert answer(check_resources, {"Resource": "arn:aws:s3::shop"}) == LEGACY
    assert answer(check_resources, {"Resource": "arn:aws:s3:::shop"}) == ""
    assert answer(check_conditions, {"Condition": {"Same": {}}}) == "Invalid Condition type : Same"
    assert answer(check_conditions, {"Condition": {"Bool": {"aws:x": "a", "key": "a"}}}) == VENDOR
    assert answer(check_conditions, {"Condition": {"Bool": {"aws:x": "a"}}}) == ""


def test_principals() -> None:
    def told(**principal: Any) -> str:
        return answer(check_principal, {"Effect": "Allow", **principal})

    assert told() == "Missing required field Principal"
    assert told(Principal="*", NotPrincipal="*") == SYNTAX
    assert told(NotPrincipal="*") == "Allow with NotPrincipal is not allowed."
    wrong: list[Any] = [
        "a",
        {},
        [],
        {"AWS": []},
        {"AWS": 1},
        {"Federated": ""},
        {"Who": "*"},
        {"AWS": "arn:aws:s3:::a"},
    ]
    assert [told(Principal=value).partition(":")[0] for value in wrong] == ["Invalid principal in policy"] * len(wrong)
    right: list[Any] = ["*", {"AWS": ["*", "123456789012", "arn:aws:iam::123456789012:role/x"]}, {"Service": "a"}]
    assert [told(Principal=value) for value in right] == [""] * len(right)


def test_s3_has_a_code_of_its_own() -> None:
    with pytest.raises(PolicyRefused) as refusal:
        parse_bucket_policy('{"Statement": {"Effect": "allow"}}', "shop")
    assert (refusal.value.code, refusal.value.message) == ("MalformedPolicy", "Invalid effect: allow")
