"""An account's state as checks read it: its pools and roles by their names, and the exercise's pool first."""

from typing import Any

from flows.exchange.sandbox_requests import ask
from training.services.grounds import Ground

State = dict[str, Any]


def state_of(ground: Ground) -> State:
    """`{"pool": ..., "pools": {id: ...}, "roles": {name: {"trust", "policies": {name: ...}, "attached": [...]}}}`.

    A pool has the members of DescribeIdentityPool and, as AWS names them, `Roles`, `RoleMappings` and `PrincipalTags`.

    Raises:
        NotDone: the sandbox does not answer.
    """
    held = ask("POST", "/_sandbox/accounts", {"action": "export", "account": ground.number}, account=ground.number)
    pools = {row["pool_id"]: _pool(row) for row in held["identityPools"]}
    for row in held["principalTags"]:
        pools[row["pool_id"]]["PrincipalTags"][row["provider"]] = {
            "UseDefaults": bool(row["use_defaults"]),
            "PrincipalTags": row["tags"],
        }
    roles: State = {row["name"]: _role(row) for row in held["roles"]}
    for row in held["rolePolicies"]:
        roles[row["role"]]["policies"][row["name"]] = row["document"]
    for row in held["attachedPolicies"]:
        roles[row["role"]]["attached"].append(row["policy_arn"])
    managed: State = {}
    for row in held["policies"]:
        managed[row["policy"]] = row["document"]
    return {"pool": pools.get(ground.pool_id), "pools": pools, "roles": roles, "managed": managed}


def _pool(row: State) -> State:
    more = {"Roles": row["roles"] or {}, "RoleMappings": row["role_mappings"] or {}, "PrincipalTags": {}}
    return {**row["definition"], **more}


def _role(row: State) -> State:
    return {"trust": row["trust_policy"], "policies": {}, "attached": [], "session": row["max_session_duration"]}
