"""A small keep-alive HTTP client, so that what is measured is the server and not the SDK."""

import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.servers import Server

IDENTITY_POOLS, USER_POOLS = "AWSCognitoIdentityService", "AWSCognitoIdentityProviderService"


class Connection:
    """A connection to a server that speaks AWS JSON 1.1, opened again when the server closes it (moto always does)."""

    def __init__(self, host: str, port: int) -> None:
        self.address = (host, port)
        self.socket: socket.socket | None = None

    def call(self, operation: str, params: dict[str, Any], target: str = IDENTITY_POOLS) -> dict[str, Any]:
        """The parsed answer of one unsigned call.

        Raises:
            RuntimeError: the status was not 200.
        """
        body = json.dumps(params).encode()
        head = (
            f"POST / HTTP/1.1\r\nHost: {self.address[0]}:{self.address[1]}\r\nX-Amz-Target: {target}.{operation}\r\n"
            f"Content-Type: application/x-amz-json-1.1\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        if self.socket is None:
            self.socket = socket.create_connection(self.address)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(head.encode() + body)
        status, answer, closing = self._read()
        if closing:
            self.socket.close()
            self.socket = None
        if status != 200:
            raise RuntimeError(f"{operation} answered {status}: {answer[:200]!r}")
        parsed: dict[str, Any] = json.loads(answer)
        return parsed

    def _read(self) -> tuple[int, bytes, bool]:
        assert self.socket is not None
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._receive()
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
        while len(body) < length:
            body += self._receive()
        closing = lines[0].startswith(b"http/1.0") or b"connection: close" in lines
        return int(lines[0].split(b" ", 2)[1]), body, closing

    def _receive(self) -> bytes:
        assert self.socket is not None
        chunk = self.socket.recv(65536)
        if not chunk:
            raise ConnectionError("the server closed the connection in the middle of an answer")
        return chunk


Step = Callable[[Connection], None]  # what is counted: a pair of calls, a sign-in


@dataclass(frozen=True, slots=True)
class Rate:
    """Pairs of calls a second, and the seconds of processor time that the server spent on each."""

    pairs: float
    processor: float


def rate(one_pair: Step, server: Server, *, connections: int, seconds: float, warm_up: float = 0.3) -> Rate:
    """Runs `one_pair` on each of `connections` connections for `seconds`, after a warm-up of each."""
    done = [0] * connections
    failures: list[BaseException] = []
    barrier = threading.Barrier(connections + 1)
    end = [0.0]

    def work(worker: int) -> None:
        try:
            connection = Connection("127.0.0.1", server.port)
            warm = time.perf_counter() + warm_up
            while time.perf_counter() < warm:
                one_pair(connection)
            barrier.wait()
            barrier.wait()
            while time.perf_counter() < end[0]:
                one_pair(connection)
                done[worker] += 1
        except BaseException as error:  # noqa: BLE001 - a worker's failure is raised again by the caller below
            failures.append(error)
            barrier.abort()

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(connections)]
    for thread in threads:
        thread.start()
    try:
        barrier.wait()
        spent = server.processor_seconds()
        end[0] = time.perf_counter() + seconds
        barrier.wait()
    except threading.BrokenBarrierError:
        pass
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return Rate(pairs=sum(done) / seconds, processor=(server.processor_seconds() - spent) / sum(done))
