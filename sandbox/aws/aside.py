"""Work on large bodies, done in a thread while the event loop answers others."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from sandbox.core.instance import World
from sandbox.core.limits import SMALL

P = ParamSpec("P")
T = TypeVar("T")
_AT_ONCE = 2  # of the world's threads: the others serve what is small


def _turns(world: World) -> asyncio.Semaphore:
    return asyncio.Semaphore(_AT_ONCE)


async def aside(world: World, size: int, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`function(*args)`: at once where `size` bytes are few, else in a thread of the world, away from its store."""
    if size <= SMALL:
        return function(*args, **kwargs)
    async with world.part(_turns):
        return await asyncio.get_running_loop().run_in_executor(world.threads, lambda: function(*args, **kwargs))
