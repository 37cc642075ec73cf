"""STS: tags and source identities of sessions, and what chained sessions inherit or need."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.issuers import Issuer
from tests.sandbox.lab import Lab, allow, refused
from tests.sandbox.saml_idp import SESSION_NAME, SamlIdp

IDP = SamlIdp()
SAML_ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes"
RED = [{"Key": "team", "Value": "red"}]
TAGGED = ("sts:AssumeRole", "sts:TagSession")
NAMED = ("sts:AssumeRole", "sts:SetSourceIdentity")


def assumable(lab: Lab, name: str, *actions: str, by: Any = None, rights: Any = None, **more: Any) -> str:
    """The ARN of a role that `by`, or else everybody in the account who is allowed to, may assume."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": by or lab.account},
        "Action": list(actions or ("sts:AssumeRole",)),
        **more,
    }
    return lab.role(name, {"Version": "2012-10-17", "Statement": [statement]}, rights)


def assume(client: Any, role: str, **more: Any) -> dict[str, Any]:
    return dict(client.assume_role(RoleArn=role, RoleSessionName="session", **more))


def session(lab: Lab, role: str, **more: Any) -> Any:
    """A client of STS with a session of the role, which the administrator has assumed."""
    return lab.with_credentials("sts", assume(lab.client("sts"), role, **more)["Credentials"])


def refusal(client: Any, role: str, **more: Any) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as error:
        assume(client, role, **more)
    return refused(error.value)


# --- What the caller needs ---


@pytest.mark.parametrize("named", ["role", "session"])
def test_a_trust_policy_that_names_the_caller_is_enough_in_the_account(lab: Lab, named: str) -> None:
    caller = assumable(lab, "Caller")
    by = caller if named == "role" else f"arn:aws:sts::{lab.account}:assumed-role/Caller/session"
    assert assume(session(lab, caller), assumable(lab, "Target", by=by))["Credentials"]


def test_a_trust_policy_that_names_the_account_leaves_it_to_the_callers_policies(lab: Lab) -> None:
    target = assumable(lab, "Target")
    status, code, message = refusal(session(lab, assumable(lab, "Caller")), target)
    assert (status, code) == (403, "AccessDenied")
    assert message.endswith(
        f"is not authorized to perform: sts:AssumeRole on resource: {target} "
        "because no identity-based policy allows the sts:AssumeRole action"
    )


def test_a_trust_policy_that_names_the_caller_is_not_enough_elsewhere(lab: Lab) -> None:
    caller = assumable(lab, "Caller")
    other = Lab(lab.sandbox, lab.providers)
    assert refusal(session(lab, caller), assumable(other, "Target", by=caller))[1] == "AccessDenied"


@pytest.mark.parametrize("where", ["identity", "session"])
def test_no_trust_policy_overrides_what_denies_or_limits_the_caller(lab: Lab, where: str) -> None:
    deny = {"Effect": "Deny", "Action": "sts:*", "Resource": "*"}
    rights = {"Version": "2012-10-17", "Statement": [deny]} if where == "identity" else None
    caller = assumable(lab, "Caller", rights=rights)
    more = {} if rights else {"Policy": json.dumps(allow("s3:*"))}
    target = assumable(lab, "Target", by=caller)
    assert refusal(session(lab, caller, **more), target)[1] == "AccessDenied"


def test_tags_need_to_be_allowed_to_the_caller(lab: Lab) -> None:
    target = assumable(lab, "Target", *TAGGED)
    caller = session(lab, assumable(lab, "Caller", rights=allow("sts:AssumeRole")))
    assert assume(caller, target)["Credentials"]
    status, code, message = refusal(caller, target, Tags=RED)
    assert (status, code) == (403, "AccessDenied")
    assert message.endswith("because no identity-based policy allows the sts:TagSession action")


def test_the_callers_policy_may_limit_the_tags(lab: Lab) -> None:
    red = {"StringEquals": {"aws:RequestTag/team": "red"}, "ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}
    statements = [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"},
        {"Effect": "Allow", "Action": "sts:TagSession", "Resource": "*", "Condition": red},
    ]
    rights = {"Version": "2012-10-17", "Statement": statements}
    caller = session(lab, assumable(lab, "Caller", rights=rights))
    target = assumable(lab, "Target", *TAGGED)
    assert assume(caller, target, Tags=RED)["Credentials"]
    for tags in ([{"Key": "team", "Value": "blue"}], [*RED, {"Key": "cost", "Value": "1"}]):
        assert refusal(caller, target, Tags=tags)[1] == "AccessDenied"


def test_tags_need_to_be_allowed_by_the_trust_policy(lab: Lab) -> None:
    target = assumable(lab, "Target")
    message = (
        f"User: arn:aws:iam::{lab.account}:user/administrator is not authorized to perform: sts:TagSession "
        f"on resource: {target}"
    )
    assert refusal(lab.client("sts"), target, Tags=RED) == (403, "AccessDenied", message)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            {"Tags": [*RED, {"Key": "Team", "Value": "blue"}]},
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        ),
        (
            {"Tags": RED, "TransitiveTagKeys": ["cost"]},
            "The specified transitive tag key must be included in the requested tags.",
        ),
    ],
)
def test_tags_that_are_refused(lab: Lab, more: dict[str, Any], message: str) -> None:
    target = assumable(lab, "Target", *TAGGED)
    assert refusal(lab.client("sts"), target, **more) == (400, "InvalidParameterValue", message)


# --- What chained sessions inherit ---


def chained(lab: Lab, *actions: str, **more: Any) -> Any:
    """A session that may assume anything."""
    return session(lab, assumable(lab, "First", *actions, rights=allow("sts:*")), **more)


def may_read_roles_when(condition: dict[str, Any]) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": "iam:GetRole", "Resource": "*", "Condition": condition}
    return {"Version": "2012-10-17", "Statement": [statement]}


@pytest.mark.parametrize(("key", "passed_on"), [("team", True), ("cost", False)])
def test_only_transitive_tags_are_passed_on(lab: Lab, key: str, passed_on: bool) -> None:
    tags = [*RED, {"Key": "cost", "Value": "red"}]
    first = chained(lab, *TAGGED, Tags=tags, TransitiveTagKeys=["Team"])
    rights = may_read_roles_when({"StringEquals": {f"aws:PrincipalTag/{key}": "red"}})
    second = assume(first, assumable(lab, "Second", *TAGGED, rights=rights))["Credentials"]
    iam = lab.with_credentials("iam", second)
    if passed_on:
        assert iam.get_role(RoleName="Second")
    else:
        with pytest.raises(ClientError, match="AccessDenied"):
            iam.get_role(RoleName="Second")


def test_inherited_tags_need_sts_tag_session_and_cannot_be_replaced(lab: Lab) -> None:
    first = chained(lab, *TAGGED, Tags=RED, TransitiveTagKeys=["team"])
    assert refusal(first, assumable(lab, "Untagged"))[1] == "AccessDenied"
    target = assumable(lab, "Tagged", *TAGGED, Condition={"StringEquals": {"aws:RequestTag/team": "red"}})
    assert assume(first, target)["PackedPolicySize"] > 0
    message = (
        "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key "
        "from the calling session."
    )
    assert refusal(first, target, Tags=[{"Key": "TEAM", "Value": "x"}]) == (400, "InvalidParameterValue", message)


def test_a_trust_policy_may_test_the_callers_tags(lab: Lab) -> None:
    first = chained(lab, *TAGGED, Tags=RED)
    for team, allowed in (("red", True), ("blue", False)):
        condition = {"StringEquals": {"aws:PrincipalTag/team": team}}
        target = assumable(lab, f"For-{team}", Condition=condition)
        if allowed:
            assert assume(first, target)["Credentials"]
        else:
            assert refusal(first, target)[1] == "AccessDenied"


# --- Source identity ---


def test_a_source_identity_stays_for_all_sessions_that_follow(lab: Lab) -> None:
    first = chained(lab, *NAMED, SourceIdentity="ana")
    rights = may_read_roles_when({"StringEquals": {"aws:SourceIdentity": "ana"}})
    target = assumable(lab, "Second", *NAMED, rights=rights, Condition={"StringEquals": {"sts:SourceIdentity": "ana"}})
    answer = assume(first, target)
    assert answer["SourceIdentity"] == "ana"
    assert lab.with_credentials("iam", answer["Credentials"]).get_role(RoleName="Second")
    message = "The source identity is already set for this assume role session"
    assert refusal(first, target, SourceIdentity="ben") == (400, "ValidationError", message)


def test_a_source_identity_needs_a_right_of_its_own(lab: Lab) -> None:
    assert "SourceIdentity" not in assume(lab.client("sts"), assumable(lab, "Plain"))
    assert "sts:SetSourceIdentity on" in refusal(lab.client("sts"), assumable(lab, "Other"), SourceIdentity="ana")[2]
    caller = session(lab, assumable(lab, "Caller", rights=allow("sts:AssumeRole")))
    message = refusal(caller, assumable(lab, "Named", *NAMED), SourceIdentity="ana")[2]
    assert message.endswith("because no identity-based policy allows the sts:SetSourceIdentity action")


# --- Tags and source identity of logins ---


def federated(lab: Lab, provider: str, *actions: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": list(actions)}
    return lab.role("Federated", {"Version": "2012-10-17", "Statement": [statement]}, allow("sts:*"))


def claims(**more: Any) -> dict[str, Any]:
    tags = {"principal_tags": {"team": ["red"]}, "transitive_tag_keys": ["team"]}
    return {"https://aws.amazon.com/tags": tags, "https://aws.amazon.com/source_identity": "ana", **more}


def test_a_token_brings_transitive_tags_and_a_source_identity(lab: Lab) -> None:
    issuer: Issuer = lab.providers.issuer("generic")
    actions = ("sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity")
    role = federated(lab, lab.oidc(issuer, "app-1"), *actions)
    params = {"RoleArn": role, "RoleSessionName": "web"}
    token = issuer.token("ana", "app-1", **claims())
    answer = lab.sts.assume_role_with_web_identity(WebIdentityToken=token, **params)
    assert answer["SourceIdentity"] == "ana"
    target = assumable(lab, "Next", *TAGGED, *NAMED, Condition={"StringEquals": {"aws:RequestTag/team": "red"}})
    assert assume(lab.with_credentials("sts", answer["Credentials"]), target)["SourceIdentity"] == "ana"
    wrong = issuer.token("ana", "app-1", **claims(**{"https://aws.amazon.com/source_identity": "a b"}))
    with pytest.raises(ClientError, match="InvalidIdentityToken"):
        lab.sts.assume_role_with_web_identity(WebIdentityToken=wrong, **params)


def test_a_tokens_source_identity_needs_a_right_of_its_own(lab: Lab) -> None:
    issuer: Issuer = lab.providers.issuer("generic")
    role = federated(lab, lab.oidc(issuer, "app-1"), "sts:AssumeRoleWithWebIdentity", "sts:TagSession")
    token = issuer.token("ana", "app-1", **claims())
    with pytest.raises(ClientError) as error:
        lab.sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="web", WebIdentityToken=token)
    assert refused(error.value) == (403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")


def test_a_saml_response_brings_transitive_tags_and_a_source_identity(lab: Lab) -> None:
    made = lab.iam.create_saml_provider(Name="Corp", SAMLMetadataDocument=IDP.metadata)
    provider = str(made["SAMLProviderArn"])
    role = federated(lab, provider, "sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity")
    attributes = {
        SESSION_NAME: ["ana"],
        f"{SAML_ATTRIBUTES}/PrincipalTag:team": ["red"],
        f"{SAML_ATTRIBUTES}/TransitiveTagKeys": ["team"],
        f"{SAML_ATTRIBUTES}/SourceIdentity": ["ana"],
    }
    response = IDP.response(roles=((role, provider),), attributes=attributes)
    answer = lab.sts.assume_role_with_saml(RoleArn=role, PrincipalArn=provider, SAMLAssertion=response)
    assert answer["SourceIdentity"] == "ana"
    target = assumable(lab, "Next", *TAGGED, *NAMED, Condition={"StringEquals": {"aws:RequestTag/team": "red"}})
    assert assume(lab.with_credentials("sts", answer["Credentials"]), target)["SourceIdentity"] == "ana"
