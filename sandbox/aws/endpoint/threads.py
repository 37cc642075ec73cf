"""Work on large bodies, done in a thread while the event loop answers others."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from sandbox.core.instance import Instance
from sandbox.core.limits import SMALL

P = ParamSpec("P")
T = TypeVar("T")
_AT_ONCE = 2  # of the instance's threads: the others serve what is small


def _turns(instance: Instance) -> asyncio.Semaphore:
    return asyncio.Semaphore(_AT_ONCE)


async def run_large(instance: Instance, size: int, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`function(*args)`: at once where `size` bytes are few, else in a thread of the instance, away from its store."""
    if size <= SMALL:
        return function(*args, **kwargs)
    async with instance.part(_turns):
        return await asyncio.get_running_loop().run_in_executor(instance.threads, lambda: function(*args, **kwargs))
