"""What a role needs to call identity pools and STS; IAM's operations ask for theirs themselves."""

from sandbox.aws.call import Call
from sandbox.aws.caller import Caller
from sandbox.aws.iam.authorization import require_access
from sandbox.aws.policy.evaluator import Access

_FREE = {"GetCallerIdentity"}  # "No permissions are required" (STS API reference)
_ASKS_ITSELF = {"AssumeRole"}  # The role's trust policy may be what allows it.


def authorise_own(call: Call, caller: Caller) -> None:
    """Let a session's call to cognito-identity or STS go on only when its policies allow it.

    Raises:
        AwsError: AccessDeniedException or AccessDenied.
    """
    if call.service == "iam" or call.operation in _FREE | _ASKS_ITSELF:
        return
    access = Access(f"{call.service}:{call.operation}", _resource(call))
    json = call.service == "cognito-identity"
    require_access(call.world, call.request, caller, [access], call.decisions, json=json)


def _resource(call: Call) -> str:
    params = call.params
    if call.service == "sts":
        return str(params.get("RoleArn", "*"))
    if "ResourceArn" in params:
        return str(params["ResourceArn"])
    pool_id = params.get("IdentityPoolId") or _pool_of_identity(call)
    region = call.world.config.region
    return f"arn:aws:cognito-identity:{region}:{call.account}:identitypool/{pool_id}" if pool_id else "*"


def _pool_of_identity(call: Call) -> str:
    row = call.world.store.connection.execute(
        "SELECT pool_id FROM identity WHERE identity_id = ? AND account = ?",
        (call.params.get("IdentityId", ""), call.account),
    ).fetchone()
    return row["pool_id"] if row else ""
