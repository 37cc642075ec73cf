"""Whether a caller may have an operation of the sandbox's own services, by what the service declares.

The services that moto answers have a gate of their own (sandbox.aws.gate).
"""

from iampolicy.evaluator import Access
from sandbox.aws.access.authorization import require_access
from sandbox.aws.access.needs import with_needs
from sandbox.core.call import Call
from sandbox.core.service import Service


def require_permission(service: Service, call: Call) -> None:
    """Let a call go on only when the caller's policies allow the operation on every resource that it names.

    Raises:
        AwsError: AccessDeniedException or AccessDenied.
    """
    caller = call.caller
    if caller is None or not service.needs_permission(call.operation):
        return
    if caller.session is None and not service.names_administrators:
        return
    action = f"{service.name}:{call.operation}"
    accesses = [Access(action, resource.arn, resource.keys) for resource in service.resources(call)]
    needed = with_needs(call.operation, call.params, accesses, call.region, call.account)
    require_access(call.instance, call.request, caller, needed, call.decisions, json=service.family == "json")
