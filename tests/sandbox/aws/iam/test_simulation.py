"""Simulated policies, judged by the evaluator that decides about real calls."""

import json
from typing import Any

import pytest

from tests.sandbox.aws.iam.helpers import refused, rights
from tests.sandbox.lab import Lab

SHOP = "arn:aws:s3:::shop/"


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any, resource: Any, condition: dict[str, Any] | None = None, effect: str = "Allow") -> dict[str, Any]:
    more = {"Condition": condition} if condition else {}
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def told(answer: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (one["EvalActionName"], one["EvalResourceName"], one["EvalDecision"]) for one in answer["EvaluationResults"]
    ]


def test_each_action_is_judged_on_each_resource(iam: Any) -> None:
    read = policy(allow("s3:Get*", f"{SHOP}*"), allow("s3:*", f"{SHOP}private/*", effect="Deny"))
    answer = iam.simulate_custom_policy(
        PolicyInputList=[rights("sqs:*"), read],
        ActionNames=["s3:GetObject", "s3:PutObject"],
        ResourceArns=[f"{SHOP}a", f"{SHOP}private/a"],
    )
    assert told(answer) == [
        ("s3:GetObject", f"{SHOP}a", "allowed"),
        ("s3:GetObject", f"{SHOP}private/a", "explicitDeny"),
        ("s3:PutObject", f"{SHOP}a", "implicitDeny"),
        ("s3:PutObject", f"{SHOP}private/a", "explicitDeny"),
    ]
    sources = [[one["SourcePolicyId"] for one in result["MatchedStatements"]] for result in answer["EvaluationResults"]]
    assert sources == [["PolicyInputList.2"], ["PolicyInputList.2"], [], ["PolicyInputList.2"]]


def test_keys_that_are_not_given_are_named_and_absent(iam: Any) -> None:
    own = policy(
        allow("s3:GetObject", f"{SHOP}${{aws:PrincipalTag/team}}/*", {"Bool": {"aws:SecureTransport": "true"}})
    )
    asked = {"PolicyInputList": [own], "ActionNames": ["s3:GetObject"], "ResourceArns": [f"{SHOP}red/a"]}
    (without,) = iam.simulate_custom_policy(**asked)["EvaluationResults"]
    assert (without["EvalDecision"], without["MissingContextValues"]) == (
        "implicitDeny",
        ["aws:PrincipalTag/team", "aws:SecureTransport"],
    )
    assert iam.get_context_keys_for_custom_policy(PolicyInputList=[own])["ContextKeyNames"] == (
        ["aws:PrincipalTag/team", "aws:SecureTransport"]
    )
    entries = [
        {"ContextKeyName": "aws:principaltag/team", "ContextKeyValues": ["red"], "ContextKeyType": "string"},
        {"ContextKeyName": "aws:SecureTransport", "ContextKeyValues": ["true"], "ContextKeyType": "boolean"},
    ]
    (given,) = iam.simulate_custom_policy(**asked, ContextEntries=entries)["EvaluationResults"]
    assert (given["EvalDecision"], given.get("MissingContextValues", [])) == ("allowed", [])


def test_a_key_with_several_values(iam: Any) -> None:
    document = policy(allow("s3:*", "*", {"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}))
    for values, verdict in ((["a", "b"], "allowed"), (["a", "c"], "implicitDeny")):
        entry = {"ContextKeyName": "aws:TagKeys", "ContextKeyValues": values, "ContextKeyType": "stringList"}
        answer = iam.simulate_custom_policy(
            PolicyInputList=[document], ActionNames=["s3:GetObject"], ContextEntries=[entry]
        )
        assert told(answer) == [("s3:GetObject", "*", verdict)]


@pytest.mark.parametrize(
    ("identity", "resource", "owner", "verdict"),
    [
        ("Allow", None, "", "allowed"),
        (None, "Allow", "", "allowed"),
        ("Allow", "Deny", "", "explicitDeny"),
        ("Deny", "Allow", "", "explicitDeny"),
        (None, None, "", "implicitDeny"),
        # Another account's bucket: both have to allow.
        ("Allow", "Allow", "arn:aws:iam::999988887777:root", "allowed"),
        ("Allow", None, "arn:aws:iam::999988887777:root", "implicitDeny"),
        (None, "Allow", "arn:aws:iam::999988887777:root", "implicitDeny"),
    ],
)
def test_policies_of_resources_count(
    iam: Any, identity: str | None, resource: str | None, owner: str, verdict: str
) -> None:
    caller = "arn:aws:iam::000000000000:role/Reader"
    own = policy(allow("s3:GetObject" if identity else "s3:PutObject", f"{SHOP}*", effect=identity or "Allow"))
    bucket = policy(
        {**allow("s3:GetObject" if resource else "s3:PutObject", f"{SHOP}*", effect=resource or "Allow"),
         "Principal": {"AWS": caller}}
    )  # fmt: skip
    answer = iam.simulate_custom_policy(
        PolicyInputList=[own],
        ActionNames=["s3:GetObject"],
        ResourceArns=[f"{SHOP}a"],
        ResourcePolicy=bucket,
        CallerArn=caller,
        **({"ResourceOwner": owner} if owner else {}),
    )
    assert told(answer) == [("s3:GetObject", f"{SHOP}a", verdict)]


@pytest.mark.parametrize(
    ("bounds", "action", "verdict", "allowed"),
    [
        (allow("s3:Get*", "*"), "s3:GetObject", "allowed", True),
        (allow("s3:Get*", "*"), "s3:PutObject", "implicitDeny", False),
        (allow("*", "*"), "sqs:SendMessage", "implicitDeny", True),
        (allow("s3:*", "*", effect="Deny"), "s3:GetObject", "explicitDeny", False),
        (allow("s3:*", "*", {"Bool": {"aws:SecureTransport": "true"}}), "s3:GetObject", "implicitDeny", False),
    ],
)
def test_a_permissions_boundary_limits_what_policies_give(
    iam: Any, bounds: dict[str, Any], action: str, verdict: str, allowed: bool
) -> None:
    (result,) = iam.simulate_custom_policy(
        PolicyInputList=[rights("s3:*")], PermissionsBoundaryPolicyInputList=[policy(bounds)], ActionNames=[action]
    )["EvaluationResults"]
    assert result["EvalDecision"] == verdict
    assert result["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": allowed}
    assert bool(result.get("MissingContextValues")) == ("Condition" in bounds)


def test_a_boundary_of_the_call_takes_the_place_of_the_roles_own(lab: Lab) -> None:
    trusts = {"Effect": "Allow", "Principal": {"AWS": lab.account}, "Action": "sts:AssumeRole"}
    role = lab.role("Bounded", {"Version": "2012-10-17", "Statement": [trusts]}, json.loads(rights("s3:*")))
    own = lab.iam.create_policy(PolicyName="Bounds", PolicyDocument=rights("s3:GetObject"))["Policy"]["Arn"]
    lab.iam.put_role_permissions_boundary(RoleName="Bounded", PermissionsBoundary=own)
    asked = {"PolicySourceArn": role, "ActionNames": ["s3:GetObject", "s3:PutObject"]}
    assert [verdict for _, _, verdict in told(lab.iam.simulate_principal_policy(**asked))] == (
        ["allowed", "implicitDeny"]
    )
    other = lab.iam.simulate_principal_policy(**asked, PermissionsBoundaryPolicyInputList=[rights("s3:PutObject")])
    assert [verdict for _, _, verdict in told(other)] == ["implicitDeny", "allowed"]


@pytest.mark.parametrize("action", ["GetObject", "s3:Get*", "s3:", ":GetObject", "s3:Get:Object", "s3:GetObjec?"])
def test_an_action_is_one_of_a_service(iam: Any, action: str) -> None:
    told = refused(iam.simulate_custom_policy, PolicyInputList=[rights("s3:*")], ActionNames=["s3:GetObject", action])
    assert told[0] == "InvalidInput"
    assert f"Invalid Action: {action} is not" in told[2]


def test_results_come_in_pages(iam: Any) -> None:
    asked = {"PolicyInputList": [rights("s3:*")], "ActionNames": [f"s3:Get{number}" for number in range(150)]}
    pages = list(iam.get_paginator("simulate_custom_policy").paginate(**asked))
    assert [len(page["EvaluationResults"]) for page in pages] == [100, 50]
    assert len({result["EvalActionName"] for page in pages for result in page["EvaluationResults"]}) == 150


def test_a_role_is_simulated_as_it_decides(lab: Lab) -> None:
    trusts = {"Effect": "Allow", "Principal": {"AWS": lab.account}, "Action": "sts:AssumeRole"}
    rights_of_role = json.loads(policy(allow("iam:ListRoles", "*"), allow("iam:GetRole", "*", effect="Deny")))
    role = lab.role("Tried", {"Version": "2012-10-17", "Statement": [trusts]}, rights_of_role)
    answer = lab.iam.simulate_principal_policy(
        PolicySourceArn=role, ActionNames=["iam:ListRoles", "iam:GetRole", "iam:ListUsers"]
    )
    assert [verdict for _, _, verdict in told(answer)] == ["allowed", "explicitDeny", "implicitDeny"]
    assert answer["EvaluationResults"][0]["MatchedStatements"][0]["SourcePolicyId"] == "rights"
    keys = lab.client("sts").assume_role(RoleArn=role, RoleSessionName="tried")["Credentials"]
    as_role = lab.with_credentials("iam", keys)
    assert as_role.list_roles()["Roles"]
    assert refused(as_role.get_role, RoleName="Tried")[0] == refused(as_role.list_users)[0] == "AccessDenied"
    assert lab.iam.get_context_keys_for_principal_policy(PolicySourceArn=role)["ContextKeyNames"] == []


def test_the_administrator_may_do_everything(lab: Lab) -> None:
    arn = lab.iam.get_user()["User"]["Arn"]
    answer = lab.iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=["s3:DeleteBucket"])
    assert told(answer) == [("s3:DeleteBucket", "*", "allowed")]
    assert answer["EvaluationResults"][0]["MatchedStatements"][0]["SourcePolicyId"] == "AdministratorAccess"


@pytest.mark.parametrize(
    ("operation", "params", "code"),
    [
        ("simulate_custom_policy", {"PolicyInputList": ["{"]}, "InvalidInput"),
        ("simulate_custom_policy", {"PolicyInputList": [rights("s3:*")], "ResourcePolicy": "{}"}, "InvalidInput"),
        (
            "simulate_custom_policy",
            {"PolicyInputList": [rights("s3:*")], "PermissionsBoundaryPolicyInputList": [rights("s3:*")] * 2},
            "InvalidInput",
        ),
        (
            "simulate_custom_policy",
            {"PolicyInputList": [rights("s3:*")], "PermissionsBoundaryPolicyInputList": ["{"]},
            "InvalidInput",
        ),
        ("simulate_principal_policy", {"PolicySourceArn": "arn:aws:iam::{account}:role/Nobody"}, "NoSuchEntity"),
        ("simulate_principal_policy", {"PolicySourceArn": "arn:aws:iam::999988887777:role/Other"}, "NoSuchEntity"),
        ("simulate_principal_policy", {"PolicySourceArn": "somebody-without-an-arn"}, "ValidationError"),
    ],
)
def test_what_cannot_be_simulated(lab: Lab, operation: str, params: dict[str, Any], code: str) -> None:
    given = {name: value.format(account=lab.account) if isinstance(value, str) and "arn" in value else value
             for name, value in params.items()}  # fmt: skip
    assert refused(getattr(lab.iam, operation), ActionNames=["s3:GetObject"], **given)[0] == code
