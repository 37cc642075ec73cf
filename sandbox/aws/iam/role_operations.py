"""Operations on roles and their inline policies (IAM API Reference, 2010-05-08)."""

from sqlite3 import IntegrityError, Row
from typing import Any

from iampolicy.documents import INLINE_POLICIES_LIMIT, parse_policy, parse_trust_policy, size_of
from sandbox.aws.iam import tags
from sandbox.aws.iam.managed_policies import find_managed_policy
from sandbox.aws.iam.names import (
    account_of,
    already_exists,
    delete_conflict,
    encoded,
    limit_exceeded,
    no_such_entity,
    unique_id,
)
from sandbox.aws.iam.paging import page
from sandbox.aws.iam.roles import boundary_of, forget_roles, role_arn_of
from sandbox.core.call import Call
from sandbox.core.errors import AwsError

# A role with this tag may have a trust policy that IAM would not save today, as roles from before the rule have it.
LEGACY_TAG = "sandbox:legacy-trust"
_DEFAULT_SESSION_DURATION = 3600


def role_row(call: Call, name: str) -> Row:
    """The row of a role of the caller's account.

    Raises:
        AwsError: NoSuchEntity.
    """
    row: Row | None = call.instance.store.connection.execute(
        "SELECT * FROM iam_role WHERE account = ? AND name = ? COLLATE BINARY", (call.account, name)
    ).fetchone()
    if row is None:
        raise no_such_entity(f"The role with name {name} cannot be found.")
    return row


def change_role(call: Call, name: str, column: str, value: Any) -> None:
    """Set one column of a role; `column` is a name of this module's own, never of a request."""
    call.instance.store.connection.execute(
        f"UPDATE iam_role SET {column} = ? WHERE account = ? AND name = ?",  # noqa: S608
        (value, call.account, name),
    )
    forget_roles(call.instance.store)


def _described(row: Row) -> dict[str, Any]:
    role: dict[str, Any] = {
        "Path": row["path"],
        "RoleName": row["name"],
        "RoleId": row["role_id"],
        "Arn": role_arn_of(row),
        "CreateDate": row["created"],
        "AssumeRolePolicyDocument": encoded(row["trust_policy"]),
        "MaxSessionDuration": row["max_session_duration"],
    }
    if row["description"] is not None:
        role["Description"] = row["description"]
    return role


def _checked_boundary(call: Call, policy_arn: str) -> str:
    """A managed policy that can be a boundary in the account.

    Raises:
        AwsError: NoSuchEntity.
    """
    known = account_of(policy_arn) in ("aws", call.account)
    if not known or find_managed_policy(call.instance.store, policy_arn, call.account) is None:
        raise no_such_entity(f"Scope ARN: {policy_arn} does not exist or is not attachable.")
    return policy_arn


def _set_boundary(call: Call, role: str, policy_arn: str) -> None:
    call.instance.store.connection.execute(
        "INSERT OR REPLACE INTO iam_boundary (account, role, policy_arn) VALUES (?, ?, ?)",
        (call.account, role, policy_arn),
    )
    forget_roles(call.instance.store)


async def put_role_permissions_boundary(call: Call) -> dict[str, Any]:
    name = role_row(call, call.params["RoleName"])["name"]
    _set_boundary(call, name, _checked_boundary(call, call.params["PermissionsBoundary"]))
    return {}


async def delete_role_permissions_boundary(call: Call) -> dict[str, Any]:
    name = role_row(call, call.params["RoleName"])["name"]
    _forget_boundary(call, name)
    return {}


def _forget_boundary(call: Call, role: str) -> None:
    call.instance.store.connection.execute(
        "DELETE FROM iam_boundary WHERE account = ? AND role = ?", (call.account, role)
    )
    forget_roles(call.instance.store)


def _is_legacy(stored_tags: str) -> bool:
    return tags.read_tags(stored_tags).get(LEGACY_TAG, "").lower() == "true"


def _check_duration(seconds: int) -> int:
    if not 3600 <= seconds <= 43_200:
        bound = "greater than or equal to 3600" if seconds < 3600 else "less than or equal to 43200"
        raise AwsError(
            "ValidationError",
            f"1 validation error detected: Value '{seconds}' at 'maxSessionDuration' failed to satisfy constraint: "
            f"Member must have value {bound}",
        )
    return seconds


async def create_role(call: Call) -> dict[str, Any]:
    params = call.params
    boundary = _checked_boundary(call, params["PermissionsBoundary"]) if params.get("PermissionsBoundary") else ""
    packed = tags.pack_tags(params.get("Tags") or [])
    parse_trust_policy(params["AssumeRolePolicyDocument"], legacy=_is_legacy(packed))
    duration = _check_duration(params.get("MaxSessionDuration", _DEFAULT_SESSION_DURATION))
    try:
        call.instance.store.connection.execute(
            "INSERT INTO iam_role (account, name, path, role_id, description, trust_policy, max_session_duration, "
            "tags, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                call.account,
                params["RoleName"],
                params.get("Path", "/"),
                unique_id("AROA"),
                params.get("Description"),
                params["AssumeRolePolicyDocument"],
                duration,
                packed,
                call.now,
            ),
        )
    except IntegrityError as error:
        raise already_exists(f"Role with name {params['RoleName']} already exists.") from error
    if boundary:
        _set_boundary(call, params["RoleName"], boundary)
    forget_roles(call.instance.store)
    # The answer lacks it, as AWS's does; GetRole has it.
    made = _in_full(call, role_row(call, params["RoleName"]))
    return {"Role": {name: value for name, value in made.items() if name != "MaxSessionDuration"}}


def _in_full(call: Call, row: Row) -> dict[str, Any]:
    """With what lists of roles leave out."""
    found, boundary = tags.as_list(row["tags"]), boundary_of(call.instance.store, call.account, row["name"])
    bounded = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary}
    return {
        **_described(row),
        **({"Tags": found} if found else {}),
        **({"PermissionsBoundary": bounded} if boundary else {}),
    }


async def get_role(call: Call) -> dict[str, Any]:
    return {"Role": {**_in_full(call, role_row(call, call.params["RoleName"])), "RoleLastUsed": {}}}


async def list_roles(call: Call) -> dict[str, Any]:
    prefix = call.params.get("PathPrefix", "/")
    rows = call.instance.store.connection.execute(
        "SELECT * FROM iam_role WHERE account = ? ORDER BY name", (call.account,)
    )
    return page(call.params, "Roles", [_described(row) for row in rows if row["path"].startswith(prefix)])


async def update_role(call: Call) -> dict[str, Any]:
    row = role_row(call, call.params["RoleName"])
    if "MaxSessionDuration" in call.params:
        change_role(call, row["name"], "max_session_duration", _check_duration(call.params["MaxSessionDuration"]))
    if "Description" in call.params:
        change_role(call, row["name"], "description", call.params["Description"])
    return {}


async def update_role_description(call: Call) -> dict[str, Any]:
    row = role_row(call, call.params["RoleName"])
    change_role(call, row["name"], "description", call.params["Description"])
    return {"Role": _described(role_row(call, row["name"]))}


async def update_assume_role_policy(call: Call) -> dict[str, Any]:
    row = role_row(call, call.params["RoleName"])
    parse_trust_policy(call.params["PolicyDocument"], legacy=_is_legacy(row["tags"]))
    change_role(call, row["name"], "trust_policy", call.params["PolicyDocument"])
    return {}


async def delete_role(call: Call) -> dict[str, Any]:
    name = role_row(call, call.params["RoleName"])["name"]
    execute = call.instance.store.connection.execute
    if execute("SELECT 1 FROM iam_attachment WHERE account = ? AND role = ?", (call.account, name)).fetchone():
        raise delete_conflict("Cannot delete entity, must detach all policies first.")
    if execute("SELECT 1 FROM iam_role_policy WHERE account = ? AND role = ?", (call.account, name)).fetchone():
        raise delete_conflict("Cannot delete entity, must delete policies first.")
    _forget_boundary(call, name)
    execute("DELETE FROM iam_role WHERE account = ? AND name = ?", (call.account, name))
    forget_roles(call.instance.store)
    return {}


async def tag_role(call: Call) -> dict[str, Any]:
    row = role_row(call, call.params["RoleName"])
    change_role(call, row["name"], "tags", tags.with_tags(row["tags"], call.params["Tags"]))
    return {}


async def untag_role(call: Call) -> dict[str, Any]:
    row = role_row(call, call.params["RoleName"])
    change_role(call, row["name"], "tags", tags.without_tags(row["tags"], call.params["TagKeys"]))
    return {}


async def list_instance_profiles_for_role(call: Call) -> dict[str, Any]:
    """None, as there are no instances; Terraform asks before it deletes a role."""
    role_row(call, call.params["RoleName"])
    return {"InstanceProfiles": [], "IsTruncated": False}


async def list_role_tags(call: Call) -> dict[str, Any]:
    return page(call.params, "Tags", tags.as_list(role_row(call, call.params["RoleName"])["tags"]))


# --- Inline policies --------------------------------------------------------------------------------------------------


async def put_role_policy(call: Call) -> dict[str, Any]:
    params = call.params
    role = role_row(call, params["RoleName"])["name"]
    parse_policy(params["PolicyDocument"])
    others = call.instance.store.connection.execute(
        "SELECT document FROM iam_role_policy WHERE account = ? AND role = ? AND name <> ?",
        (call.account, role, params["PolicyName"]),
    )
    total = size_of(params["PolicyDocument"]) + sum(size_of(document) for (document,) in others)
    if total > INLINE_POLICIES_LIMIT:
        raise limit_exceeded(f"Maximum policy size of {INLINE_POLICIES_LIMIT} bytes exceeded for role {role}")
    call.instance.store.connection.execute(
        "INSERT OR REPLACE INTO iam_role_policy (account, role, name, document) VALUES (?, ?, ?, ?)",
        (call.account, role, params["PolicyName"], params["PolicyDocument"]),
    )
    forget_roles(call.instance.store)
    return {}


def _inline_policy(call: Call) -> Row:
    role = role_row(call, call.params["RoleName"])["name"]
    row: Row | None = call.instance.store.connection.execute(
        "SELECT * FROM iam_role_policy WHERE account = ? AND role = ? AND name = ?",
        (call.account, role, call.params["PolicyName"]),
    ).fetchone()
    if row is None:
        raise no_such_entity(f"The role policy with name {call.params['PolicyName']} cannot be found.")
    return row


async def get_role_policy(call: Call) -> dict[str, Any]:
    row = _inline_policy(call)
    return {"RoleName": row["role"], "PolicyName": row["name"], "PolicyDocument": encoded(row["document"])}


async def list_role_policies(call: Call) -> dict[str, Any]:
    role = role_row(call, call.params["RoleName"])["name"]
    rows = call.instance.store.connection.execute(
        "SELECT name FROM iam_role_policy WHERE account = ? AND role = ? ORDER BY name", (call.account, role)
    )
    return page(call.params, "PolicyNames", [name for (name,) in rows])


async def delete_role_policy(call: Call) -> dict[str, Any]:
    row = _inline_policy(call)
    call.instance.store.connection.execute(
        "DELETE FROM iam_role_policy WHERE account = ? AND role = ? AND name = ?",
        (call.account, row["role"], row["name"]),
    )
    forget_roles(call.instance.store)
    return {}
