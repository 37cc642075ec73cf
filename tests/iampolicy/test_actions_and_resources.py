import pytest

from iampolicy.evaluator import Access, authorize
from tests.iampolicy.build import OBJECT, decide, policy, statement


@pytest.mark.parametrize(
    ("pattern", "action", "named"),
    [
        ("s3:GetObject", "s3:GetObject", True),
        ("s3:getobject", "s3:GetObject", True),
        ("S3:GETOBJECT", "s3:GetObject", True),
        ("s3:Get*", "s3:GetObject", True),
        ("s3:*", "s3:GetObject", True),
        ("*", "s3:GetObject", True),
        ("s3:*Object", "s3:GetObject", True),
        ("s3:G?tObject", "s3:GetObject", True),
        ("s3:Get?bject", "s3:GetObject", True),
        ("s3:*e*t*", "s3:GetObject", True),
        ("s3:GetObject", "s3:GetObjectAcl", False),
        ("s3:GetObject*", "s3:GetObject", True),
        ("s3:GetObject?", "s3:GetObject", False),
        ("s3:Get", "s3:GetObject", False),
        ("s3:*Acl", "s3:GetObject", False),
        ("dynamodb:*", "s3:GetObject", False),
        ("s3:Put*", "s3:GetObject", False),
    ],
)
def test_an_action_pattern_names_actions_without_regard_to_case(pattern: str, action: str, named: bool) -> None:
    verdict = decide(policy(statement(Action=pattern)), action=action).verdict
    assert verdict == ("allow" if named else "implicit_deny")


@pytest.mark.parametrize(
    ("pattern", "resource", "named"),
    [
        ("*", OBJECT, True),
        ("*", "*", True),
        ("arn:aws:s3:::shop/*", OBJECT, True),
        ("arn:aws:s3:::shop/a/*", OBJECT, True),
        ("arn:aws:s3:::shop/*.txt", OBJECT, True),
        ("arn:aws:s3:::shop/a/?.txt", OBJECT, True),
        ("arn:aws:s3:::shop/a/??.txt", OBJECT, False),
        ("arn:aws:s3:::shop*", OBJECT, True),
        ("arn:aws:s3:::shop", OBJECT, False),
        ("arn:aws:s3:::shop/*", "arn:aws:s3:::shop", False),
        ("arn:aws:s3:::SHOP/*", OBJECT, False),
        ("arn:aws:s3:::shop/A/*", OBJECT, False),
        ("arn:aws:s3:::*/a/b.txt", OBJECT, True),
        ("arn:aws:s3", OBJECT, True),
        ("arn:aws:s3:*", OBJECT, True),
        ("arn:aws:sqs", OBJECT, False),
        ("arn:aws:s3:::shop/*", "*", False),
        ("arn:*:s3:::shop/*", OBJECT, True),
        ("arn:aws:dynamodb:*:*:table/T", "arn:aws:dynamodb:us-east-1:1:table/T", True),
        ("arn:aws:dynamodb:us-*:1:table/T", "arn:aws:dynamodb:us-east-1:1:table/T", True),
        ("arn:aws:dynamodb:eu-*:1:table/T", "arn:aws:dynamodb:us-east-1:1:table/T", False),
        ("arn:aws:dynamodb:*:table/T", "arn:aws:dynamodb:us-east-1:1:table/T", False),
        ("arn:aws:s3:::shop/a:b/*", "arn:aws:s3:::shop/a:b/c", True),
    ],
)
def test_a_resource_pattern_is_matched_part_by_part_with_regard_to_case(
    pattern: str, resource: str, named: bool
) -> None:
    verdict = decide(policy(statement(Resource=pattern)), resource=resource).verdict
    assert verdict == ("allow" if named else "implicit_deny")


@pytest.mark.parametrize(
    ("members", "action", "allowed"),
    [
        ({"Action": ["s3:PutObject", "s3:GetObject"]}, "s3:GetObject", True),
        ({"Action": ["s3:PutObject", "s3:DeleteObject"]}, "s3:GetObject", False),
        ({"NotAction": "s3:DeleteObject"}, "s3:GetObject", True),
        ({"NotAction": "s3:DeleteObject"}, "s3:DeleteObject", False),
        ({"NotAction": ["s3:Delete*", "s3:Get*"]}, "s3:GetObject", False),
        ({"NotAction": "iam:*"}, "iam:CreateRole", False),
        ({"NotAction": "iam:*"}, "sts:AssumeRole", True),
    ],
)
def test_lists_and_not_action(members: dict[str, object], action: str, allowed: bool) -> None:
    document = {"Effect": "Allow", "Resource": "*", **members}
    assert (decide(policy(document), action=action).verdict == "allow") is allowed


@pytest.mark.parametrize(
    ("members", "allowed"),
    [
        ({"Resource": ["arn:aws:s3:::other/*", "arn:aws:s3:::shop/*"]}, True),
        ({"NotResource": "arn:aws:s3:::shop/*"}, False),
        ({"NotResource": "arn:aws:s3:::other/*"}, True),
        ({"NotResource": ["arn:aws:s3:::other/*", "arn:aws:s3:::shop/a/*"]}, False),
    ],
)
def test_lists_and_not_resource(members: dict[str, object], allowed: bool) -> None:
    document = {"Effect": "Allow", "Action": "s3:GetObject", **members}
    assert (decide(policy(document)).verdict == "allow") is allowed


def test_many_stars_cost_no_exponential_time() -> None:
    """A regular expression would take longer than the universe has for this one."""
    greedy = policy(statement(Resource="arn:aws:s3:::shop/" + "a*" * 200 + "b"))
    access = Access("s3:GetObject", "arn:aws:s3:::shop/" + "a" * 1000, {})
    assert authorize([greedy], [], access).verdict == "implicit_deny"
