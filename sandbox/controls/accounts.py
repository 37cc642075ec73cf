"""`/_sandbox/accounts`: the administrator of the home account makes accounts for others, and looks after them."""

import re
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from sandbox.controls.export import exported
from sandbox.controls.reset import empty_account, forget_keys, holds_anything, reset_account
from sandbox.core.accounts import Account
from sandbox.core.errors import AwsError
from sandbox.core.instance import Instance
from sandbox.seed import seed_account

_NUMBER = re.compile(r"[0-9]{12}")
_LONGEST_NAME = 100
_MOST = 2000
_FIELDS: dict[str, type] = {"action": str, "account": str, "name": str, "seed": bool}

Action = Callable[[Instance, dict[str, Any]], Awaitable[dict[str, Any]]]


async def list_accounts(instance: Instance, account: str, params: dict[str, Any]) -> dict[str, Any]:
    """`{"accounts": [...]}`: those that were made, without their secrets."""
    require_home(instance, account)
    return {"accounts": [_public(one) for one in instance.accounts.made()]}


async def change_accounts(instance: Instance, account: str, params: dict[str, Any]) -> dict[str, Any]:
    """Do what the member `action` says.

    Raises:
        AwsError: AccessDeniedException for other accounts than home, ValidationException, ResourceNotFoundException,
            ResourceConflictException, LimitExceededException.
    """
    require_home(instance, account)
    for name, value in params.items():
        if not isinstance(value, _FIELDS.get(name, ())):
            raise AwsError("ValidationException", f"'{name[:40]}' is unknown or of the wrong type.")
    action = _ACTIONS.get(params.get("action", ""))
    if action is None:
        raise AwsError("ValidationException", f"'action' must be one of {', '.join(_ACTIONS)}.")
    return await action(instance, params)


def require_home(instance: Instance, account: str) -> None:
    """Pass for the home account.

    Raises:
        AwsError: AccessDeniedException.
    """
    if account != instance.accounts.home:
        raise AwsError("AccessDeniedException", "Accounts belong to the administrator of the home account.", 403)


def require_name(name: str) -> None:
    """Pass for what can be an account's name.

    Raises:
        AwsError: ValidationException.
    """
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise AwsError("ValidationException", f"'name' must be at most {_LONGEST_NAME} printable characters.")


def require_can_be_made(instance: Instance, number: str) -> None:
    """Pass for the number of an account that is nobody's and has no rows.

    Raises:
        AwsError: ResourceConflictException; LimitExceededException where there are enough accounts.
    """
    if len(instance.accounts.made()) >= _MOST:
        raise AwsError("LimitExceededException", f"There are {_MOST} accounts already.")
    if (
        number == instance.accounts.home
        or instance.accounts.find(number).made is not None
        or holds_anything(instance, number)
    ):
        raise AwsError("ResourceConflictException", f"Account {number} exists already.", 409)


async def _make(instance: Instance, params: dict[str, Any]) -> dict[str, Any]:
    name = params.get("name", "")
    require_name(name)
    number = _number(params) if "account" in params else free_number(instance)
    require_can_be_made(instance, number)
    instance.accounts.make(number, name)
    async with instance.accounts.turn(number):
        forget_keys(instance, number)
        # What has no rows, as buckets and faults, may have been left there by whoever signed with the number before.
        await empty_account(instance, number)
        if params.get("seed", True):
            await seed_account(instance, number)
    return with_key(instance, number)


async def _key(instance: Instance, params: dict[str, Any]) -> dict[str, Any]:
    return with_key(instance, _made(instance, params))


async def _seed(instance: Instance, params: dict[str, Any]) -> dict[str, Any]:
    number = _made(instance, params)
    async with instance.accounts.turn(number):
        _made(instance, params)
        await seed_account(instance, number)
    return _public(instance.accounts.find(number))


async def _reset(instance: Instance, params: dict[str, Any]) -> dict[str, Any]:
    number = _number(params)
    await reset_account(instance, number)
    made = instance.accounts.find(number).made is not None
    return with_key(instance, number) if made else _public(instance.accounts.find(number))


async def _export(instance: Instance, params: dict[str, Any]) -> dict[str, Any]:
    number = _number(params)
    return {**_public(instance.accounts.find(number)), **exported(instance, number)}


async def _remove(instance: Instance, params: dict[str, Any]) -> dict[str, Any]:
    number = _made(instance, params)
    async with instance.accounts.turn(number):
        _made(instance, params)
        instance.accounts.remove(number)
        forget_keys(instance, number)
        await empty_account(instance, number)
    return {"account": number, "removed": True}


def _number(params: dict[str, Any]) -> str:
    number = params.get("account", "")
    if not _NUMBER.fullmatch(number):
        raise AwsError("ValidationException", "'account' must be twelve digits.")
    return str(number)


def _made(instance: Instance, params: dict[str, Any]) -> str:
    """The number of an account that was made here.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    number = _number(params)
    if instance.accounts.find(number).made is None:
        raise AwsError("ResourceNotFoundException", f"There is no account {number} that was created here.", 404)
    return number


def free_number(instance: Instance) -> str:
    """Twelve digits that nobody has and nobody had."""
    while True:
        number = f"{secrets.randbelow(9 * 10**11) + 10**11}"
        if (
            number != instance.accounts.home
            and instance.accounts.is_new(number)
            and not holds_anything(instance, number)
        ):
            return number


def _public(account: Account) -> dict[str, Any]:
    return {
        "account": account.number,
        "name": account.name,
        "made": account.made,
        "epoch": account.epoch,
        "seeded": account.seeded is not None,
    }


def with_key(instance: Instance, number: str) -> dict[str, Any]:
    """What is told of a made account to whoever looks after it."""
    return {**_public(instance.accounts.find(number)), **administrators_key(instance, number)}


def administrators_key(instance: Instance, number: str) -> dict[str, str]:
    """What the administrator of an account signs with, as AWS names the two."""
    return {"AccessKeyId": number, "SecretAccessKey": instance.accounts.secret_access_key(number)}


_ACTIONS: dict[str, Action] = {
    "make": _make,
    "key": _key,
    "seed": _seed,
    "reset": _reset,
    "export": _export,
    "remove": _remove,
}
