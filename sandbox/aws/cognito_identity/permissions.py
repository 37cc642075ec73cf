"""How a call of identity pools names its resources: pools, also where it names identities only."""

from sandbox.core.call import Call
from sandbox.core.service import Resource


def resources(call: Call) -> list[Resource]:
    """The pools that the call is about, or `*` where it names none."""
    params = call.params
    if "ResourceArn" in params:
        return [Resource(str(params["ResourceArn"]))]
    if "IdentityPoolId" in params:
        return [Resource(_pool_arn(call, params["IdentityPoolId"]))]
    given = params.get("IdentityIdsToDelete") or [params.get("IdentityId", "")]
    pools = sorted({pool for identity in given if (pool := _pool_of_identity(call, identity))})
    arns = [_pool_arn(call, pool) for pool in pools]
    return [Resource(arn, {"cognito-identity:IdentityPoolArn": arn}) for arn in arns] or [Resource("*")]


def _pool_arn(call: Call, pool_id: str) -> str:
    return f"arn:aws:cognito-identity:{call.region}:{call.account}:identitypool/{pool_id}"


def _pool_of_identity(call: Call, identity_id: str) -> str:
    row = call.instance.store.connection.execute(
        "SELECT pool_id FROM identity WHERE identity_id = ? AND account = ?", (identity_id, call.account)
    ).fetchone()
    return row["pool_id"] if row else ""
