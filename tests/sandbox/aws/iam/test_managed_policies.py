import contextlib
import json
from typing import Any

import pytest

from tests.sandbox.aws.iam.helpers import TRUST, refused, rights

GUESTS = "arn:aws:iam::aws:policy/AmazonCognitoUnAuthedIdentitiesSessionPolicy"
OWN = "arn:aws:iam::000000000000:policy/"


def test_a_policy_is_made_attached_and_detached(iam: Any) -> None:
    arn = iam.create_policy(PolicyName="Read", PolicyDocument=rights("s3:GetObject"), Path="/shop/")["Policy"]["Arn"]
    assert arn == OWN + "shop/Read"
    iam.create_role(RoleName="Holder", AssumeRolePolicyDocument=TRUST)
    iam.attach_role_policy(RoleName="Holder", PolicyArn=arn)
    iam.attach_role_policy(RoleName="Holder", PolicyArn=arn)
    assert iam.list_attached_role_policies(RoleName="Holder")["AttachedPolicies"] == [
        {"PolicyName": "Read", "PolicyArn": arn}
    ]
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1
    assert [role["RoleName"] for role in iam.list_entities_for_policy(PolicyArn=arn)["PolicyRoles"]] == ["Holder"]
    assert refused(iam.delete_policy, PolicyArn=arn) == (
        "DeleteConflict",
        409,
        "Cannot delete a policy attached to entities.",
    )
    assert refused(iam.delete_role, RoleName="Holder")[2] == "Cannot delete entity, must detach all policies first."
    iam.detach_role_policy(RoleName="Holder", PolicyArn=arn)
    assert refused(iam.detach_role_policy, RoleName="Holder", PolicyArn=arn)[:2] == ("NoSuchEntity", 404)
    iam.delete_policy(PolicyArn=arn)
    assert refused(iam.get_policy, PolicyArn=arn)[:2] == ("NoSuchEntity", 404)


def test_the_description_is_in_one_answer_only(iam: Any) -> None:
    made = iam.create_policy(PolicyName="Told", PolicyDocument=rights("s3:GetObject"), Description="reads")["Policy"]
    assert "Description" not in made
    assert iam.get_policy(PolicyArn=made["Arn"])["Policy"]["Description"] == "reads"
    (listed,) = [policy for policy in iam.list_policies(Scope="Local")["Policies"] if policy["PolicyName"] == "Told"]
    assert "Description" not in listed


def test_a_managed_policy_is_of_the_newest_language_and_an_inline_one_need_not_be(iam: Any) -> None:
    old = rights("s3:GetObject").replace("2012-10-17", "2008-10-17")
    told = ("MalformedPolicyDocument", 400, "Policy document must be version 2012-10-17 or greater.")
    assert refused(iam.create_policy, PolicyName="Old", PolicyDocument=old) == told
    arn = iam.create_policy(PolicyName="Old", PolicyDocument=rights("s3:GetObject"))["Policy"]["Arn"]
    assert refused(iam.create_policy_version, PolicyArn=arn, PolicyDocument=old) == told
    iam.create_role(RoleName="Old", AssumeRolePolicyDocument=TRUST)
    iam.put_role_policy(RoleName="Old", PolicyName="Old", PolicyDocument=old)


@pytest.mark.parametrize(
    ("operation", "member", "more"),
    [
        ("attach_role_policy", "PolicyArn", {"RoleName": "Arns"}),
        ("detach_role_policy", "PolicyArn", {"RoleName": "Arns"}),
        ("get_policy", "PolicyArn", {}),
        ("list_policy_versions", "PolicyArn", {}),
        ("get_open_id_connect_provider", "OpenIDConnectProviderArn", {}),
        ("get_saml_provider", "SAMLProviderArn", {}),
    ],
)
def test_what_is_no_arn_is_said_to_be_none(iam: Any, operation: str, member: str, more: dict[str, str]) -> None:
    with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName="Arns", AssumeRolePolicyDocument=TRUST)
    for text in ("longpolicynamebutnoarn", "arn:aws:iam::policy/Missing", "arn:::000000000000:policy/x"):
        told = refused(getattr(iam, operation), **{member: text}, **more)
        assert told == ("ValidationError", 400, "Invalid ARN:  Could not be parsed!")


def test_a_policy_has_versions(iam: Any) -> None:
    arn = iam.create_policy(PolicyName="Versions", PolicyDocument=rights("s3:GetObject"))["Policy"]["Arn"]
    second = iam.create_policy_version(PolicyArn=arn, PolicyDocument=rights("s3:PutObject"), SetAsDefault=True)
    assert second["PolicyVersion"]["VersionId"] == "v2"
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v2"
    first = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]
    assert first["Document"] == json.loads(rights("s3:GetObject"))
    assert first["IsDefaultVersion"] is False
    assert refused(iam.delete_policy_version, PolicyArn=arn, VersionId="v2")[0] == "DeleteConflict"
    assert refused(iam.delete_policy, PolicyArn=arn)[0] == "DeleteConflict"
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    assert [found["VersionId"] for found in iam.list_policy_versions(PolicyArn=arn)["Versions"]] == ["v1"]
    iam.delete_policy(PolicyArn=arn)


def test_a_policy_has_five_versions_at_most(iam: Any) -> None:
    arn = iam.create_policy(PolicyName="Many", PolicyDocument=rights("s3:GetObject"))["Policy"]["Arn"]
    for _ in range(4):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=rights("s3:GetObject"))
    code, status, _ = refused(iam.create_policy_version, PolicyArn=arn, PolicyDocument=rights("s3:GetObject"))
    assert (code, status) == ("LimitExceeded", 409)


def test_names_are_taken_once(iam: Any) -> None:
    iam.create_policy(PolicyName="Once", PolicyDocument=rights("s3:GetObject"))
    assert refused(iam.create_policy, PolicyName="Once", PolicyDocument=rights("s3:*")) == (
        "EntityAlreadyExists",
        409,
        "A policy called Once already exists. Duplicate names are not allowed.",
    )


def test_the_guests_session_policy_of_aws_is_there(iam: Any) -> None:
    policy = iam.get_policy(PolicyArn=GUESTS)["Policy"]
    version = iam.get_policy_version(PolicyArn=GUESTS, VersionId=policy["DefaultVersionId"])["PolicyVersion"]
    assert "kms:Encrypt" in version["Document"]["Statement"][0]["Action"]


def test_policies_of_aws_can_be_attached(iam: Any) -> None:
    iam.create_role(RoleName="AwsHolder", AssumeRolePolicyDocument=TRUST)
    iam.attach_role_policy(RoleName="AwsHolder", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    assert iam.list_attached_role_policies(RoleName="AwsHolder")["AttachedPolicies"][0]["PolicyName"] == (
        "AmazonS3ReadOnlyAccess"
    )
    missing = "arn:aws:iam::aws:policy/NoSuchPolicy"
    code, _, message = refused(iam.attach_role_policy, RoleName="AwsHolder", PolicyArn=missing)
    assert (code, message) == ("NoSuchEntity", f"Policy {missing} does not exist or is not attachable.")


def test_own_policies_are_listed(iam: Any) -> None:
    iam.create_policy(PolicyName="Listed", PolicyDocument=rights("s3:GetObject"))
    names = {policy["PolicyName"] for policy in iam.list_policies(Scope="Local")["Policies"]}
    assert "Listed" in names
    assert "AmazonS3ReadOnlyAccess" not in names


def test_tags_of_a_policy(iam: Any) -> None:
    team, cost = {"Key": "team", "Value": "red"}, {"Key": "cost", "Value": "1"}
    arn = iam.create_policy(PolicyName="Tagged", PolicyDocument=rights("s3:GetObject"), Tags=[team])["Policy"]["Arn"]
    iam.tag_policy(PolicyArn=arn, Tags=[cost])
    assert iam.list_policy_tags(PolicyArn=arn)["Tags"] == [team, cost]
    iam.untag_policy(PolicyArn=arn, TagKeys=["team"])
    assert iam.get_policy(PolicyArn=arn)["Policy"]["Tags"] == [cost]
    assert iam.list_policy_tags(PolicyArn=GUESTS)["Tags"] == []
    assert refused(iam.tag_policy, PolicyArn=f"{OWN}None", Tags=[team])[:2] == ("NoSuchEntity", 404)
