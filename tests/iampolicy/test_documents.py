import json
from typing import Any

import pytest

from iampolicy.documents import PolicyRefused, parse_policy, parse_trust_policy, size_of
from iampolicy.statements import statements_of
from tests.iampolicy.build import statement

COGNITO = "cognito-identity.amazonaws.com"


def document(**members: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement(**members)]})


def trust(**members: Any) -> str:
    base: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Federated": COGNITO},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{COGNITO}:aud": "us-east-1:x"}},
    }
    chosen = {name: value for name, value in {**base, **members}.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": chosen})


@pytest.mark.parametrize(
    "text",
    [
        document(),
        document(Action=["s3:GetObject", "s3:*"]),
        document(Sid="Abc1"),
        document(Condition={"Bool": {"aws:SecureTransport": True}, "NumericLessThan": {"s3:max-keys": 10}}),
        document(Condition={"ForAnyValue:StringLikeIfExists": {"aws:x": ["a", "b"]}}),
        document(Resource="${aws:PrincipalTag/arn}"),
        document(Resource=["arn:aws:sqs", "arn:*:s3:::shop/*", "arn:${aws:x}:s3:*:*:shop", "arn:aws-cn:s3:::x"]),
        document(Resource="arn:aws:s3:us-east-1:123456789012:accesspoint/shop"),
        json.dumps({"Statement": statement()}),
        json.dumps({"Version": "2008-10-17", "Id": "x", "Statement": [statement()]}),
    ],
)
def test_policies_that_are_taken(text: str) -> None:
    assert parse_policy(text) == json.loads(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Syntax errors in policy."),
        ("{", "Syntax errors in policy."),
        ("[]", "Syntax errors in policy."),
        ('"text"', "Syntax errors in policy."),
        ("[" * 5000, "Syntax errors in policy."),
        ('{"Statement": NaN}', "Syntax errors in policy."),
        (document(Sid=float("nan")), "Syntax errors in policy."),
        ('{"Version": "2012-10-17", "Version": "2012-10-17", "Statement": []}', "Syntax errors in policy."),
        ("{}", "Missing required field Statement"),
        ('{"Statement": []}', "Syntax errors in policy."),
        ('{"Statement": ["x"]}', "Syntax errors in policy."),
        (json.dumps({"Version": "2020-01-01", "Statement": [statement()]}), "valid version string"),
        (json.dumps({"Version": "2012-10-17", "Statement": [statement()], "Extra": 1}), "Syntax errors in policy."),
        (document(Extra="x"), "Syntax errors in policy."),
        (document(effect="Allow"), "Syntax errors in policy."),
        (document(Effect="allow"), "Invalid effect: allow"),
        (json.dumps({"Statement": {"Action": "s3:*", "Resource": "*"}}), "Missing required field Effect"),
        (json.dumps({"Statement": {"Effect": "Allow", "Resource": "*"}}), "must contain actions"),
        (json.dumps({"Statement": {"Effect": "Allow", "Action": "s3:*"}}), "must contain resources"),
        (document(Action=[]), "must contain actions"),
        (document(Resource=[]), "must contain resources"),
        (document(NotAction="s3:*"), "Syntax errors in policy."),
        (document(NotResource="*"), "Syntax errors in policy."),
        (document(Action=1), "Syntax errors in policy."),
        (document(Action="GetObject"), "must be prefaced by a vendor"),
        (document(Action="s3:Get:Object"), "only one colon"),
        (document(Action="s 3:GetObject"), "Vendor s 3 is not valid"),
        (document(Resource="shop/*"), "must be in ARN format"),
        (
            document(Resource="arn:sun:s3:::shop/*"),
            'Partition "sun" is not valid for resource "arn:sun:s3:::shop/*".',
        ),
        (
            document(Resource="arn:aws:iam:us-east-1::role/x"),
            "IAM resource arn:aws:iam:us-east-1::role/x cannot contain region information.",
        ),
        (
            document(Resource="arn:aws:s3:us-east-1::shop/*"),
            "Resource arn:aws:s3:us-east-1::shop/* can not contain region information.",
        ),
        (document(Principal="*"), "should not specify a principal"),
        (document(Sid="not allowed"), "alpha-numeric"),
        (json.dumps({"Statement": [statement(Sid="A"), statement(Sid="A")]}), "must be unique"),
        (document(Condition="x"), "Syntax errors in policy."),
        (document(Condition={"StringEqualz": {"aws:a": "b"}}), "Invalid Condition type : StringEqualz"),
        (document(Condition={"StringEquals": "x"}), "Syntax errors in policy."),
        (document(Condition={"StringEquals": {"aws:a": {"b": "c"}}}), "Syntax errors in policy."),
        (document(Condition={"StringEquals": {"nocolon": "x"}}), "must be prefaced by a vendor"),
    ],
)
def test_policies_that_are_refused(text: str, message: str) -> None:
    with pytest.raises(PolicyRefused) as refusal:
        parse_policy(text)
    assert refusal.value.code == "MalformedPolicyDocument"
    assert message in refusal.value.message


def test_white_space_does_not_count_against_the_limit() -> None:
    text = document()
    assert parse_policy(text + " " * 5000, limit=size_of(text))
    with pytest.raises(PolicyRefused) as refusal:
        parse_policy(text, limit=size_of(text) - 1)
    assert (refusal.value.code, refusal.value.status) == ("LimitExceeded", 409)


@pytest.mark.parametrize(
    "text",
    [
        trust(),
        trust(Action=["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]),
        trust(Condition={"StringLike": {"Cognito-Identity.amazonaws.com:AUD": "us-east-1:*"}}),
        trust(Principal={"AWS": "arn:aws:iam::111122223333:root"}, Action="sts:AssumeRole", Condition=None),
        trust(Principal={"Service": "ec2.amazonaws.com"}, Action="sts:AssumeRole", Condition=None),
        trust(Principal={"Federated": "accounts.google.com"}, Condition=None),
        trust(Principal="*", Action="sts:AssumeRole"),
        trust(Effect="Deny", Condition=None),
        trust(Action="sts:AssumeRole"),
    ],
)
def test_trust_policies_that_are_taken(text: str) -> None:
    assert parse_trust_policy(text) == json.loads(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (trust(Condition=None), "cognito-identity.amazonaws.com:aud"),
        (trust(Condition={"StringEquals": {f"{COGNITO}:amr": "authenticated"}}), "cognito-identity.amazonaws.com:aud"),
        (trust(Principal={"Federated": ["accounts.google.com", COGNITO]}, Condition=None), ":aud"),
        (trust(Resource="*"), "Has prohibited field Resource"),
        (trust(Principal=None), "Missing required field Principal"),
        (trust(NotPrincipal="*"), "Syntax errors in policy."),
        (trust(Principal=None, NotPrincipal={"Federated": COGNITO}), "Allow with NotPrincipal"),
        (trust(Principal={"Robot": "x"}), 'Invalid principal in policy: "Robot":"x"'),
        (trust(Principal={}), "Invalid principal"),
        (trust(Principal={"AWS": []}), "Invalid principal"),
        (trust(Principal="someone"), "Invalid principal"),
        (trust(Principal={"AWS": "someone"}), 'Invalid principal in policy: "AWS":"someone"'),
        (trust(Principal={"AWS": "arn:aws:iam::123456789012:role/*"}), "Invalid principal in policy"),
        (trust(Principal={"AWS": ["123456789012", "arn:aws:s3:::shop"]}), "Invalid principal in policy"),
        (trust(Action="s3:GetObject"), "STS AssumeRole actions"),
        (trust(Action="*"), "STS AssumeRole actions"),
    ],
)
def test_trust_policies_that_are_refused(text: str, message: str) -> None:
    with pytest.raises(PolicyRefused) as refusal:
        parse_trust_policy(text)
    assert refusal.value.code == "MalformedPolicyDocument"
    assert message in refusal.value.message


def test_a_legacy_trust_policy_may_lack_the_audience() -> None:
    assert parse_trust_policy(trust(Condition=None), legacy=True)


def test_a_trust_policy_has_2048_characters_at_most() -> None:
    room = 2048 - size_of(trust(Sid=""))
    assert parse_trust_policy(trust(Sid="A" * room))
    with pytest.raises(PolicyRefused) as refusal:
        parse_trust_policy(trust(Sid="A" * (room + 1)))
    assert refusal.value.code == "LimitExceeded"


def test_a_document_that_was_read_compiles_its_statements_once() -> None:
    read = parse_policy(document())
    assert statements_of(read) is statements_of(read)
    assert [compiled.raw for compiled in statements_of(dict(read))] == read["Statement"]
