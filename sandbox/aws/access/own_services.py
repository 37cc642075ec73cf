"""What a role needs to call identity pools and STS; IAM's operations ask for theirs themselves."""

from iampolicy.evaluator import Access
from sandbox.aws.access.authorization import require_access
from sandbox.aws.access.needs import with_needs
from sandbox.core.call import Call
from sandbox.core.caller import Caller

_FREE = {"GetCallerIdentity"}  # "No permissions are required" (STS API reference)
_ASKS_ITSELF = {"AssumeRole"}  # The role's trust policy may be what allows it.


def authorise_own(call: Call, caller: Caller) -> None:
    """Let a session's call to cognito-identity or STS go on only when its policies allow it.

    Raises:
        AwsError: AccessDeniedException or AccessDenied.
    """
    if call.service == "iam" or call.operation in _FREE | _ASKS_ITSELF:
        return
    accesses = [Access(f"{call.service}:{call.operation}", resource, keys) for resource, keys in _resources(call)]
    needed = with_needs(call.operation, call.params, accesses, call.instance.config.region, call.account)
    require_access(call.instance, call.request, caller, needed, call.decisions, json=call.service == "cognito-identity")


def _resources(call: Call) -> list[tuple[str, dict[str, str]]]:
    """What the call is about, and the condition keys that say so."""
    params = call.params
    if call.service == "sts":
        return [(str(params.get("RoleArn", "*")), {})]
    if "ResourceArn" in params:
        return [(str(params["ResourceArn"]), {})]
    if "IdentityPoolId" in params:
        return [(_pool_arn(call, params["IdentityPoolId"]), {})]
    given = params.get("IdentityIdsToDelete") or [params.get("IdentityId", "")]
    pools = sorted({pool for identity in given if (pool := _pool_of_identity(call, identity))})
    arns = [_pool_arn(call, pool) for pool in pools]
    return [(arn, {"cognito-identity:IdentityPoolArn": arn}) for arn in arns] or [("*", {})]


def _pool_arn(call: Call, pool_id: str) -> str:
    return f"arn:aws:cognito-identity:{call.instance.config.region}:{call.account}:identitypool/{pool_id}"


def _pool_of_identity(call: Call, identity_id: str) -> str:
    row = call.instance.store.connection.execute(
        "SELECT pool_id FROM identity WHERE identity_id = ? AND account = ?", (identity_id, call.account)
    ).fetchone()
    return row["pool_id"] if row else ""
