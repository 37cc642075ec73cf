"""Turns: what strangers have computed (proofs of passwords) is done one after the other, and others come in between.

A proof takes some milliseconds of the event loop, and anybody may ask for one without a signature. Without turns
everybody would wait for all of them; with turns, for the one that is being computed. So many may wait for theirs.
"""

import asyncio
from collections import Counter
from typing import Any

from sandbox.core.call import Call, Handler
from sandbox.core.errors import AwsError
from sandbox.core.instance import Instance
from sandbox.core.limits import peer_of

_MOST = 128
_MOST_OF_PEER = 32  # a class behind one address signs in at once


class Turns:
    """Who is waiting, or has the turn."""

    def __init__(self, instance: Instance) -> None:
        self.turn = asyncio.Lock()
        self.waiting: Counter[str] = Counter()


def in_turn(handler: Handler) -> Handler:
    """The handler, when it is its turn.

    Raises:
        AwsError: TooManyRequestsException: too many are waiting, which SDKs try again by themselves.
    """

    async def answer(call: Call) -> dict[str, Any]:
        turns, peer = call.instance.part(Turns), peer_of(call.request.client)
        if turns.waiting[peer] >= _MOST_OF_PEER or turns.waiting.total() >= _MOST:
            raise AwsError("TooManyRequestsException", "Too many requests")
        turns.waiting[peer] += 1
        try:
            async with turns.turn:
                await asyncio.sleep(0)  # whatever came meanwhile goes first
                return await handler(call)
        finally:
            turns.waiting[peer] -= 1
            if not turns.waiting[peer]:
                del turns.waiting[peer]

    return answer
