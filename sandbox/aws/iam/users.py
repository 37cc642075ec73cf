"""The one user that an account of the sandbox has: its administrator, the account's root."""

from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.errors import AwsError
from sandbox.aws.iam.names import no_such_entity


async def get_user(call: Call) -> dict[str, Any]:
    """The caller; there are no users to ask for by name. A root user has neither name nor path."""
    if "UserName" in call.params:
        raise no_such_entity(f"The user with name {call.params['UserName']} cannot be found.")
    caller = call.caller
    if caller is None or caller.session is not None:
        raise AwsError("ValidationError", "Must specify userName when calling with non-User credentials")
    return {"User": {"UserId": caller.user_id, "Arn": caller.arn, "CreateDate": 0}}
