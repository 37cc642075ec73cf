"""What user pools put into ID tokens and moto leaves out: the roles of groups, and standard attributes.

Developer Guide, "Role-based access control": the preferred role is that of the group with the lowest precedence; where
two groups tie for it with different roles, the token names none.
"""

from collections.abc import Iterable, Mapping
from typing import Any

_UNRANKED = float("inf")
_BOOLEANS = {"email_verified", "phone_number_verified"}


def complete_id_token(claims: Mapping[str, Any]) -> dict[str, Any]:
    """The claims of a user pool's token, completed when it is an ID token of a pool that moto knows."""
    completed = dict(claims)
    pool = _pool(str(claims.get("iss", "")).rpartition("/")[2]) if claims.get("token_use") == "id" else None
    if pool is None:
        return completed
    client = pool.clients.get(claims.get("aud"))
    user = next((one for one in pool.users.values() if one.id == claims.get("sub")), None)
    if user is not None and client is not None and not client.get_readable_fields():
        # A client that lists no attributes may read them all (API reference, CreateUserPoolClient).
        completed = {**_attributes(user.attributes), **completed}
    groups = [pool.groups[name] for name in claims.get("cognito:groups", ()) if name in pool.groups]
    return {**completed, **_role_claims((group.role_arn, group.precedence) for group in groups)}


def _role_claims(groups: Iterable[tuple[str | None, int | None]]) -> dict[str, Any]:
    ranked = sorted((_UNRANKED if rank is None else rank, role) for role, rank in groups if role)
    if not ranked:
        return {}
    roles = list(dict.fromkeys(role for _, role in ranked))
    best = {role for rank, role in ranked if rank == ranked[0][0]}
    return {"cognito:roles": roles, **({"cognito:preferred_role": best.pop()} if len(best) == 1 else {})}


def _attributes(attributes: Iterable[Mapping[str, str]]) -> dict[str, Any]:
    named = {entry["Name"]: entry["Value"] for entry in attributes if entry["Name"] != "sub"}
    return {name: value == "true" if name in _BOOLEANS else value for name, value in named.items()}


def _pool(pool_id: str) -> Any:
    from moto.cognitoidp.models import cognitoidp_backends

    for account in list(cognitoidp_backends.keys()):
        for backend in list(cognitoidp_backends[account].values()):
            if pool_id in backend.user_pools:
                return backend.user_pools[pool_id]
    return None
