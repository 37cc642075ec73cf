"""The commands that mend what a check found."""

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from botocore import xform_name

from flows.exchange.pool_facts import RoleFacts
from flows.pages.pools.masks import without_secrets
from operations.doctor.findings import Fix

_COGNITO = "cognito-identity.amazonaws.com"
_CLI = {"S3": "s3api"}


def aws(service: str, operation: str, params: Mapping[str, Any], region: str = "") -> Fix:
    """A command of the AWS CLI with its whole input, as the operation's model has it.

    Args:
        region: where it is to be called; left out of IAM's, which has none.
    """
    where = f" --region {region}" if region and service != "iam" else ""
    text = shlex.quote(json.dumps(params, indent=2, ensure_ascii=False))
    name = _CLI.get(service.upper(), service)
    return Fix("aws", f"aws {name} {xform_name(operation, '-')}{where} --cli-input-json {text}")


def setting(name: str, value: str) -> Fix:
    """A line of `.env`."""
    return Fix("setting", f"{name}={value}")


def by_hand(text: str) -> Fix:
    return Fix("text", text)


def update_pool(definition: Mapping[str, Any], region: str) -> tuple[Fix, ...]:
    """UpdateIdentityPool replaces the whole pool, so that it says everything that is to stay."""
    shown = without_secrets(definition)
    fix = aws("cognito-identity", "UpdateIdentityPool", shown, region)
    if shown == definition:
        return (fix,)
    return (by_hand("Put X’s consumer secret in place of SECRET in the next command."), fix)


def set_roles(pool_id: str, roles: Mapping[str, str], mappings: Mapping[str, Any], region: str) -> Fix:
    """SetIdentityPoolRoles replaces roles and mappings alike."""
    params: dict[str, Any] = {"IdentityPoolId": pool_id, "Roles": dict(roles)}
    if mappings:
        params["RoleMappings"] = dict(mappings)
    return aws("cognito-identity", "SetIdentityPoolRoles", params, region)


def trust_document(pool_id: str, amr: str, *, tags: bool) -> dict[str, Any]:
    """A trust policy that lets in whom a role is for, from this pool alone."""
    actions = ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": _COGNITO},
                "Action": actions if tags else actions[0],
                "Condition": {
                    "StringEquals": {f"{_COGNITO}:aud": pool_id},
                    "ForAnyValue:StringLike": {f"{_COGNITO}:amr": amr},
                },
            }
        ],
    }


def statements(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The statements of a policy, a single one included."""
    found = document.get("Statement", [])
    return [dict(one) for one in (found if isinstance(found, list) else [found])]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def documents_of(role: RoleFacts) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """`inline` and a name, or `attached` and an ARN, with each of a role's policies."""
    yield from (("inline", name, document) for name, document in role.policies.items())
    yield from (("attached", arn, document) for arn, document in role.attached.items())


def policy_with(role: RoleFacts, where: str, name: str, kept: list[dict[str, Any]]) -> Fix:
    """Have one of a role's policies consist of these statements; of none, have it no longer be the role's."""
    document = json.dumps({"Version": "2012-10-17", "Statement": kept})
    if where == "inline":
        named = {"RoleName": role.name, "PolicyName": name}
        if not kept:
            return aws("iam", "DeleteRolePolicy", named)
        return aws("iam", "PutRolePolicy", {**named, "PolicyDocument": document})
    if not kept or name.startswith("arn:aws:iam::aws:"):
        return aws("iam", "DetachRolePolicy", {"RoleName": role.name, "PolicyArn": name})
    return aws("iam", "CreatePolicyVersion", {"PolicyArn": name, "PolicyDocument": document, "SetAsDefault": True})
