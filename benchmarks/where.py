"""Where the sandbox's time goes in a guest's pair of calls: the same requests in process, under the profiler."""

import asyncio
import cProfile
import json
import pstats
import time
import uuid
from collections import defaultdict
from pathlib import Path

from benchmarks.throughput import GUEST_POOL
from sandbox.aws.endpoint.dispatch import answer
from sandbox.aws.endpoint.services import SCHEMAS
from sandbox.core.config import SandboxConfig
from sandbox.core.http import Request, Response
from sandbox.core.instance import Instance
from sandbox.seed import seed_home_account

PAIRS = 1500
# The first part of a file's or function's name that fits says what its own time is for.
KINDS = (
    ("sqlite3", "SQLite: the identity's row, look-ups"),
    ("iampolicy", "trust policy of the role"),
    ("sandbox/aws/iam", "trust policy of the role"),
    ("sandbox/aws/access/sessions", "sealing the session token"),
    ("cryptography", "sealing the session token"),
    ("AESGCM", "sealing the session token"),
    ("hmac", "sealing the session token"),
    ("zlib", "sealing the session token"),
    ("request_log", "the list of decisions"),
    ("decisions", "the list of decisions"),
    ("json", "JSON in and out, decisions included"),
    ("sandbox/aws/wire", "constraints of the service's model"),
    ("sandbox/aws/cognito_identity", "identity pools' own logic"),
    ("sandbox/aws", "dispatch and answers"),
)


def where(directory: Path) -> None:
    print("\nWhere the sandbox's time goes, guests, one pair in process")
    seconds, shares = asyncio.run(_measure(directory / "where"))
    for kind, share in sorted(shares.items(), key=lambda item: -item[1]):
        print(f"  {share:5.0%}  {kind}")
    print(f"  ({seconds * 1e6:.0f} us a pair without the profiler; HTTP, the event loop and the sockets come on top)")


async def _measure(directory: Path) -> tuple[float, dict[str, float]]:
    instance = Instance(SandboxConfig(data_file=directory / "sandbox.sqlite3"), SCHEMAS)
    try:
        await seed_home_account(instance)
        await _pairs(instance, 200)
        start = time.perf_counter()
        await _pairs(instance, PAIRS)
        seconds = (time.perf_counter() - start) / PAIRS
        profile = cProfile.Profile()
        profile.enable()
        await _pairs(instance, PAIRS)
        profile.disable()
    finally:
        instance.close()
    return seconds, _shares(pstats.Stats(profile))


async def _pairs(instance: Instance, number: int) -> None:
    for _ in range(number):
        made = await answer(instance, _request("GetId", {"IdentityPoolId": GUEST_POOL}))
        identity = json.loads(made.body)["IdentityId"]
        given: Response = await answer(instance, _request("GetCredentialsForIdentity", {"IdentityId": identity}))
        assert given.status == 200, given.body


def _request(operation: str, params: dict[str, str]) -> Request:
    headers = {
        "host": "127.0.0.1",
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": f"AWSCognitoIdentityService.{operation}",
    }
    return Request("POST", "/", "", headers, json.dumps(params).encode(), "127.0.0.1", str(uuid.uuid4()))


def _shares(stats: pstats.Stats) -> dict[str, float]:
    spent: dict[str, float] = defaultdict(float)
    for (file, _, function), (_, _, own, _, _) in stats.stats.items():  # type: ignore[attr-defined]
        name = f"{file} {function}"
        spent[next((kind for part, kind in KINDS if part in name), "the rest: built-ins, uuid, time")] += own
    total = sum(spent.values())
    return {kind: seconds / total for kind, seconds in spent.items()}
