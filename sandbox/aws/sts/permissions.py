"""How a call of STS names its resource, and which calls need no permission of the caller."""

from sandbox.core.call import Call
from sandbox.core.service import Resource

FREE = frozenset({"GetCallerIdentity"})  # "No permissions are required" (STS API reference)
AUTHORISED_BY_HANDLER = frozenset({"AssumeRole"})  # The role's trust policy may be what allows it.


def resources(call: Call) -> list[Resource]:
    """The role that the call names, or `*`."""
    return [Resource(str(call.params.get("RoleArn", "*")))]
