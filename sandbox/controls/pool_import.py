"""A pool of somebody's AWS account, made here under the same number and IDs from a document of it.

What the document says goes through the API's own handlers. What AWS keeps and would not take today (trust policies of
before a rule, mappings of a provider that is gone) is kept as it is. Nothing is changed where anything is refused.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from sandbox.aws.cognito_identity.records.pools import Pools
from sandbox.aws.iam.managed_policies import aws_policies
from sandbox.controls.accounts import free_number, require_can_be_made, require_home, require_name, with_key
from sandbox.controls.pool_document import PoolDocument, invalid, read_document, remapped
from sandbox.controls.pool_logins import play_issuers
from sandbox.controls.pool_making import Making
from sandbox.controls.reserved import is_reserved
from sandbox.controls.reset import empty_account, forget_cached, forget_keys
from sandbox.core.errors import AwsError
from sandbox.core.instance import Instance
from sandbox.user_pools.clients import find_client
from sandbox.user_pools.pools import find_pool

_FIELDS: dict[str, type] = {
    **dict.fromkeys(("action", "account", "name"), str),
    **dict.fromkeys(("remap", "replace"), bool),
    "document": dict,
}
_REMAP = "Import it under other IDs (remap)."


async def import_pool(instance: Instance, account: str, params: dict[str, Any]) -> dict[str, Any]:
    """Make the account and the pool of a document: the account's key, the pool's ID, who is played, what to mind.

    Raises:
        AwsError: AccessDeniedException for other accounts than home; ValidationException, with the place in the
            document, for what is no such pool; ResourceConflictException where its number or one of its IDs is held by
            another account, or the pool was imported before and is not to be replaced. Nothing is changed then.
    """
    require_home(instance, account)
    for name, value in params.items():
        if not isinstance(value, _FIELDS.get(name, ())):
            raise invalid(f"'{name[:40]}' is unknown or of the wrong type.")
    document, renamed = read_document(params.get("document")), dict[str, str]()
    if document.region not in instance.partition.regions:
        raise invalid(f"This sandbox has no region {document.region}: it is of another partition of AWS.")
    if params.get("remap"):
        document, renamed = remapped(document, params.get("account") or free_number(instance))
    elif params.get("account", document.account) != document.account:
        raise invalid(f"The document is of account {document.account}. {_REMAP}")
    require_name(params.get("name", ""))
    await asyncio.get_running_loop().run_in_executor(instance.threads, aws_policies)
    async with instance.accounts.turn(document.account):
        return await _imported(instance, document, params, renamed)


async def _imported(
    instance: Instance, document: PoolDocument, params: Mapping[str, Any], renamed: Mapping[str, str]
) -> dict[str, Any]:
    number, replace = document.account, params.get("replace", False)
    fresh = not _was_imported_to(instance, number)
    _require_free(instance, document, fresh=fresh, replace=replace)
    if fresh:
        # What has no rows, as buckets and faults, may have been left there by whoever signed with the number before.
        await empty_account(instance, number)
        forget_keys(instance, number)
        _require_free(instance, document, fresh=fresh, replace=replace)
    name = params.get("name") or str(document.content["identityPool"].get("IdentityPoolName", ""))[:100]
    try:
        with instance.store.transaction():
            if fresh:
                instance.accounts.make(number, name)
            making = Making(instance, document)
            making.everything()
            played = play_issuers(instance, instance.part(Pools).find(document.pool_id))
    except BaseException:
        instance.accounts.reload(number)
        raise
    finally:
        forget_cached(instance, number)
    return {
        **with_key(instance, number),
        "imported": True,
        "replaced": not fresh and replace,
        "pool": document.pool_id,
        "region": document.region,
        "played": played,
        "notes": making.notes,
        "remapped": dict(renamed),
    }


def list_imported(instance: Instance) -> list[dict[str, Any]]:
    """The pools that were imported and are still there, the first of each account first."""
    rows = instance.store.connection.execute("SELECT * FROM imported_pool ORDER BY imported, pool_id")
    pools = instance.part(Pools)
    return [
        {
            "account": row["account"],
            "pool": row["pool_id"],
            "name": pools.find(row["pool_id"]).definition["IdentityPoolName"],
            "imported": row["imported"],
        }
        for row in rows.fetchall()
    ]


# --- May it be made? --------------------------------------------------------------------------------------------------


def _was_imported_to(instance: Instance, number: str) -> bool:
    query = "SELECT 1 FROM imported_pool WHERE account = ? LIMIT 1"
    there = instance.store.connection.execute(query, (number,)).fetchone() is not None
    return there and instance.accounts.find(number).made is not None


def _require_free(instance: Instance, document: PoolDocument, *, fresh: bool, replace: bool) -> None:
    """Pass where the number and every ID are nobody's, or this account's.

    Raises:
        AwsError: ResourceConflictException.
    """
    if fresh:
        try:
            require_can_be_made(instance, document.account)
        except AwsError as error:
            raise AwsError(error.code, f"{error.message} {_REMAP}", error.status) from None
    held = [one for one in document.ids if _is_held(instance, document.account, one)]
    if held:
        raise AwsError("ResourceConflictException", f"Another account has {', '.join(held)}. {_REMAP}", 409)
    query = "SELECT imported FROM imported_pool WHERE pool_id = ?"
    row = instance.store.connection.execute(query, (document.pool_id,)).fetchone()
    if row is not None and not replace:
        when = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(row["imported"]))
        message = f"{document.pool_id} was imported on {when}. Import it again in its place (replace), or remap it."
        raise AwsError("ResourceConflictException", message, 409)


def _is_held(instance: Instance, number: str, one: str) -> bool:
    connection = instance.store.connection
    if is_reserved(one, number, instance.accounts.home):
        return True
    owner = connection.execute("SELECT account FROM identity_pool_owner WHERE pool_id = ?", (one,)).fetchone()
    others = (owner[0] if owner else None, find_pool(connection, one), find_client(connection, one))
    return any(other is not None and getattr(other, "account", other) != number for other in others)
