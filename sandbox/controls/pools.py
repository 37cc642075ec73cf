"""`/_sandbox/pools`: an account plays the issuers that a pool of its own trusts."""

from typing import Any

from sandbox.controls.pool_logins import own_pool, play_issuers
from sandbox.core.errors import AwsError
from sandbox.core.instance import Instance

_FIELDS: dict[str, type] = {"action": str, "pool": str}


async def change_pools(instance: Instance, account: str, params: dict[str, Any]) -> dict[str, Any]:
    """Do what the member `action` says.

    Raises:
        AwsError: ValidationException, ResourceNotFoundException.
    """
    for name, value in params.items():
        if not isinstance(value, _FIELDS.get(name, ())):
            raise AwsError("ValidationException", f"'{name[:40]}' is unknown or of the wrong type.")
    if params.get("action") != "play":
        raise AwsError("ValidationException", "'action' must be play.")
    pool = own_pool(instance, account, params.get("pool", ""))
    with instance.store.transaction():
        return {"account": account, "played": play_issuers(instance, pool)}
