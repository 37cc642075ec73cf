"""Policies of resources: whom they speak of, what they allow or deny, and which of them are taken."""

import json
from typing import Any

import pytest

from iampolicy.documents import BUCKET_POLICY_LIMIT, PolicyRefused, parse_bucket_policy
from iampolicy.evaluator import Access, Evaluation
from iampolicy.resources import decide_resource
from tests.iampolicy.build import OBJECT

ROLE, SESSION = "arn:aws:iam::111122223333:role/R", "arn:aws:sts::111122223333:assumed-role/R/s"
COGNITO = "cognito-identity.amazonaws.com"


def statement(**members: Any) -> dict[str, Any]:
    found = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::shop/*",
        **members,
    }
    return {name: value for name, value in found.items() if value is not None}


def text(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def decided(*statements: dict[str, Any], federated: str = "") -> Evaluation:
    document = parse_bucket_policy(text(*statements), "shop")
    return decide_resource(document, Access("s3:GetObject", OBJECT, {}), [SESSION, ROLE], federated)


@pytest.mark.parametrize(
    ("members", "federated", "verdict"),
    [
        ({}, "", "allow"),
        ({"Principal": {"AWS": "*"}}, "", "allow"),
        ({"Principal": {"AWS": ["123456789012", "*"]}}, "", "allow"),
        ({"Principal": {"AWS": ROLE}}, "", "allow"),
        ({"Principal": {"AWS": SESSION}}, "", "allow"),
        # What is allowed to the account is left to the policies of its identities.
        ({"Principal": {"AWS": "111122223333"}}, "", "implicit_deny"),
        ({"Principal": {"AWS": "arn:aws:iam::111122223333:root"}}, "", "implicit_deny"),
        ({"Principal": {"AWS": "arn:aws:iam::111122223333:role/Q"}}, "", "implicit_deny"),
        ({"Principal": {"AWS": "arn:aws:iam::111122223333:role/Q"}}, COGNITO, "implicit_deny"),
        ({"Principal": {"Federated": COGNITO}}, COGNITO, "allow"),
        ({"Principal": {"Federated": COGNITO}}, "accounts.google.com", "implicit_deny"),
        ({"Principal": {"Federated": COGNITO}}, "", "implicit_deny"),
        ({"Action": "s3:PutObject"}, "", "implicit_deny"),
        ({"Resource": "arn:aws:s3:::shop/other/*"}, "", "implicit_deny"),
        ({"Condition": {"StringEquals": {"aws:a": "1"}}}, "", "implicit_deny"),
    ],
)
def test_whom_a_statement_allows(members: dict[str, Any], federated: str, verdict: str) -> None:
    found = decided(statement(Sid="Mine", **members), federated=federated)
    assert (found.verdict, found.layer) == (verdict, "resource")
    assert found.label == ("Mine" if verdict == "allow" else "")


@pytest.mark.parametrize(
    ("principal", "denied"),
    [
        ({"AWS": "111122223333"}, True),
        ({"AWS": "arn:aws:iam::111122223333:root"}, True),
        ({"AWS": ROLE}, True),
        ({"AWS": "444455556666"}, False),
        ({"Federated": COGNITO}, True),
    ],
)
def test_a_deny_wins_wherever_it_stands_and_binds_the_whole_account(principal: Any, denied: bool) -> None:
    deny = statement(Effect="Deny", Sid="No", Principal=principal)
    for order in ((statement(), deny), (deny, statement())):
        found = decided(*order, federated=COGNITO)
        assert (found.verdict, found.label) == (("explicit_deny", "No") if denied else ("allow", found.label))


def test_a_deny_to_all_but_one() -> None:
    spared = statement(Effect="Deny", Principal=None, NotPrincipal={"AWS": ROLE})
    assert decided(statement(), spared).verdict == "allow"
    others = statement(Effect="Deny", Principal=None, NotPrincipal={"AWS": "arn:aws:iam::111122223333:role/Q"})
    assert decided(statement(), others).verdict == "explicit_deny"


@pytest.mark.parametrize(
    "members",
    [
        {"Resource": "arn:aws:s3:::shop"},
        {"Resource": ["arn:aws:s3:::shop", "arn:aws:s3:::shop/*"]},
        {"Action": "*"},
        {"Sid": "Read it all"},
        {"Action": ["s3:GetObject", "S3:List*"]},
    ],
)
def test_bucket_policies_that_are_taken(members: dict[str, Any]) -> None:
    assert parse_bucket_policy(text(statement(**members)), "shop") == json.loads(text(statement(**members)))


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"Resource": "arn:aws:s3:::shopping/*"}, "Policy has invalid resource"),
        ({"Resource": "arn:aws:s3:::other"}, "Policy has invalid resource"),
        ({"Resource": ["arn:aws:s3:::shop/*", "arn:aws:s3:::other/*"]}, "Policy has invalid resource"),
        ({"Resource": "*"}, "Policy has invalid resource"),
        ({"Action": "dynamodb:*"}, "Policy has invalid action"),
        ({"Action": ["s3:GetObject", "sts:AssumeRole"]}, "Policy has invalid action"),
        ({"Principal": None}, "Missing required field Principal"),
        ({"Principal": {"Robot": "x"}}, "Invalid principal"),
        ({"Effect": "allow"}, "Invalid effect"),
        ({"Extra": 1}, "Syntax errors"),
        ({"Action": "GetObject"}, "vendor"),
        ({"Resource": "shop/*"}, "ARN format"),
        ({"Condition": {"StringEqualz": {"aws:a": "b"}}}, "Invalid Condition type"),
    ],
)
def test_bucket_policies_that_are_refused(members: dict[str, Any], message: str) -> None:
    with pytest.raises(PolicyRefused) as refusal:
        parse_bucket_policy(text(statement(**members)), "shop")
    assert refusal.value.code == "MalformedPolicy"
    assert message in refusal.value.message


def test_a_bucket_policy_begins_with_a_brace_and_is_not_too_long() -> None:
    for wrong in ("", "[]", "x{}"):
        with pytest.raises(PolicyRefused, match="first byte"):
            parse_bucket_policy(wrong, "shop")
    policy = text(statement())
    longest = policy + " " * (BUCKET_POLICY_LIMIT - len(policy))
    assert parse_bucket_policy(f"  {policy}", "shop") == parse_bucket_policy(longest, "shop")
    with pytest.raises(PolicyRefused) as refusal:
        parse_bucket_policy(f"{longest} ", "shop")
    assert refusal.value.code == "PolicyTooLarge"
