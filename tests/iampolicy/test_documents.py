import json
from typing import Any

import pytest

from iampolicy.dates import is_date
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
        document(Resource=["arn:aws-eusc:s3:::shop/*", "arn:aws-us-gov:sqs:*:*:*"]),
        document(
            Resource=["arn:aws:iam::123456789012:role/x", "arn:aws:iam::*:*", "arn:aws:iam", "arn:aws:iam:::mfa/*"]
        ),
        document(Action="s3.s:ListBucket"),
        # Nothing is compared by it, and a key is what it is.
        document(Condition={"Anything": {}}),
        document(Condition={"StringEquals": {"nocolon": "x"}}),
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
        ("{}", "Syntax errors in policy."),
        ('{"Statement": []}', "Syntax errors in policy."),
        ('{"Statement": ["x"]}', "Syntax errors in policy."),
        (json.dumps({"Version": "2020-01-01", "Statement": [statement()]}), "Syntax errors in policy."),
        (json.dumps({"Version": "2012-10-17", "Statement": [statement()], "Extra": 1}), "Syntax errors in policy."),
        (document(Extra="x"), "Syntax errors in policy."),
        (document(effect="Allow"), "Syntax errors in policy."),
        (document(Effect="allow"), "The policy failed legacy parsing"),
        (document(Effect="Perhaps"), "Syntax errors in policy."),
        (json.dumps({"Statement": {"Action": "s3:*", "Resource": "*"}}), "Syntax errors in policy."),
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
        (document(Sid="not_allowed"), "alpha-numeric"),
        (document(Resource=["*", None]), "Syntax errors in policy."),
        (json.dumps({"Statement": [statement(Sid="A"), statement(Sid="A")]}), "must be unique"),
        (document(Condition="x"), "Syntax errors in policy."),
        (document(Condition={"StringEqualz": {"aws:a": "b"}}), "Syntax errors in policy."),
        (document(Condition={"StringEquals": "x"}), "Syntax errors in policy."),
        (document(Condition={"StringEquals": {"aws:a": {"b": "c"}}}), "Syntax errors in policy."),
        (document(Sid={}), "Syntax errors in policy."),
        (document(Sid=[]), "Syntax errors in policy."),
        (document(Sid=None), "Syntax errors in policy."),
    ],
)
def test_policies_that_are_refused(text: str, message: str) -> None:
    with pytest.raises(PolicyRefused) as refusal:
        parse_policy(text)
    assert refusal.value.code == "MalformedPolicyDocument"
    assert message in refusal.value.message


@pytest.mark.parametrize(
    ("resource", "message"),
    [
        ("arn:aws:s3::shop/*", "The policy failed legacy parsing"),
        ("arn:aws::::shop", "The policy failed legacy parsing"),
        ("arn:aws::shop", "The policy failed legacy parsing"),
        ("arn:aws", "Resource vendor must be fully qualified and cannot contain regexes."),
        ("arn:aws:s*:::shop", "Resource vendor must be fully qualified and cannot contain regexes."),
        ("arn:aws:*:::*", "Resource vendor must be fully qualified and cannot contain regexes."),
        ("a:b", 'Partition "b" is not valid for resource "arn:b:*:*:*:*".'),
        ("a:b:", 'Partition "b" is not valid for resource "arn:b:*:*:*:*".'),
        ("a:b:c", 'Partition "b" is not valid for resource "arn:b:c:*:*:*".'),
        ("a:b:c:d:e:f:g:h", 'Partition "b" is not valid for resource "arn:b:c:d:e:f:g:h".'),
        ("aws:s3:::shop", 'Partition "s3" is not valid for resource "arn:s3:::shop:*".'),
        ("shop", 'Resource shop must be in ARN format or "*".'),
        (
            "arn:aws:iam:::shop",
            'IAM resource path must either be "*" or start with user/, federated-user/, role/, group/, '
            "instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, "
            "access-report/.",
        ),
        # Of several it is the first in the order of the alphabet that is told.
        (["arn:b:s3:::z", "arn:a:s3:::z"], 'Partition "a" is not valid for resource "arn:a:s3:::z".'),
        (["arn:aws:s3::z", "arn:a:s3:::z"], 'Partition "a" is not valid for resource "arn:a:s3:::z".'),
    ],
)
@pytest.mark.parametrize("element", ["Resource", "NotResource"])
def test_arns_that_are_none(element: str, resource: Any, message: str) -> None:
    members = {"Resource": resource} if element == "Resource" else {"NotResource": resource}
    kept = {name: value for name, value in statement().items() if name != "Resource"}
    with pytest.raises(PolicyRefused) as refusal:
        parse_policy(json.dumps({"Version": "2012-10-17", "Statement": {**kept, **members}}))
    assert refusal.value.message == message


@pytest.mark.parametrize(
    ("date", "taken"),
    [
        ("2026-07-01T13:20:15Z", True),
        ("2026-12-13t2:00:00.593194+23", True),
        ("2026-12-13T21:20:37.593194+00:00", True),
        ("2026-12-13", True),
        ("2026", True),
        ("01T", True),
        ("-292275054", True),
        ("9223372036854775807", True),
        ("${aws:PrincipalTag/until}", True),
        ("sdfdsf", False),
        ("", False),
        ("2026-13", False),
        ("2026-12-32", False),
        ("2026-12-13T24:00:00Z", False),
        ("2026-12-13t2:00:00.593194+1", False),
        ("2026-12-13t2:00:00.1999999999+10:59", False),
        ("9223372036854775808", False),
        ("٢٠٢٦", False),
    ],
)
@pytest.mark.parametrize("operator", ["DateGreaterThan", "ForAnyValue:DateEqualsIfExists"])
def test_dates(operator: str, date: str, taken: bool) -> None:
    for parse, write in ((parse_policy, document), (parse_trust_policy, trust)):
        audience = {"StringEquals": {f"{COGNITO}:aud": "us-east-1:x"}}
        text = write(Condition={operator: {"aws:CurrentTime": ["2026-01-01", date]}, **audience})
        if taken:
            assert parse(text)
            continue
        with pytest.raises(PolicyRefused) as refusal:
            parse(text)
        assert refusal.value.message == "The policy failed legacy parsing"


def test_a_variable_may_become_a_date() -> None:
    assert is_date("${aws:PrincipalTag/until}")
    assert not is_date("{aws:PrincipalTag/until}")


def test_no_date_is_longer_than_64_characters() -> None:
    """Python reads no number of thousands of digits."""
    begins = "2026-12-13T21:20:37."
    longest = begins + "0" * (64 - len(begins))
    assert is_date(longest)
    assert not is_date(f"{longest}0")
    assert not is_date("1" * 5000)


@pytest.mark.parametrize("version", ["2008-10-17", None])
def test_a_managed_policy_is_of_the_newest_language(version: str | None) -> None:
    text = json.dumps({"Statement": statement(), **({"Version": version} if version else {})})
    assert parse_policy(text)
    with pytest.raises(PolicyRefused) as refusal:
        parse_policy(text, managed=True)
    assert refusal.value.message == "Policy document must be version 2012-10-17 or greater."


def test_what_is_wrong_first_in_the_order_of_the_checks_is_told() -> None:
    """Syntax, version, legacy parsing, Sids, actions that are missing, resources, the form of actions."""
    wrong = {"Effect": "allow", "Sid": "A", "Action": "GetObject", "Resource": "shop"}
    steps = [
        ({"Version": "2008-10-17"}, {"Version": "2012-10-17"}, "must be version"),
        ({"Effect": "allow"}, {"Effect": "Allow"}, "legacy parsing"),
        ({"Sid": "A"}, {"Sid": "B"}, "must be unique"),
        ({"Resource": "shop"}, {"Resource": "*"}, "ARN format"),
        ({"Action": "GetObject"}, {"Action": "s3:GetObject"}, "prefaced by a vendor"),
    ]
    second = statement(Sid="A")
    told: dict[str, Any] = {"Version": "2008-10-17"}
    for before, after, message in steps:
        with pytest.raises(PolicyRefused, match=message):
            parse_policy(json.dumps({**told, "Statement": [wrong, second]}), managed=True)
        if "Version" in before:
            told |= after
        else:
            wrong |= after
    assert parse_policy(json.dumps({**told, "Statement": [wrong, second]}), managed=True)


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
        ('{"Version": "2012-10-17",}', "This policy contains invalid Json"),
        (trust(Sid={}), "Syntax errors in policy."),
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
