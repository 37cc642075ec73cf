"""Operations on managed policies and their versions (IAM API Reference, 2010-05-08)."""

import json
from sqlite3 import IntegrityError, Row
from typing import Any

from iampolicy.documents import MANAGED_POLICY_LIMIT, parse_policy
from sandbox.aws.iam import tags
from sandbox.aws.iam.managed_policies import AwsPolicy, aws_policies, find_aws_policy
from sandbox.aws.iam.names import (
    account_of,
    already_exists,
    arn,
    delete_conflict,
    encoded,
    limit_exceeded,
    no_such_entity,
    require_arn,
    unique_id,
)
from sandbox.aws.iam.paging import page
from sandbox.aws.iam.roles import forget_roles
from sandbox.core.call import Call

_VERSIONS = 5


def _policy_arn(row: Row) -> str:
    return arn(row["account"], "policy", row["path"], row["name"])


def aws_policy(call: Call, policy_arn: str) -> AwsPolicy | None:
    """The managed policy of AWS that an ARN names, as the caller's account knows it."""
    if account_of(policy_arn) != "aws":
        return None
    return find_aws_policy(call.instance.store, policy_arn, call.account)


def own_policy(call: Call, policy_arn: str) -> Row:
    """The row of one of the account's own policies.

    Raises:
        AwsError: NoSuchEntity; ValidationError for what is no ARN.
    """
    require_arn(policy_arn)
    row: Row | None = None
    if account_of(policy_arn) == call.account:
        row = call.instance.store.connection.execute(
            "SELECT * FROM iam_policy WHERE account = ? AND name = ? COLLATE BINARY",
            (call.account, policy_arn.rsplit("/", 1)[-1]),
        ).fetchone()
    if row is None or _policy_arn(row) != policy_arn:
        raise no_such_entity(f"Policy {policy_arn} was not found.")
    return row


def attachments(call: Call, policy_arn: str) -> list[str]:
    """The names of the account's roles to which a policy is attached."""
    rows = call.instance.store.connection.execute(
        "SELECT role FROM iam_attachment WHERE account = ? AND policy_arn = ? ORDER BY role", (call.account, policy_arn)
    )
    return [role for (role,) in rows]


def _bounded(call: Call, policy_arn: str) -> list[str]:
    """The names of the account's roles whose permissions boundary a policy is."""
    rows = call.instance.store.connection.execute(
        "SELECT role FROM iam_boundary WHERE account = ? AND policy_arn = ?", (call.account, policy_arn)
    )
    return [role for (role,) in rows]


def _described(call: Call, row: Row) -> dict[str, Any]:
    return {
        "PolicyName": row["name"],
        "PolicyId": row["policy_id"],
        "Arn": _policy_arn(row),
        "Path": row["path"],
        "DefaultVersionId": f"v{row['default_version']}",
        "AttachmentCount": len(attachments(call, _policy_arn(row))),
        "PermissionsBoundaryUsageCount": len(_bounded(call, _policy_arn(row))),
        "IsAttachable": True,
        "CreateDate": row["created"],
        "UpdateDate": row["updated"],
    }


def _described_aws(call: Call, policy: AwsPolicy) -> dict[str, Any]:
    return {
        "PolicyName": policy.name,
        # AWS's own ids are not public; one that is always the same for a policy serves.
        "PolicyId": "ANPA" + policy.name.upper().replace("-", "")[:17].ljust(17, "X"),
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": policy.version,
        "AttachmentCount": len(attachments(call, policy.arn)),
        "PermissionsBoundaryUsageCount": len(_bounded(call, policy.arn)),
        "IsAttachable": True,
        "CreateDate": policy.created,
        "UpdateDate": policy.updated,
    }


async def create_policy(call: Call) -> dict[str, Any]:
    params = call.params
    parse_policy(params["PolicyDocument"], limit=MANAGED_POLICY_LIMIT, managed=True)
    path, packed = params.get("Path", "/"), tags.pack_tags(params.get("Tags") or [])
    try:
        call.instance.store.connection.execute(
            "INSERT INTO iam_policy (account, name, path, policy_id, description, default_version, last_version, tags, "
            "created, updated) VALUES (?, ?, ?, ?, ?, 1, 1, ?, ?, ?)",
            (
                call.account,
                params["PolicyName"],
                path,
                unique_id("ANPA"),
                params.get("Description"),
                packed,
                call.now,
                call.now,
            ),
        )
    except IntegrityError as error:
        raise already_exists(
            f"A policy called {params['PolicyName']} already exists. Duplicate names are not allowed."
        ) from error
    _add_version(call, params["PolicyName"], 1, params["PolicyDocument"])
    row = own_policy(call, arn(call.account, "policy", path, params["PolicyName"]))
    found = tags.as_list(row["tags"])
    return {"Policy": {**_described(call, row), **({"Tags": found} if found else {})}}


def _add_version(call: Call, policy: str, version: int, document: str) -> None:
    call.instance.store.connection.execute(
        "INSERT INTO iam_policy_version (account, policy, version, document, created) VALUES (?, ?, ?, ?, ?)",
        (call.account, policy, version, document, call.now),
    )
    forget_roles(call.instance.store)


async def get_policy(call: Call) -> dict[str, Any]:
    policy = aws_policy(call, call.params["PolicyArn"])
    if policy:
        return {"Policy": _described_aws(call, policy)}
    row = own_policy(call, call.params["PolicyArn"])
    description = {"Description": row["description"]} if row["description"] else {}  # of all answers, in this one only
    return {"Policy": {**_described(call, row), **description, "Tags": tags.as_list(row["tags"])}}


async def list_policies(call: Call) -> dict[str, Any]:
    scope, prefix = call.params.get("Scope", "All"), call.params.get("PathPrefix", "/")
    found: list[dict[str, Any]] = []
    if scope != "AWS":
        rows = call.instance.store.connection.execute(
            "SELECT * FROM iam_policy WHERE account = ? ORDER BY name", (call.account,)
        )
        found += [_described(call, row) for row in rows.fetchall()]
    if scope != "Local":
        found += [_described_aws(call, policy) for policy in aws_policies().values()]
    wanted = [policy for policy in found if policy["Path"].startswith(prefix)]
    if call.params.get("OnlyAttached"):
        wanted = [policy for policy in wanted if policy["AttachmentCount"]]
    return page(call.params, "Policies", wanted)


async def delete_policy(call: Call) -> dict[str, Any]:
    row = own_policy(call, call.params["PolicyArn"])
    if attachments(call, call.params["PolicyArn"]) or _bounded(call, call.params["PolicyArn"]):
        raise delete_conflict("Cannot delete a policy attached to entities.")
    if len(_versions(call, row)) > 1:
        raise delete_conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the "
            "policy's versions. The default version is deleted with the policy."
        )
    key = (call.account, row["name"])
    call.instance.store.connection.execute("DELETE FROM iam_policy_version WHERE account = ? AND policy = ?", key)
    call.instance.store.connection.execute("DELETE FROM iam_policy WHERE account = ? AND name = ?", key)
    forget_roles(call.instance.store)
    return {}


async def tag_policy(call: Call) -> dict[str, Any]:
    row = own_policy(call, call.params["PolicyArn"])
    return _set_tags(call, row, tags.with_tags(row["tags"], call.params["Tags"]))


async def untag_policy(call: Call) -> dict[str, Any]:
    row = own_policy(call, call.params["PolicyArn"])
    return _set_tags(call, row, tags.without_tags(row["tags"], call.params["TagKeys"]))


async def list_policy_tags(call: Call) -> dict[str, Any]:
    if aws_policy(call, call.params["PolicyArn"]):
        return page(call.params, "Tags", [])
    return page(call.params, "Tags", tags.as_list(own_policy(call, call.params["PolicyArn"])["tags"]))


def _set_tags(call: Call, row: Row, packed: str) -> dict[str, Any]:
    call.instance.store.connection.execute(
        "UPDATE iam_policy SET tags = ? WHERE account = ? AND name = ?", (packed, call.account, row["name"])
    )
    return {}


# --- Versions ---------------------------------------------------------------------------------------------------------


def _versions(call: Call, row: Row) -> list[Row]:
    return call.instance.store.connection.execute(
        "SELECT * FROM iam_policy_version WHERE account = ? AND policy = ? ORDER BY version DESC",
        (call.account, row["name"]),
    ).fetchall()


def _version(call: Call, row: Row) -> Row:
    for version in _versions(call, row):
        if f"v{version['version']}" == call.params["VersionId"]:
            return version
    raise no_such_entity(
        f"Policy {call.params['PolicyArn']} version {call.params['VersionId']} does not exist or is not attachable."
    )


def _described_version(row: Row, version: Row) -> dict[str, Any]:
    return {
        "VersionId": f"v{version['version']}",
        "IsDefaultVersion": version["version"] == row["default_version"],
        "CreateDate": version["created"],
    }


async def get_policy_version(call: Call) -> dict[str, Any]:
    policy = aws_policy(call, call.params["PolicyArn"])
    if policy and policy.version == call.params["VersionId"]:
        described = {"VersionId": policy.version, "IsDefaultVersion": True, "CreateDate": policy.updated}
        return {"PolicyVersion": {**described, "Document": encoded(json.dumps(policy.document))}}
    row = own_policy(call, call.params["PolicyArn"])
    version = _version(call, row)
    return {"PolicyVersion": {**_described_version(row, version), "Document": encoded(version["document"])}}


async def list_policy_versions(call: Call) -> dict[str, Any]:
    policy = aws_policy(call, call.params["PolicyArn"])
    if policy:
        described = {"VersionId": policy.version, "IsDefaultVersion": True, "CreateDate": policy.updated}
        return page(call.params, "Versions", [described])
    row = own_policy(call, call.params["PolicyArn"])
    return page(call.params, "Versions", [_described_version(row, version) for version in _versions(call, row)])


async def create_policy_version(call: Call) -> dict[str, Any]:
    row = own_policy(call, call.params["PolicyArn"])
    parse_policy(call.params["PolicyDocument"], limit=MANAGED_POLICY_LIMIT, managed=True)
    if len(_versions(call, row)) >= _VERSIONS:
        raise limit_exceeded(
            f"A managed policy can have up to {_VERSIONS} versions. Before you create a new version, you must delete "
            "an existing version."
        )
    number = row["last_version"] + 1
    _add_version(call, row["name"], number, call.params["PolicyDocument"])
    call.instance.store.connection.execute(
        "UPDATE iam_policy SET last_version = ?, updated = ? WHERE account = ? AND name = ?",
        (number, call.now, call.account, row["name"]),
    )
    if call.params.get("SetAsDefault"):
        _set_default(call, row, number)
    changed = own_policy(call, call.params["PolicyArn"])
    return {"PolicyVersion": _described_version(changed, _versions(call, changed)[0])}


def _set_default(call: Call, row: Row, number: int) -> None:
    call.instance.store.connection.execute(
        "UPDATE iam_policy SET default_version = ?, updated = ? WHERE account = ? AND name = ?",
        (number, call.now, call.account, row["name"]),
    )
    forget_roles(call.instance.store)


async def set_default_policy_version(call: Call) -> dict[str, Any]:
    row = own_policy(call, call.params["PolicyArn"])
    _set_default(call, row, _version(call, row)["version"])
    return {}


async def delete_policy_version(call: Call) -> dict[str, Any]:
    row = own_policy(call, call.params["PolicyArn"])
    number = _version(call, row)["version"]
    if number == row["default_version"]:
        raise delete_conflict("Cannot delete the default version of a policy.")
    call.instance.store.connection.execute(
        "DELETE FROM iam_policy_version WHERE account = ? AND policy = ? AND version = ?",
        (call.account, row["name"], number),
    )
    return {}
