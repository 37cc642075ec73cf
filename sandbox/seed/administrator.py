"""Operations that an account's administrator could call over HTTP, called without it."""

import asyncio
import uuid
from typing import Any

from sandbox.aws.endpoint.services import SERVICES
from sandbox.core.call import Call
from sandbox.core.caller import administrator_of
from sandbox.core.decisions import Decisions
from sandbox.core.errors import AwsError
from sandbox.core.http import Request
from sandbox.core.instance import Instance


async def call_operation(
    instance: Instance, account: str, service: str, operation: str, params: dict[str, Any], region: str = ""
) -> dict[str, Any]:
    """The operation's output.

    Args:
        region: in which it is called; the sandbox's own by default.

    Raises:
        AwsError: its refusal.
    """
    await asyncio.sleep(0)  # others are answered meanwhile
    request = Request("POST", "/", "", {}, b"", "127.0.0.1", str(uuid.uuid4()))
    region, now = region or instance.config.region, instance.clock.now(account)
    caller = administrator_of(account, instance.config.access_key_id, region)
    call = Call(instance, request, service, operation, params, caller, account, region, now, Decisions())
    return await SERVICES[service].operations[operation](call)


async def create_if_missing(
    instance: Instance, account: str, service: str, operation: str, params: dict[str, Any], exists: str
) -> bool:
    """Whether the operation made the thing now; False when it refused with the code `exists`."""
    try:
        await call_operation(instance, account, service, operation, params)
    except AwsError as error:
        if error.code != exists:
            raise
        return False
    return True
