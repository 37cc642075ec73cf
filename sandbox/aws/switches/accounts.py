"""`/_sandbox/accounts`: the administrator of the home account makes accounts for others, and looks after them."""

import re
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from sandbox.aws.switches.export import exported
from sandbox.aws.switches.reset import empty_account, holds_anything, reset_account
from sandbox.core.accounts import Account
from sandbox.core.errors import AwsError
from sandbox.core.instance import World
from sandbox.seed import seed_account

_NUMBER = re.compile(r"[0-9]{12}")
_LONGEST_NAME = 100
_MOST = 2000
_FIELDS: dict[str, type] = {"action": str, "account": str, "name": str, "seed": bool}

Action = Callable[[World, dict[str, Any]], Awaitable[dict[str, Any]]]


async def list_accounts(world: World, account: str, params: dict[str, Any]) -> dict[str, Any]:
    """`{"accounts": [...]}`: those that were made, without their secrets."""
    _require_home(world, account)
    return {"accounts": [_public(one) for one in world.accounts.made()]}


async def change_accounts(world: World, account: str, params: dict[str, Any]) -> dict[str, Any]:
    """Do what the member `action` says.

    Raises:
        AwsError: AccessDeniedException for other accounts than home, ValidationException, ResourceNotFoundException,
            ResourceConflictException, LimitExceededException.
    """
    _require_home(world, account)
    for name, value in params.items():
        if not isinstance(value, _FIELDS.get(name, ())):
            raise AwsError("ValidationException", f"'{name[:40]}' is unknown or of the wrong type.")
    action = _ACTIONS.get(params.get("action", ""))
    if action is None:
        raise AwsError("ValidationException", f"'action' must be one of {', '.join(_ACTIONS)}.")
    return await action(world, params)


def _require_home(world: World, account: str) -> None:
    if account != world.accounts.home:
        raise AwsError("AccessDeniedException", "Accounts belong to the administrator of the home account.", 403)


async def _make(world: World, params: dict[str, Any]) -> dict[str, Any]:
    name = params.get("name", "")
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise AwsError("ValidationException", f"'name' must be at most {_LONGEST_NAME} printable characters.")
    if len(world.accounts.made()) >= _MOST:
        raise AwsError("LimitExceededException", f"There are {_MOST} accounts already.")
    number = _number(params) if "account" in params else _free_number(world)
    if number == world.accounts.home or world.accounts.find(number).made is not None or holds_anything(world, number):
        raise AwsError("ResourceConflictException", f"Account {number} exists already.", 409)
    world.accounts.make(number, name)
    async with world.accounts.turn(number):
        # What has no rows, as buckets and faults, may have been left there by whoever signed with the number before.
        await empty_account(world, number)
        if params.get("seed", True):
            await seed_account(world, number)
    return _with_key(world, number)


async def _key(world: World, params: dict[str, Any]) -> dict[str, Any]:
    return _with_key(world, _made(world, params))


async def _seed(world: World, params: dict[str, Any]) -> dict[str, Any]:
    number = _made(world, params)
    async with world.accounts.turn(number):
        _made(world, params)
        await seed_account(world, number)
    return _public(world.accounts.find(number))


async def _reset(world: World, params: dict[str, Any]) -> dict[str, Any]:
    number = _number(params)
    await reset_account(world, number)
    made = world.accounts.find(number).made is not None
    return _with_key(world, number) if made else _public(world.accounts.find(number))


async def _export(world: World, params: dict[str, Any]) -> dict[str, Any]:
    number = _number(params)
    return {**_public(world.accounts.find(number)), **exported(world, number)}


async def _remove(world: World, params: dict[str, Any]) -> dict[str, Any]:
    number = _made(world, params)
    async with world.accounts.turn(number):
        _made(world, params)
        world.accounts.remove(number)
        await empty_account(world, number)
    return {"account": number, "removed": True}


def _number(params: dict[str, Any]) -> str:
    number = params.get("account", "")
    if not _NUMBER.fullmatch(number):
        raise AwsError("ValidationException", "'account' must be twelve digits.")
    return str(number)


def _made(world: World, params: dict[str, Any]) -> str:
    """Raises:
    AwsError: ResourceNotFoundException.
    """
    number = _number(params)
    if world.accounts.find(number).made is None:
        raise AwsError("ResourceNotFoundException", f"No account {number} was made here.", 404)
    return number


def _free_number(world: World) -> str:
    while True:
        number = f"{secrets.randbelow(9 * 10**11) + 10**11}"
        if number != world.accounts.home and world.accounts.is_new(number) and not holds_anything(world, number):
            return number


def _public(account: Account) -> dict[str, Any]:
    return {
        "account": account.number,
        "name": account.name,
        "made": account.made,
        "epoch": account.epoch,
        "seeded": account.seeded is not None,
    }


def _with_key(world: World, number: str) -> dict[str, Any]:
    return {**_public(world.accounts.find(number)), **administrators_key(world, number)}


def administrators_key(world: World, number: str) -> dict[str, str]:
    """What the administrator of an account signs with, as AWS names the two."""
    return {"AccessKeyId": number, "SecretAccessKey": world.accounts.secret_access_key(number)}


_ACTIONS: dict[str, Action] = {
    "make": _make,
    "key": _key,
    "seed": _seed,
    "reset": _reset,
    "export": _export,
    "remove": _remove,
}
