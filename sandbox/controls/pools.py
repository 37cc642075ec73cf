"""`/_sandbox/pools`: pools of AWS accounts are brought over, and an account plays the issuers that its pools trust."""

from typing import Any

from sandbox.controls.accounts import require_home
from sandbox.controls.pool_import import import_pool, list_imported
from sandbox.controls.pool_logins import own_pool, play_issuers
from sandbox.core.errors import AwsError
from sandbox.core.instance import Instance

_IMPORT, _PLAY = "import", "play"


async def list_pools(instance: Instance, account: str, params: dict[str, Any]) -> dict[str, Any]:
    """`{"pools": [...]}`: those that were imported, for the home account's administrator.

    Raises:
        AwsError: AccessDeniedException.
    """
    require_home(instance, account)
    return {"pools": list_imported(instance)}


async def change_pools(instance: Instance, account: str, params: dict[str, Any]) -> dict[str, Any]:
    """Do what the member `action` says.

    Raises:
        AwsError: as `import_pool`; ValidationException, ResourceNotFoundException.
    """
    if params.get("action") == _IMPORT:
        return await import_pool(instance, account, params)
    if params.get("action") != _PLAY or params.keys() != {"action", "pool"} or not isinstance(params["pool"], str):
        raise AwsError("ValidationException", f"'action' must be {_IMPORT}, or {_PLAY} with 'pool'.")
    pool = own_pool(instance, account, params["pool"])
    with instance.store.transaction():
        return {"account": account, "played": play_issuers(instance, pool)}
