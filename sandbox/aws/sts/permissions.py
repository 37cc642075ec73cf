"""How a call of STS names its resource, and which calls need no permission of the caller."""

from sandbox.core.call import Call
from sandbox.core.service import Resource

FREE = frozenset({"GetCallerIdentity", "GetSessionToken"})  # "No permissions are required" (STS API reference)
AUTHORISED_BY_HANDLER = frozenset({"AssumeRole"})  # The role's trust policy may be what allows it.


def resources(call: Call) -> list[Resource]:
    """`*`: those that name a role are unsigned, or authorised by their handler."""
    return [Resource("*")]
