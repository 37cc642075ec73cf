"""Turns: how many unsigned calls may wait for what is computed for them."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.aws.cognito_idp.turns import in_turn
from sandbox.core.call import Call
from sandbox.core.config import SandboxConfig
from sandbox.core.decisions import Decisions
from sandbox.core.errors import AwsError
from sandbox.core.http import Request
from sandbox.core.instance import Instance
from tests.apart import run_apart

OF_ONE, OF_ALL = 32, 128


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    made = Instance(SandboxConfig(tmp_path / "sandbox.sqlite3"), ())
    yield made
    made.close()


def call_from(instance: Instance, peer: str) -> Call:
    request = Request("POST", "/", "", {}, b"", peer, "id")
    return Call(
        instance, request, "cognito-idp", "InitiateAuth", {}, None, "000000000000", "us-east-1", 0.0, Decisions()
    )


async def refused_of(instance: Instance, peers: list[str]) -> tuple[list[str], int]:
    """The peers that are refused when these call while nothing is finished, and how many calls run at a time."""
    may_go, running, most = asyncio.Event(), 0, 0

    async def handler(call: Call) -> dict[str, Any]:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await may_go.wait()
        running -= 1
        return {}

    answer = in_turn(handler)
    asked = [asyncio.ensure_future(answer(call_from(instance, peer))) for peer in peers]
    await asyncio.sleep(0.01)
    may_go.set()
    answers = await asyncio.gather(*asked, return_exceptions=True)
    refusals = [one for one in answers if isinstance(one, BaseException)]
    assert all(isinstance(one, AwsError) and one.code == "TooManyRequestsException" for one in refusals)
    return [peer for peer, one in zip(peers, answers, strict=True) if isinstance(one, AwsError)], most


def test_one_address_waits_with_so_many_calls_and_the_others_with_theirs(instance: Instance) -> None:
    peers = ["10.0.0.1"] * (OF_ONE + 2) + ["10.0.0.2"]

    async def twice() -> list[tuple[list[str], int]]:
        return [await refused_of(instance, peers) for _ in range(2)]

    assert run_apart(twice()) == [(["10.0.0.1"] * 2, 1)] * 2  # the places are free again


def test_all_addresses_together_wait_with_so_many(instance: Instance) -> None:
    peers = [f"10.0.{number}.1" for number in range(OF_ALL)]
    assert run_apart(refused_of(instance, [*peers, "10.1.0.1"])) == (["10.1.0.1"], 1)
