"""A condition key that AWS supplies and the sandbox cannot: an Allow with it does not allow, a Deny with it denies."""

from typing import Any

import pytest

from iampolicy.evaluator import Access, Evaluation, authorize
from iampolicy.trust import evaluate_trust
from iampolicy.truth import UNKNOWN
from tests.iampolicy.build import OBJECT, policy, statement

CONTEXT: dict[str, Any] = {"s3:here": "a", "s3:list": ["a", "b"], "s3:unknown": UNKNOWN}
EVERYTHING = statement(Action="*")


def decide(*statements: dict[str, Any], resource: str = OBJECT) -> Evaluation:
    return authorize([policy(*statements)], [], Access("s3:GetObject", resource, CONTEXT))


def verdicts(condition: dict[str, Any]) -> tuple[str, str]:
    """What an Allow, and what a Deny beside an Allow of everything, come to with this condition."""
    allow = decide(statement(Condition=condition))
    deny = decide(EVERYTHING, statement(Effect="Deny", Condition=condition))
    return allow.verdict, deny.verdict


HOLDS = ("allow", "explicit_deny")
FAILS = ("implicit_deny", "allow")
CLOSED = ("implicit_deny", "explicit_deny")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        # Every operator, plain and negated.
        ({"StringEquals": {"s3:unknown": "a"}}, CLOSED),
        ({"StringNotEquals": {"s3:unknown": "a"}}, CLOSED),
        ({"StringEqualsIgnoreCase": {"S3:Unknown": "a"}}, CLOSED),
        ({"StringLike": {"s3:unknown": "*"}}, CLOSED),
        ({"StringNotLike": {"s3:unknown": "*"}}, CLOSED),
        ({"NumericLessThan": {"s3:unknown": "1"}}, CLOSED),
        ({"NumericNotEquals": {"s3:unknown": "1"}}, CLOSED),
        ({"DateGreaterThan": {"s3:unknown": "2020-01-01"}}, CLOSED),
        ({"Bool": {"s3:unknown": "true"}}, CLOSED),
        ({"IpAddress": {"s3:unknown": "0.0.0.0/0"}}, CLOSED),
        ({"NotIpAddress": {"s3:unknown": "0.0.0.0/0"}}, CLOSED),
        ({"ArnLike": {"s3:unknown": "*"}}, CLOSED),
        ({"ArnNotLike": {"s3:unknown": "arn:aws:s3:::a"}}, CLOSED),
        ({"BinaryEquals": {"s3:unknown": "YQ=="}}, CLOSED),
        # Null: whether the key is there cannot be told either, unless both answers are taken.
        ({"Null": {"s3:unknown": "true"}}, CLOSED),
        ({"Null": {"s3:unknown": "false"}}, CLOSED),
        ({"Null": {"s3:unknown": ["true", "false"]}}, HOLDS),
        ({"Null": {"s3:unknown": "perhaps"}}, FAILS),
        # ...IfExists and the quantifiers do not turn "unknown" into "absent".
        ({"StringEqualsIfExists": {"s3:unknown": "a"}}, CLOSED),
        ({"StringNotEqualsIfExists": {"s3:unknown": "a"}}, CLOSED),
        ({"ForAllValues:StringEquals": {"s3:unknown": "a"}}, CLOSED),
        ({"ForAllValues:StringNotEquals": {"s3:unknown": "a"}}, CLOSED),
        ({"ForAllValues:StringEqualsIfExists": {"s3:unknown": "a"}}, CLOSED),
        ({"ForAnyValue:StringEquals": {"s3:unknown": "a"}}, CLOSED),
        ({"ForAnyValue:StringNotEquals": {"s3:unknown": "a"}}, CLOSED),
        # The same on a key that is absent, for comparison.
        ({"StringEquals": {"s3:absent": "a"}}, FAILS),
        ({"StringNotEquals": {"s3:absent": "a"}}, HOLDS),
        ({"Null": {"s3:absent": "true"}}, HOLDS),
        ({"StringEqualsIfExists": {"s3:absent": "a"}}, HOLDS),
        ({"ForAllValues:StringEquals": {"s3:absent": "a"}}, HOLDS),
        ({"ForAnyValue:StringEquals": {"s3:absent": "a"}}, FAILS),
        # A block is an AND: what certainly fails settles it, what holds does not.
        ({"StringEquals": {"s3:unknown": "a", "s3:here": "b"}}, FAILS),
        ({"StringEquals": {"s3:here": "b"}, "Null": {"s3:unknown": "true"}}, FAILS),
        ({"StringEquals": {"s3:unknown": "a", "s3:absent": "b"}}, FAILS),
        ({"StringEquals": {"s3:unknown": "a", "s3:here": "a"}}, CLOSED),
        # Variables; values are an OR, so one that certainly fits settles it.
        ({"StringEquals": {"s3:here": "${s3:unknown}"}}, CLOSED),
        ({"StringLike": {"s3:here": "*${s3:unknown}"}}, CLOSED),
        ({"StringEquals": {"s3:here": "${s3:unknown, 'a'}"}}, CLOSED),
        ({"StringNotEquals": {"s3:here": "${s3:unknown}"}}, CLOSED),
        ({"StringEquals": {"s3:here": "x${s3:unknown}"}}, FAILS),
        ({"StringNotEquals": {"s3:here": "x${s3:unknown}"}}, HOLDS),
        ({"StringEqualsIgnoreCase": {"s3:here": "${s3:unknown}A"}}, CLOSED),
        ({"StringEquals": {"s3:here": ["${s3:unknown}", "a"]}}, HOLDS),
        ({"StringNotEquals": {"s3:here": ["${s3:unknown}", "a"]}}, FAILS),
        ({"StringEquals": {"s3:here": "${s3:unknown}${s3:absent}"}}, FAILS),
        ({"ForAnyValue:StringEquals": {"s3:list": ["${s3:unknown}", "b"]}}, HOLDS),
        ({"ForAllValues:StringEquals": {"s3:list": ["${s3:unknown}", "b"]}}, CLOSED),
    ],
)
def test_what_hangs_on_an_unknown_key(condition: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdicts(condition) == expected


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"Resource": "arn:aws:s3:::shop/${s3:unknown}/*"}, CLOSED),
        ({"NotResource": "arn:aws:s3:::shop/${s3:unknown}/*"}, CLOSED),
        ({"Resource": "arn:aws:s3:::other/${s3:unknown}/*"}, FAILS),
        ({"NotResource": "arn:aws:s3:::other/${s3:unknown}/*"}, HOLDS),
        ({"Resource": ["arn:aws:s3:::shop/${s3:unknown}/*", "arn:aws:s3:::shop/a/*"]}, HOLDS),
    ],
)
def test_resources_with_an_unknown_variable(members: dict[str, Any], expected: tuple[str, str]) -> None:
    plain = {key: value for key, value in statement(**members).items() if key != "Resource" or "Resource" in members}
    allow, deny = decide(plain), decide(EVERYTHING, {**plain, "Effect": "Deny"})
    assert (allow.verdict, deny.verdict) == expected


def test_the_outcome_names_the_keys_that_it_hung_on() -> None:
    condition = {"StringEquals": {"s3:here": "a", "s3:Unknown": "b"}}
    assert decide(statement(Condition=condition)).doubts == ("s3:unknown",)
    assert decide(EVERYTHING, statement(Effect="Deny", Condition=condition)).doubts == ("s3:unknown",)
    assert decide(EVERYTHING, statement(Condition=condition)).doubts == ()


@pytest.mark.parametrize(("effect", "allowed"), [("Allow", False), ("Deny", False)])
def test_trust_policies_fail_closed_too(effect: str, allowed: bool) -> None:
    anyone = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    doubtful = {**anyone, "Effect": effect, "Condition": {"StringEquals": {"sts:unknown": "a"}}}
    evaluation = evaluate_trust(
        {"Version": "2012-10-17", "Statement": [doubtful] if effect == "Allow" else [anyone, doubtful]},
        action="sts:AssumeRole",
        principal_kind="AWS",
        principal_value="arn:aws:iam::111122223333:role/R",
        context={"sts:unknown": UNKNOWN},
    )
    assert evaluation.allowed is allowed
    assert [check.code for check in evaluation.checks if not check.ok] == ["policy.condition_key"]
