"""Attaching managed policies to roles (IAM API Reference, 2010-05-08)."""

from typing import Any

from sandbox.aws.iam.names import limit_exceeded, no_such_entity, require_arn
from sandbox.aws.iam.paging import page
from sandbox.aws.iam.policy_operations import attachments, aws_policy, own_policy
from sandbox.aws.iam.role_operations import role_row
from sandbox.aws.iam.roles import forget_roles
from sandbox.core.call import Call
from sandbox.core.errors import AwsError

_ATTACHED = 10


async def attach_role_policy(call: Call) -> dict[str, Any]:
    role, policy_arn = role_row(call, call.params["RoleName"])["name"], call.params["PolicyArn"]
    require_arn(policy_arn)
    if not aws_policy(call, policy_arn):
        try:
            own_policy(call, policy_arn)
        except AwsError as error:
            raise no_such_entity(f"Policy {policy_arn} does not exist or is not attachable.") from error
    attached = _attached(call, role)
    if policy_arn not in attached and len(attached) >= _ATTACHED:
        raise limit_exceeded(f"Cannot exceed quota for PoliciesPerRole: {_ATTACHED}")
    call.instance.store.connection.execute(
        "INSERT OR IGNORE INTO iam_attachment (account, role, policy_arn) VALUES (?, ?, ?)",
        (call.account, role, policy_arn),
    )
    forget_roles(call.instance.store)
    return {}


def _attached(call: Call, role: str) -> list[str]:
    rows = call.instance.store.connection.execute(
        "SELECT policy_arn FROM iam_attachment WHERE account = ? AND role = ? ORDER BY policy_arn", (call.account, role)
    )
    return [policy_arn for (policy_arn,) in rows]


async def detach_role_policy(call: Call) -> dict[str, Any]:
    role, policy_arn = role_row(call, call.params["RoleName"])["name"], call.params["PolicyArn"]
    require_arn(policy_arn)
    gone = call.instance.store.connection.execute(
        "DELETE FROM iam_attachment WHERE account = ? AND role = ? AND policy_arn = ?",
        (call.account, role, policy_arn),
    )
    if not gone.rowcount:
        raise no_such_entity(f"Policy {policy_arn} was not found.")
    forget_roles(call.instance.store)
    return {}


async def list_attached_role_policies(call: Call) -> dict[str, Any]:
    role, prefix = role_row(call, call.params["RoleName"])["name"], call.params.get("PathPrefix", "/")
    found = [
        {"PolicyName": policy_arn.rsplit("/", 1)[-1], "PolicyArn": policy_arn}
        for policy_arn in _attached(call, role)
        if policy_arn.split(":policy", 1)[-1].startswith(prefix)
    ]
    return page(call.params, "AttachedPolicies", found)


async def list_entities_for_policy(call: Call) -> dict[str, Any]:
    if not aws_policy(call, call.params["PolicyArn"]):
        own_policy(call, call.params["PolicyArn"])
    roles = [
        {"RoleName": name, "RoleId": role_row(call, name)["role_id"]}
        for name in attachments(call, call.params["PolicyArn"])
    ]
    return {**page(call.params, "PolicyRoles", roles), "PolicyGroups": [], "PolicyUsers": []}
