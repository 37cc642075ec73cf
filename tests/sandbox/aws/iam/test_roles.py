import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.testing import RunningSandbox
from tests.sandbox.aws.iam.helpers import TRUST, refused, rights


def test_a_role_is_made_read_and_deleted(iam: Any) -> None:
    made = iam.create_role(RoleName="Reader", AssumeRolePolicyDocument=TRUST, Path="/team/", Description="reads")[
        "Role"
    ]
    assert made["Arn"] == "arn:aws:iam::000000000000:role/team/Reader"
    assert re.fullmatch(r"AROA[A-Z2-7]{17}", made["RoleId"])
    assert abs((made["CreateDate"] - datetime.now(UTC)).total_seconds()) < 60
    found = iam.get_role(RoleName="Reader")["Role"]
    assert found["AssumeRolePolicyDocument"] == json.loads(TRUST)
    assert (found["Description"], found["MaxSessionDuration"], found["Path"]) == ("reads", 3600, "/team/")
    assert iam.list_instance_profiles_for_role(RoleName="Reader")["InstanceProfiles"] == []
    iam.delete_role(RoleName="Reader")
    assert refused(iam.get_role, RoleName="Reader") == (
        "NoSuchEntity",
        404,
        "The role with name Reader cannot be found.",
    )


def test_the_answer_that_makes_a_role_does_not_say_how_long_sessions_last(iam: Any) -> None:
    made = iam.create_role(RoleName="Silent", AssumeRolePolicyDocument=TRUST, MaxSessionDuration=7200)["Role"]
    assert "MaxSessionDuration" not in made
    assert iam.get_role(RoleName="Silent")["Role"]["MaxSessionDuration"] == 7200
    (listed,) = [role for role in iam.list_roles()["Roles"] if role["RoleName"] == "Silent"]
    assert listed["MaxSessionDuration"] == 7200


def test_a_trust_policy_that_is_no_json(iam: Any) -> None:
    told = ("MalformedPolicyDocument", 400, "This policy contains invalid Json")
    broken = '{"Version": "2012-10-17",}'
    assert refused(iam.create_role, RoleName="Broken", AssumeRolePolicyDocument=broken) == told
    iam.create_role(RoleName="Broken", AssumeRolePolicyDocument=TRUST)
    assert refused(iam.update_assume_role_policy, RoleName="Broken", PolicyDocument=broken) == told


def test_a_role_name_is_taken_without_regard_to_case(iam: Any) -> None:
    iam.create_role(RoleName="Taken", AssumeRolePolicyDocument=TRUST)
    code, status, message = refused(iam.create_role, RoleName="TAKEN", AssumeRolePolicyDocument=TRUST)
    assert (code, status, message) == ("EntityAlreadyExists", 409, "Role with name TAKEN already exists.")


def test_roles_are_listed_in_pages_and_by_path(iam: Any) -> None:
    for number in range(5):
        iam.create_role(RoleName=f"Paged{number}", AssumeRolePolicyDocument=TRUST, Path="/paged/")
    pages = list(iam.get_paginator("list_roles").paginate(PathPrefix="/paged/", PaginationConfig={"PageSize": 2}))
    assert [len(page["Roles"]) for page in pages] == [2, 2, 1]
    assert refused(iam.list_roles, Marker="bogus")[0] == "ValidationError"


def test_a_session_lasts_twelve_hours_at_most(iam: Any) -> None:
    code, status, message = refused(
        iam.create_role, RoleName="Long", AssumeRolePolicyDocument=TRUST, MaxSessionDuration=43_201
    )
    assert (code, status) == ("ValidationError", 400)
    assert "maxSessionDuration" in message


def test_a_role_is_updated(iam: Any) -> None:
    iam.create_role(RoleName="Changing", AssumeRolePolicyDocument=TRUST)
    iam.update_role(RoleName="Changing", MaxSessionDuration=7200, Description="new")
    other = TRUST.replace("us-east-1:pool", "us-east-1:other")
    iam.update_assume_role_policy(RoleName="Changing", PolicyDocument=other)
    role = iam.get_role(RoleName="Changing")["Role"]
    assert (role["MaxSessionDuration"], role["Description"]) == (7200, "new")
    assert role["AssumeRolePolicyDocument"] == json.loads(other)


def test_a_trust_policy_without_the_audience_is_refused(iam: Any) -> None:
    open_trust = json.loads(TRUST)
    del open_trust["Statement"][0]["Condition"]
    text = json.dumps(open_trust)
    code, status, message = refused(iam.create_role, RoleName="Open", AssumeRolePolicyDocument=text)
    assert (code, status) == ("MalformedPolicyDocument", 400)
    assert "cognito-identity.amazonaws.com:aud" in message
    legacy = [{"Key": "sandbox:legacy-trust", "Value": "true"}]
    iam.create_role(RoleName="Legacy", AssumeRolePolicyDocument=text, Tags=legacy)
    iam.update_assume_role_policy(RoleName="Legacy", PolicyDocument=text)


def test_tags_come_and_go(iam: Any) -> None:
    iam.create_role(RoleName="Tagged", AssumeRolePolicyDocument=TRUST, Tags=[{"Key": "team", "Value": "red"}])
    iam.tag_role(RoleName="Tagged", Tags=[{"Key": "Team", "Value": "blue"}, {"Key": "cost", "Value": ""}])
    assert iam.list_role_tags(RoleName="Tagged")["Tags"] == [
        {"Key": "Team", "Value": "blue"},
        {"Key": "cost", "Value": ""},
    ]
    iam.untag_role(RoleName="Tagged", TagKeys=["cost"])
    assert iam.get_role(RoleName="Tagged")["Role"]["Tags"] == [{"Key": "Team", "Value": "blue"}]
    twice = [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]
    assert refused(iam.tag_role, RoleName="Tagged", Tags=twice)[0] == "InvalidInput"


def test_a_permissions_boundary_is_set_shown_and_taken_away(iam: Any) -> None:
    aws, unknown = "arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/Unknown"
    code, _, message = refused(
        iam.create_role, RoleName="Bounded", AssumeRolePolicyDocument=TRUST, PermissionsBoundary=unknown
    )
    assert (code, message) == ("NoSuchEntity", f"Scope ARN: {unknown} does not exist or is not attachable.")
    iam.create_role(RoleName="Bounded", AssumeRolePolicyDocument=TRUST, PermissionsBoundary=aws)
    shown = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": aws}
    assert iam.get_role(RoleName="Bounded")["Role"]["PermissionsBoundary"] == shown
    assert "PermissionsBoundary" not in next(r for r in iam.list_roles()["Roles"] if r["RoleName"] == "Bounded")
    document = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}'
    own = iam.create_policy(PolicyName="Bound", PolicyDocument=document)["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName="Bounded", PermissionsBoundary=own)
    assert iam.get_policy(PolicyArn=own)["Policy"]["PermissionsBoundaryUsageCount"] == 1
    assert refused(iam.delete_policy, PolicyArn=own)[0] == "DeleteConflict"
    iam.delete_role_permissions_boundary(RoleName="Bounded")
    assert "PermissionsBoundary" not in iam.get_role(RoleName="Bounded")["Role"]
    iam.delete_policy(PolicyArn=own)
    iam.put_role_permissions_boundary(RoleName="Bounded", PermissionsBoundary=aws)
    iam.delete_role(RoleName="Bounded")
    iam.create_role(RoleName="Bounded", AssumeRolePolicyDocument=TRUST)
    assert "PermissionsBoundary" not in iam.get_role(RoleName="Bounded")["Role"]
    iam.delete_role(RoleName="Bounded")


def test_inline_policies(iam: Any) -> None:
    iam.create_role(RoleName="Inline", AssumeRolePolicyDocument=TRUST)
    iam.put_role_policy(RoleName="Inline", PolicyName="Read", PolicyDocument=rights("s3:GetObject"))
    assert iam.get_role_policy(RoleName="Inline", PolicyName="Read")["PolicyDocument"] == json.loads(
        rights("s3:GetObject")
    )
    assert iam.list_role_policies(RoleName="Inline")["PolicyNames"] == ["Read"]
    assert refused(iam.delete_role, RoleName="Inline")[:2] == ("DeleteConflict", 409)
    iam.delete_role_policy(RoleName="Inline", PolicyName="Read")
    code, _, message = refused(iam.get_role_policy, RoleName="Inline", PolicyName="Read")
    assert (code, message) == ("NoSuchEntity", "The role policy with name Read cannot be found.")
    iam.delete_role(RoleName="Inline")


def test_inline_policies_share_10240_characters(iam: Any) -> None:
    iam.create_role(RoleName="Full", AssumeRolePolicyDocument=TRUST)
    large = rights("s3:GetObject", "arn:aws:s3:::" + "a" * 6000)
    iam.put_role_policy(RoleName="Full", PolicyName="One", PolicyDocument=large)
    code, status, _ = refused(iam.put_role_policy, RoleName="Full", PolicyName="Two", PolicyDocument=large)
    assert (code, status) == ("LimitExceeded", 409)
    iam.put_role_policy(RoleName="Full", PolicyName="One", PolicyDocument=large)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "Syntax errors in policy."),
        (rights("GetObject"), "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."),
        (rights("s3:GetObject", "shop"), 'Resource shop must be in ARN format or "*".'),
    ],
)
def test_a_malformed_policy_is_refused_in_iams_words(iam: Any, document: str, message: str) -> None:
    iam.create_role(RoleName="Bad", AssumeRolePolicyDocument=TRUST)
    assert refused(iam.put_role_policy, RoleName="Bad", PolicyName="Bad", PolicyDocument=document) == (
        "MalformedPolicyDocument",
        400,
        message,
    )
    iam.delete_role(RoleName="Bad")


def test_accounts_do_not_see_each_others_roles(sandbox: RunningSandbox, iam: Any) -> None:
    other = sandbox.client("iam", access_key="111122223333")
    iam.create_role(RoleName="Shared", AssumeRolePolicyDocument=TRUST)
    made = other.create_role(RoleName="Shared", AssumeRolePolicyDocument=TRUST)["Role"]
    assert made["Arn"] == "arn:aws:iam::111122223333:role/Shared"
    assert [role["RoleName"] for role in other.list_roles()["Roles"]] == ["Shared"]
    iam.delete_role(RoleName="Shared")
    assert other.get_role(RoleName="Shared")["Role"]["Arn"] == made["Arn"]


def test_the_administrator_is_a_user_with_administrator_access(iam: Any) -> None:
    user = iam.get_user()["User"]
    assert user["Arn"] == "arn:aws:iam::000000000000:user/administrator"
    assert user["UserId"].startswith("AIDA")
    assert len(user["UserId"]) == 21
    assert iam.get_user(UserName="administrator")["User"] == user
    assert iam.list_users()["Users"] == [user]
    (attached,) = iam.list_attached_user_policies(UserName="administrator")["AttachedPolicies"]
    assert attached["PolicyArn"] == "arn:aws:iam::aws:policy/AdministratorAccess"
    assert iam.list_user_policies(UserName="administrator")["PolicyNames"] == []
    assert refused(iam.get_user, UserName="somebody")[0] == "NoSuchEntity"


def test_a_role_has_no_instance_profiles(iam: Any) -> None:
    iam.create_role(RoleName="Alone", AssumeRolePolicyDocument=TRUST)
    assert iam.list_instance_profiles_for_role(RoleName="Alone")["InstanceProfiles"] == []
    assert refused(iam.list_instance_profiles_for_role, RoleName="Nobody")[:2] == ("NoSuchEntity", 404)
