"""Policy variables, after the IAM User Guide's "Variables and tags"."""

from typing import Any

import pytest

from tests.iampolicy.build import decide, holds, policy, statement

SUB = "us-east-1:11111111-2222-3333-4444-555555555555"
KEYS = {"cognito-identity.amazonaws.com:sub": SUB, "aws:userid": "AROA1:me", "aws:PrincipalTag/team": "red"}


@pytest.mark.parametrize(
    ("resource", "given", "allowed"),
    [
        ("arn:aws:s3:::shop/${cognito-identity.amazonaws.com:sub}/*", f"arn:aws:s3:::shop/{SUB}/x", True),
        ("arn:aws:s3:::shop/${cognito-identity.amazonaws.com:sub}/*", "arn:aws:s3:::shop/another/x", False),
        ("arn:aws:s3:::shop/${COGNITO-IDENTITY.amazonaws.com:SUB}/*", f"arn:aws:s3:::shop/{SUB}/x", True),
        ("arn:aws:s3:::shop/${ aws:userid }", "arn:aws:s3:::shop/AROA1:me", True),
        ("arn:aws:s3:::shop/${aws:PrincipalTag/team}/*", "arn:aws:s3:::shop/red/x", True),
        ("arn:aws:s3:::${aws:PrincipalTag/team}-*", "arn:aws:s3:::red-shop", True),
        ("arn:aws:s3:::shop/${aws:PrincipalTag/missing}/*", "arn:aws:s3:::shop//x", False),
        ("arn:aws:s3:::shop/${aws:PrincipalTag/missing}/*", "arn:aws:s3:::shop/${aws:PrincipalTag/missing}/x", False),
        ("arn:aws:s3:::shop/${aws:PrincipalTag/missing, 'all'}/*", "arn:aws:s3:::shop/all/x", True),
        ("arn:aws:s3:::shop/${aws:PrincipalTag/missing,'all'}/*", "arn:aws:s3:::shop/all/x", True),
        ("arn:aws:s3:::shop/${aws:PrincipalTag/team, 'all'}/*", "arn:aws:s3:::shop/red/x", True),
        ("arn:aws:s3:::shop/${aws:PrincipalTag/team, 'all'}/*", "arn:aws:s3:::shop/all/x", False),
        ("arn:aws:s3:::shop/a${*}", "arn:aws:s3:::shop/a*", True),
        ("arn:aws:s3:::shop/a${*}", "arn:aws:s3:::shop/abc", False),
        ("arn:aws:s3:::shop/a${?}", "arn:aws:s3:::shop/a?", True),
        ("arn:aws:s3:::shop/a${?}", "arn:aws:s3:::shop/ab", False),
        ("arn:aws:s3:::shop/${$}{x}", "arn:aws:s3:::shop/${x}", True),
        ("arn:aws:s3:::shop/$5", "arn:aws:s3:::shop/$5", True),
    ],
)
def test_variables_in_resources(resource: str, given: str, allowed: bool) -> None:
    outcome = decide(policy(statement(Resource=resource)), resource=given, context=KEYS)
    assert (outcome.verdict == "allow") is allowed


def test_a_value_with_a_star_is_no_wildcard() -> None:
    """Otherwise a person called `*` could read everyone's files."""
    resource = policy(statement(Resource="arn:aws:s3:::shop/${aws:PrincipalTag/team}/*"))
    assert decide(resource, resource="arn:aws:s3:::shop/blue/x", context={"aws:PrincipalTag/team": "*"}).verdict == (
        "implicit_deny"
    )
    assert holds(
        {"StringLike": {"s3:prefix": "${aws:PrincipalTag/team}"}}, {"aws:PrincipalTag/team": "*", "s3:prefix": "*"}
    )


def test_a_key_with_several_values_cannot_be_a_variable() -> None:
    resource = policy(statement(Resource="arn:aws:s3:::shop/${aws:things}"))
    assert decide(resource, resource="arn:aws:s3:::shop/a", context={"aws:things": ["a"]}).verdict == "implicit_deny"


@pytest.mark.parametrize("version", ["2008-10-17", None])
def test_before_2012_a_variable_is_only_a_text(version: str | None) -> None:
    document = policy(statement(Resource="arn:aws:s3:::shop/${aws:userid}"), version=version)
    assert decide(document, resource="arn:aws:s3:::shop/AROA1:me", context=KEYS).verdict == "implicit_deny"
    assert decide(document, resource="arn:aws:s3:::shop/${aws:userid}", context=KEYS).verdict == "allow"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {"dynamodb:Owner": "${aws:PrincipalTag/team}"}}, True),
        ({"StringEquals": {"dynamodb:Owner": "${aws:PrincipalTag/other}"}}, False),
        ({"StringNotEquals": {"dynamodb:Owner": "${aws:PrincipalTag/team}"}}, False),
        ({"StringNotEquals": {"dynamodb:Owner": "${aws:PrincipalTag/other}"}}, True),
        ({"StringLike": {"s3:prefix": "${cognito-identity.amazonaws.com:sub}/*"}}, True),
        ({"StringLike": {"s3:prefix": ["home/*", "${cognito-identity.amazonaws.com:sub}/*"]}}, True),
        ({"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${cognito-identity.amazonaws.com:sub}"]}}, True),
        ({"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${aws:userid}"]}}, False),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::${aws:PrincipalTag/team}*"}}, True),
        ({"StringEqualsIgnoreCase": {"dynamodb:Owner": "${aws:PrincipalTag/missing, 'RED'}"}}, True),
    ],
)
def test_variables_in_conditions(condition: dict[str, Any], expected: bool) -> None:
    request = {"dynamodb:Owner": "red", "s3:prefix": f"{SUB}/pictures", "aws:SourceArn": "arn:aws:s3:::red-shop"}
    assert holds(condition, {**KEYS, **request, "dynamodb:LeadingKeys": [SUB]}) is expected
