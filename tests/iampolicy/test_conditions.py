"""Table tests after the IAM User Guide's page on condition operators."""

import base64
from typing import Any

import pytest

from tests.iampolicy.build import holds

DAY = "2026-03-01T12:00:00Z"


@pytest.mark.parametrize(
    ("operator", "wanted", "given", "expected"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", "a", "A", False),
        ("StringEquals", ["a", "b"], "b", True),
        ("StringEquals", "a*", "ab", False),
        ("StringEquals", "a*", "a*", True),
        ("StringEquals", "?", "x", False),
        ("StringEquals", "", "", True),
        ("StringNotEquals", "a", "a", False),
        ("StringNotEquals", "a", "b", True),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringEqualsIgnoreCase", "ABC", "abc", True),
        ("StringEqualsIgnoreCase", "abc", "abd", False),
        ("StringNotEqualsIgnoreCase", "ABC", "abc", False),
        ("StringNotEqualsIgnoreCase", "ABC", "xyz", True),
        ("StringLike", "a*", "abc", True),
        ("StringLike", "*b*", "abc", True),
        ("StringLike", "a?c", "abc", True),
        ("StringLike", "a?c", "ac", False),
        ("StringLike", "A*", "abc", False),
        ("StringLike", "", "", True),
        ("StringLike", "*", "", True),
        ("StringLike", ["x*", "a*"], "abc", True),
        ("StringNotLike", "a*", "abc", False),
        ("StringNotLike", "b*", "abc", True),
        ("StringLike", "a\nb*", "a\nbc", True),
        ("NumericEquals", "10", "10", True),
        ("NumericEquals", 10, "10.0", True),
        ("NumericEquals", "10", "11", False),
        ("NumericNotEquals", "10", "11", True),
        ("NumericNotEquals", "10", "10", False),
        ("NumericLessThan", "10", "9", True),
        ("NumericLessThan", "10", "10", False),
        ("NumericLessThan", "9", "10", False),
        ("NumericLessThanEquals", "10", "10", True),
        ("NumericGreaterThan", "10", "11", True),
        ("NumericGreaterThan", "10", "10", False),
        ("NumericGreaterThanEquals", "10", "10", True),
        ("NumericLessThan", "100", "20", True),
        ("NumericEquals", "10", "ten", False),
        ("DateEquals", DAY, DAY, True),
        ("DateEquals", DAY, "1772366400", True),
        ("DateEquals", "1772366400", DAY, True),
        ("DateEquals", "2026-03-01T13:00:00+01:00", DAY, True),
        ("DateEquals", "2026-03-01", "2026-03-01T00:00:00Z", True),
        ("DateNotEquals", DAY, "2026-03-02T12:00:00Z", True),
        ("DateLessThan", DAY, "2026-03-01T11:59:59Z", True),
        ("DateLessThan", DAY, DAY, False),
        ("DateLessThanEquals", DAY, DAY, True),
        ("DateGreaterThan", DAY, "2026-03-01T12:00:01Z", True),
        ("DateGreaterThanEquals", DAY, DAY, True),
        ("DateGreaterThan", "2026", "2026-01-02T00:00:00Z", True),
        ("DateGreaterThan", "2026-03", "2026-02-27T00:00:00Z", False),
        ("DateEquals", "2026-03", "2026-03-01T00:00:00Z", True),
        ("DateEquals", "2026-03-01T12:00:00", DAY, True),
        ("DateEquals", DAY, "yesterday", False),
        ("Bool", "true", "true", True),
        ("Bool", True, "true", True),
        ("Bool", "TRUE", "true", True),
        ("Bool", "false", "true", False),
        ("Bool", False, "false", True),
        ("IpAddress", "203.0.113.0/24", "203.0.113.9", True),
        ("IpAddress", "203.0.113.0/24", "198.51.100.1", False),
        ("IpAddress", "203.0.113.9", "203.0.113.9", True),
        ("IpAddress", ["10.0.0.0/8", "127.0.0.0/8"], "127.0.0.1", True),
        ("IpAddress", "2001:db8::/32", "2001:db8::1", True),
        ("IpAddress", "2001:db8::/32", "203.0.113.9", False),
        ("IpAddress", "203.0.113.5/24", "203.0.113.9", True),
        ("IpAddress", "203.0.113.0/24", "not an address", False),
        ("NotIpAddress", "203.0.113.0/24", "203.0.113.9", False),
        ("NotIpAddress", "203.0.113.0/24", "198.51.100.1", True),
        ("ArnEquals", "arn:aws:iam::1:role/R", "arn:aws:iam::1:role/R", True),
        ("ArnEquals", "arn:aws:iam::1:role/*", "arn:aws:iam::1:role/R", True),
        ("ArnLike", "arn:aws:iam::1:role/R*", "arn:aws:iam::1:role/Reader", True),
        ("ArnLike", "arn:aws:iam::*:role/R", "arn:aws:iam::1:role/R", True),
        ("ArnLike", "arn:aws:iam::1:role/r", "arn:aws:iam::1:role/R", False),
        ("ArnLike", "arn:aws:s*:::x", "arn:aws:s3:::x", True),
        ("ArnLike", "arn:aws:iam::1:role/R", "not-an-arn", False),
        ("ArnNotLike", "arn:aws:iam::1:role/*", "arn:aws:iam::1:role/R", False),
        ("ArnNotEquals", "arn:aws:iam::1:role/Q", "arn:aws:iam::1:role/R", True),
        ("BinaryEquals", base64.b64encode(b"key").decode(), base64.b64encode(b"key").decode(), True),
        ("BinaryEquals", base64.b64encode(b"key").decode(), base64.b64encode(b"yek").decode(), False),
        ("BinaryEquals", base64.b64encode(b"key").decode(), "%%%", False),
        ("Null", "false", "anything", True),
        ("Null", "true", "anything", False),
        ("Null", True, "anything", False),
        ("Null", "FALSE", "anything", True),
        ("Null", ["true", "false"], "anything", True),
    ],
)
def test_an_operator_compares_one_value(operator: str, wanted: Any, given: str, expected: bool) -> None:
    assert holds({operator: {"aws:thing": wanted}}, {"aws:thing": given}) is expected


@pytest.mark.parametrize(
    ("operator", "wanted", "expected"),
    [
        ("StringEquals", "a", False),
        ("StringNotEquals", "a", True),
        ("StringLike", "*", False),
        ("StringNotLike", "*", True),
        ("StringEqualsIgnoreCase", "a", False),
        ("StringNotEqualsIgnoreCase", "a", True),
        ("NumericEquals", "1", False),
        ("NumericNotEquals", "1", True),
        ("NumericLessThan", "1", False),
        ("DateLessThan", DAY, False),
        ("DateNotEquals", DAY, True),
        ("Bool", "false", False),
        ("BinaryEquals", "aGk=", False),
        ("IpAddress", "10.0.0.0/8", False),
        ("NotIpAddress", "10.0.0.0/8", True),
        ("ArnLike", "arn:aws:iam::1:role/R", False),
        ("ArnNotLike", "arn:aws:iam::1:role/R", True),
        ("Null", "true", True),
        ("Null", "false", False),
        ("StringEqualsIfExists", "a", True),
        ("StringNotEqualsIfExists", "a", True),
        ("BoolIfExists", "true", True),
        ("NumericLessThanIfExists", "1", True),
        ("IpAddressIfExists", "10.0.0.0/8", True),
        ("ArnLikeIfExists", "arn:aws:iam::1:role/R", True),
        ("ForAllValues:StringEquals", "a", True),
        ("ForAllValues:StringNotEquals", "a", True),
        ("ForAllValues:StringLike", "a", True),
        ("ForAnyValue:StringEquals", "a", False),
        ("ForAnyValue:StringNotEquals", "a", False),
        ("ForAnyValue:StringLikeIfExists", "a", True),
        ("ForAllValues:StringEqualsIfExists", "a", True),
    ],
)
def test_a_key_that_the_request_does_not_have(operator: str, wanted: str, expected: bool) -> None:
    assert holds({operator: {"aws:thing": wanted}}, {}) is expected


@pytest.mark.parametrize(
    ("operator", "wanted", "given", "expected"),
    [
        ("ForAllValues:StringEquals", ["a", "b"], ["a"], True),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "b"], True),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], False),
        ("ForAllValues:StringEquals", ["a"], [], True),
        ("ForAllValues:StringEquals", ["a"], [""], True),
        ("ForAllValues:StringLike", ["a*"], ["ab", "ac"], True),
        ("ForAllValues:StringLike", ["a*"], ["ab", "bc"], False),
        ("ForAllValues:StringNotEquals", ["a"], ["b", "c"], True),
        ("ForAllValues:StringNotEquals", ["a"], ["a", "c"], False),
        ("ForAnyValue:StringEquals", ["a", "b"], ["x", "a"], True),
        ("ForAnyValue:StringEquals", ["a", "b"], ["x", "y"], False),
        ("ForAnyValue:StringEquals", ["a"], [], False),
        ("ForAnyValue:StringLike", "authenticated", ["authenticated", "accounts.google.com"], True),
        ("ForAnyValue:StringLike", "authenticated", ["unauthenticated"], False),
        ("ForAnyValue:StringNotEquals", ["a"], ["a", "b"], True),
        ("ForAnyValue:StringNotEquals", ["a"], ["a"], False),
        ("ForAnyValue:NumericLessThan", "5", ["9", "3"], True),
        ("ForAllValues:ArnLike", "arn:aws:s3:::*", ["arn:aws:s3:::a", "arn:aws:s3:::b"], True),
        ("StringEquals", "a", ["x", "a"], True),
        ("StringNotEquals", "a", ["x", "a"], False),
        ("ForAllValues:StringEquals", "a", "a", True),
        ("ForAnyValue:StringEquals", "a", "a", True),
    ],
)
def test_keys_with_several_values(operator: str, wanted: Any, given: Any, expected: bool) -> None:
    assert holds({operator: {"aws:things": wanted}}, {"aws:things": given}) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {"aws:a": "1", "aws:b": "2"}}, True),
        ({"StringEquals": {"aws:a": "1", "aws:b": "3"}}, False),
        ({"StringEquals": {"aws:a": "1"}, "StringLike": {"aws:b": "*"}}, True),
        ({"StringEquals": {"aws:a": "1"}, "StringNotLike": {"aws:b": "*"}}, False),
        ({"StringEquals": {"AWS:A": "1"}}, True),
        ({}, True),
    ],
)
def test_every_operator_and_key_has_to_hold_and_keys_have_no_case(condition: dict[str, Any], expected: bool) -> None:
    assert holds(condition, {"aws:A": "1", "Aws:b": "2"}) is expected
