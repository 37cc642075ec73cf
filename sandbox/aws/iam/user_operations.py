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


async def list_groups_for_user(call: Call) -> dict[str, Any]:
    _known(call)
    return {"Groups": [], "IsTruncated": False}


async def list_user_tags(call: Call) -> dict[str, Any]:
    _known(call)
    return {"Tags": [], "IsTruncated": False}


async def list_mfa_devices(call: Call) -> dict[str, Any]:
    """None, of the named user or of the caller."""
    if "UserName" in call.params:
        _known(call)
    return {"MFADevices": [], "IsTruncated": False}


async def list_access_keys(call: Call) -> dict[str, Any]:
    """The one key of the administrator; its ID is the account's number, or the one that the sandbox was given."""
    if "UserName" in call.params:
        _known(call)
    config = call.instance.config
    key_id = config.access_key_id if call.account == config.account_id else call.account
    key = {"UserName": ADMINISTRATOR, "AccessKeyId": key_id, "Status": "Active", "CreateDate": 0}
    return {"AccessKeyMetadata": [key], "IsTruncated": False}


async def get_login_profile(call: Call) -> dict[str, Any]:
    """The administrator has no password for the console, which is not there."""
    if "UserName" in call.params:
        _known(call)
    raise no_such_entity(f"Login Profile for User {ADMINISTRATOR} cannot be found.")
