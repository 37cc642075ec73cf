"""What cannot be evaluated never allows, and a Deny with it denies."""

from typing import Any

import pytest

from iampolicy.evaluator import Access, authorize
from iampolicy.statements import PolicyDocument
from tests.iampolicy.build import OBJECT


def verdict(effect: str, condition: dict[str, Any]) -> str:
    """Documents are made by hand here: parse_policy refuses most of these."""
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    doubtful = {"Effect": effect, "Action": "*", "Resource": "*", "Condition": condition}
    statements = [doubtful] if effect == "Allow" else [everything, doubtful]
    document = PolicyDocument(Version="2012-10-17", Statement=statements)
    return authorize([document], [], Access("s3:GetObject", OBJECT, {"aws:a": "1"})).verdict


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEqualz": {"aws:a": "1"}},
        {"stringequals": {"aws:a": "1"}},
        {"ForSomeValues:StringEquals": {"aws:a": "1"}},
        {":StringEquals": {"aws:a": "1"}},
        {"ForAllValues:ForAnyValue:StringEquals": {"aws:a": "1"}},
        {"NullIfExists": {"aws:a": "false"}},
        {"ForAnyValue:Null": {"aws:a": "false"}},
        {"NumericEquals": {"aws:a": "one"}},
        {"NumericEquals": {"aws:a": "NaN"}},
        {"NumericLessThan": {"aws:a": "Infinity"}},
        {"DateEquals": {"aws:a": "soon"}},
        {"IpAddress": {"aws:a": "300.0.0.0/8"}},
        {"BinaryEquals": {"aws:a": "not base64!"}},
    ],
)
def test_a_condition_that_cannot_be_evaluated(condition: dict[str, Any]) -> None:
    assert verdict("Allow", condition) == "implicit_deny"
    assert verdict("Deny", condition) == "explicit_deny"


def test_the_other_conditions_of_such_a_deny_still_count() -> None:
    condition = {"StringEqualz": {"aws:a": "1"}, "StringEquals": {"aws:a": "2"}}
    assert verdict("Deny", condition) == "allow"


def test_a_statement_without_resource_allows_nothing() -> None:
    document = PolicyDocument(Version="2012-10-17", Statement=[{"Effect": "Allow", "Action": "*"}])
    assert authorize([document], [], Access("s3:GetObject", OBJECT, {})).verdict == "implicit_deny"
