"""`/_sandbox/stand-ins`: the keys and people of an account's own stand-ins, by its administrator."""

from typing import Any

from sandbox.core.errors import AwsError
from sandbox.core.instance import Instance
from sandbox.idp.changes import NoSuchChange, change_person, issuers, rotate_key
from sandbox.idp.mount import with_stand_ins

_ROTATE = "rotate"
_FIELDS: dict[str, type] = {"action": str, "provider": str, "withdraw": bool, "person": str}


async def list_stand_ins(instance: Instance, account: str, params: dict[str, Any]) -> dict[str, Any]:
    """`{"url": "...", "keys": {provider: [key id, ...]}}`: their page, and the published keys, the active one first."""
    kids = await with_stand_ins(
        instance, account, lambda served: {slug: keys.kids() for slug, keys in issuers(served).items()}
    )
    return {"url": f"{instance.config.lab(account).stand_ins_url}/", "keys": kids}


async def change_stand_ins(instance: Instance, account: str, params: dict[str, Any]) -> dict[str, Any]:
    """Rotate a provider's key, or change a person of the user pool; answers as `list_stand_ins`.

    Raises:
        AwsError: ValidationException for what no stand-in can do.
    """
    for name, value in params.items():
        if not isinstance(value, _FIELDS.get(name, ())):
            raise AwsError("ValidationException", f"'{name[:40]}' is unknown or of the wrong type.")
    action, provider, person = (params.get(name, "") for name in ("action", "provider", "person"))
    withdraw = params.get("withdraw", False)
    try:
        if action == _ROTATE:
            await with_stand_ins(instance, account, lambda served: rotate_key(served, provider, withdraw=withdraw))
        else:
            await with_stand_ins(instance, account, lambda served: change_person(served, person, action))
    except NoSuchChange as unknown:
        raise AwsError("ValidationException", str(unknown)) from None
    return await list_stand_ins(instance, account, params)
