"""What accounts cost: to make and seed them, to use them first, to start with all of them, and how long others wait."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from benchmarks import servers
from benchmarks.load import Connection
from benchmarks.throughput import GUEST_POOL

SIZES = (1, 60, 500)
ADMINISTRATOR = ("test", "test")
_PAUSE = 0.02  # seconds between the calls of somebody else


@dataclass
class Others:
    """Somebody else, who asks for an identity all the time; `longest` is how long one answer took, in seconds."""

    port: int
    waits: list[float] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def longest(self) -> float:
        return max(self.waits, default=0.0)

    def ask(self) -> None:
        connection = Connection("127.0.0.1", self.port)
        while not self.ended.wait(_PAUSE):
            begun = time.perf_counter()
            connection.call("GetId", {"IdentityPoolId": GUEST_POOL})
            self.waits.append(time.perf_counter() - begun)


@contextmanager
def others(server: servers.Server) -> Iterator[Others]:
    somebody = Others(server.port)
    thread = threading.Thread(target=somebody.ask)
    thread.start()
    try:
        yield somebody
    finally:
        somebody.ended.set()
        thread.join()


def accounts(directory: Path) -> None:
    print("\nAccounts of the sandbox, while somebody else asks for an identity every 20 ms")
    for size in SIZES:
        _measure(directory / f"accounts-{size}", size)


def _measure(home: Path, size: int) -> None:
    print(f"  {size} accounts")
    with servers.sandbox(home) as server:
        # Not counted: the import of moto, and what the first account of a process makes for all of them.
        _list_tables(server, ADMINISTRATOR)
        _list_tables(server, _make(server))
        before = server.memory()
        with _each(server, "made and seeded", size):
            keys = [_make(server) for _ in range(size)]
        with _each(server, "first use of S3 and DynamoDB", size):
            for key in keys:
                _list_tables(server, key)
        print(f"    {(server.memory() - before) / size:8.2f} MB an account")
    begun = time.perf_counter()
    with servers.sandbox(home) as server:
        started, spent = time.perf_counter() - begun, server.processor_seconds()
        print(f"    {started:8.2f} s from the start to the first answer ({spent:.2f} s of the processor)")
        with others(server) as somebody:
            _list_tables(server, keys[-1])
            time.sleep(2)
    print(f"    {somebody.longest:8.2f} s the longest that others waited after the start")


@contextmanager
def _each(server: servers.Server, what: str, size: int) -> Iterator[None]:
    begun, spent = time.perf_counter(), server.processor_seconds()
    with others(server) as somebody:
        yield
    each = (time.perf_counter() - begun) / size
    processor = (server.processor_seconds() - spent) / size
    print(f"    {each:8.3f} s each {what} ({processor:.3f} s of the processor; others waited {somebody.longest:.2f} s)")


def _make(server: servers.Server) -> tuple[str, str]:
    body = json.dumps({"action": "make"}).encode()
    made = _signed(server, "sandbox", "/_sandbox/accounts", body, ADMINISTRATOR, {})
    return made["AccessKeyId"], made["SecretAccessKey"]


def _list_tables(server: servers.Server, key: tuple[str, str]) -> None:
    target = {"X-Amz-Target": "DynamoDB_20120810.ListTables", "Content-Type": "application/x-amz-json-1.0"}
    assert len(_signed(server, "dynamodb", "/", b"{}", key, target)["TableNames"]) == 2


def _signed(
    server: servers.Server, service: str, path: str, body: bytes, key: tuple[str, str], headers: dict[str, str]
) -> dict[str, Any]:
    request = AWSRequest("POST", f"http://127.0.0.1:{server.port}{path}", data=body, headers=headers)
    SigV4Auth(Credentials(*key), service, "us-east-1").add_auth(request)
    with urlopen(Request(request.url, body, dict(request.headers.items()), method="POST"), timeout=60) as answer:
        parsed: dict[str, Any] = json.load(answer)
    return parsed
