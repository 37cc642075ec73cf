"""The one user that an account of the sandbox has: its administrator, with AWS's policy AdministratorAccess."""

from typing import Any

from sandbox.aws.iam.names import no_such_entity
from sandbox.core.call import Call
from sandbox.core.caller import ADMINISTRATOR, ADMINISTRATOR_POLICY, administrator_of
from sandbox.core.errors import AwsError


def _described(call: Call) -> dict[str, Any]:
    user = administrator_of(call.account)
    return {"Path": "/", "UserName": ADMINISTRATOR, "UserId": user.user_id, "Arn": user.arn, "CreateDate": 0}


def _known(call: Call) -> None:
    name = call.params["UserName"]
    if name != ADMINISTRATOR:
        raise no_such_entity(f"The user with name {name} cannot be found.")


async def get_user(call: Call) -> dict[str, Any]:
    """The administrator, asked for by name or as the caller."""
    if "UserName" in call.params:
        _known(call)
    elif call.caller is None or call.caller.session is not None:
        raise AwsError("ValidationError", "Must specify userName when calling with non-User credentials")
    return {"User": _described(call)}


async def list_users(call: Call) -> dict[str, Any]:
    matches = "/".startswith(call.params.get("PathPrefix", "/"))
    return {"Users": [_described(call)] if matches else [], "IsTruncated": False}


async def list_attached_user_policies(call: Call) -> dict[str, Any]:
    _known(call)
    attached = {"PolicyName": ADMINISTRATOR_POLICY.rpartition("/")[2], "PolicyArn": ADMINISTRATOR_POLICY}
    matches = "/".startswith(call.params.get("PathPrefix", "/"))
    return {"AttachedPolicies": [attached] if matches else [], "IsTruncated": False}


async def list_user_policies(call: Call) -> dict[str, Any]:
    _known(call)
    return {"PolicyNames": [], "IsTruncated": False}
