"""Whatever a document holds, reading it ends in a policy or in an AWS error, and evaluating it in a verdict."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iampolicy.documents import PolicyRefused, parse_policy, parse_trust_policy, stored_policy
from iampolicy.evaluator import Access, authorize
from iampolicy.trust import evaluate_trust
from iampolicy.wildcards import pattern

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
WORDS = st.sampled_from(
    [
        "Version",
        "Statement",
        "Effect",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
        "Principal",
        "Sid",
        "Allow",
        "Deny",
        "*",
        "s3:*",
        "2012-10-17",
        "StringEquals",
        "ForAllValues:StringLike",
        "Null",
        "Bool",
        "NumericEquals",
        "DateLessThan",
        "IpAddress",
        "ArnLike",
        "aws:a",
        "true",
        "${aws:a}",
        "${",
        "${*}",
        "arn:aws:s3:::x/${aws:a,",
        "'b'}",
        "sts:AssumeRole",
        "Federated",
        "cognito-identity.amazonaws.com",
    ]
)
TREES = st.recursive(
    SCALARS | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=20,
)
STATEMENTS = st.dictionaries(WORDS, TREES, max_size=6)
CONTEXTS = st.dictionaries(
    st.sampled_from(["aws:a", "AWS:A", "s3:prefix"]), st.text(max_size=8) | st.lists(st.text(max_size=8))
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.one_of(TREES, st.builds(lambda items: {"Version": "2012-10-17", "Statement": items}, st.lists(STATEMENTS))))
def test_any_json_is_a_policy_or_a_refusal(tree: Any) -> None:
    text = json.dumps(tree)
    for parse in (parse_policy, parse_trust_policy):
        try:
            parse(text)
        except PolicyRefused as refusal:
            assert refusal.code in ("MalformedPolicyDocument", "LimitExceeded")  # noqa: PT017


CONDITIONS = st.dictionaries(
    st.sampled_from(
        ["StringEquals", "StringLike", "NumericLessThan", "DateEquals", "IpAddress", "ArnLike", "Null", "Bool",
         "BinaryEquals", "ForAnyValue:StringNotLike", "ForAllValues:StringEqualsIfExists"]
    ),
    st.dictionaries(st.sampled_from(["aws:a", "s3:prefix"]), st.text(max_size=15) | st.lists(st.text(max_size=15))),
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(CONDITIONS, st.text(max_size=30), CONTEXTS)
def test_any_policy_that_was_ever_taken_comes_to_a_verdict(condition: Any, resource: str, context: Any) -> None:
    text = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Deny", "Action": "s3:*", "Resource": f"arn:aws:s3:::{resource}", "Condition": condition},
                {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition},
            ],
        }
    )
    access = Access("s3:GetObject", f"arn:aws:s3:::{resource}", context)
    assert authorize([stored_policy(text)], [], access).verdict in ("allow", "explicit_deny", "implicit_deny")


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab*?", max_size=12), st.text(alphabet="ab*?", max_size=12))
def test_wildcards_agree_with_the_obvious_definition(wanted: str, value: str) -> None:
    def obvious(p: str, v: str) -> bool:
        if not p:
            return not v
        if p[0] == "*":
            return any(obvious(p[1:], v[start:]) for start in range(len(v) + 1))
        return bool(v) and p[0] in (v[0], "?") and obvious(p[1:], v[1:])

    assert pattern(wanted).matches(value, {}) is obvious(wanted, value)


@pytest.mark.parametrize("principal", [None, 3, [], {}, {"AWS": {}}, {"Federated": [1]}])
def test_a_strange_principal_matches_nobody(principal: Any) -> None:
    document = {"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]}
    outcome = evaluate_trust(
        document, action="sts:AssumeRole", principal_kind="Federated", principal_value="x", context={}
    )
    assert not outcome.allowed
