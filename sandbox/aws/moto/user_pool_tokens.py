"""What user pools put into tokens and moto leaves out: the roles of groups, standard attributes, the client's validity.

Developer Guide, "Role-based access control": the preferred role is that of the group with the lowest precedence; where
two groups tie for it with different roles, the token names none.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.core.clock import Clock

_UNRANKED = float("inf")
_BOOLEANS = {"email_verified", "phone_number_verified"}
_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
_TIMES = ("iat", "auth_time", "exp")


def complete_token(claims: Mapping[str, Any], clock: Clock) -> dict[str, Any]:
    """The claims of a user pool's token, completed, on the clock of the pool's account."""
    account, pool = _pool(str(claims.get("iss", "")).rpartition("/")[2])
    if pool is None:
        return dict(claims)
    client = pool.clients.get(claims.get("aud") or claims.get("client_id"))
    completed = _completed_id_token(claims, pool, client) if claims.get("token_use") == "id" else dict(claims)
    if client is not None:
        completed["exp"] = completed["iat"] + _validity(client, str(claims.get("token_use")))
    ahead = int(clock.advanced(account))
    return {**completed, **{name: completed[name] + ahead for name in _TIMES if name in completed}}


def _completed_id_token(claims: Mapping[str, Any], pool: Any, client: Any) -> dict[str, Any]:
    completed = dict(claims)
    user = next((one for one in pool.users.values() if one.id == claims.get("sub")), None)
    if user is not None and client is not None and not client.get_readable_fields():
        # A client that lists no attributes may read them all (API reference, CreateUserPoolClient).
        completed = {**_attributes(user.attributes), **completed}
    groups = [pool.groups[name] for name in claims.get("cognito:groups", ()) if name in pool.groups]
    return {**completed, **_role_claims((group.role_arn, group.precedence) for group in groups)}


def _validity(client: Any, token_use: str) -> int:
    """Seconds for which the client's tokens are good: an hour unless it says otherwise, in hours unless it says so."""
    kind = "IdToken" if token_use == "id" else "AccessToken"  # noqa: S105 (a kind of token)
    unit = (client.extended_config.get("TokenValidityUnits") or {}).get(kind, "hours")
    return int(client.extended_config.get(f"{kind}Validity") or 0) * _SECONDS.get(unit, 3600) or 3600


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


def _pool(pool_id: str) -> tuple[str, Any]:
    """The account of a user pool, and the pool as moto has it."""
    from moto.cognitoidp.models import cognitoidp_backends

    for account in list(cognitoidp_backends.keys()):
        for backend in list(cognitoidp_backends[account].values()):
            if pool_id in backend.user_pools:
                return str(account), backend.user_pools[pool_id]
    return "", None
