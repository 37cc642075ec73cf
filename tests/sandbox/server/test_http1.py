"""HTTP as it goes over the socket: what is read, in which order answers leave, when a connection ends."""

import http.client
import json
import socket
from collections.abc import Iterator
from typing import cast
from urllib.parse import urlsplit

import pytest

from sandbox.core.config import SandboxConfig
from sandbox.core.http import Response
from sandbox.server import http1
from sandbox.server.answer_head import answer_head
from sandbox.server.reader import Application, Complete, RequestReader
from sandbox.testing import RunningSandbox, running_sandbox

HOST = "Host: 127.0.0.1\r\n"
HEALTH = f"GET /_sandbox/health HTTP/1.1\r\n{HOST}\r\n".encode()


class Wire:
    """A connection on which a test writes what it likes."""

    def __init__(self, sandbox: RunningSandbox) -> None:
        parts = urlsplit(sandbox.url)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=60)

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self, method: str = "GET") -> http.client.HTTPResponse:
        answer = http.client.HTTPResponse(self.socket, method=method)
        answer.begin()
        return answer

    def status(self) -> int:
        answer = self.answer()
        answer.read()
        return answer.status

    @property
    def is_closed(self) -> bool:
        return self.socket.recv(1) == b""


@pytest.fixture
def wire(shared_sandbox: RunningSandbox) -> Iterator[Wire]:
    opened = Wire(shared_sandbox)
    yield opened
    opened.socket.close()


def call(operation: str, body: bytes, *more: str) -> bytes:
    lines = [
        "POST / HTTP/1.1",
        "Host: 127.0.0.1",
        f"X-Amz-Target: AWSCognitoIdentityService.{operation}",
        "Content-Type: application/x-amz-json-1.1",
        *(more or (f"Content-Length: {len(body)}",)),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def test_a_connection_serves_one_request_after_the_other(wire: Wire) -> None:
    for _ in range(3):
        wire.send(HEALTH)
        assert wire.status() == 200


def test_requests_sent_ahead_are_answered_in_their_order(wire: Wire) -> None:
    unknown = call("GetId", b'{"IdentityPoolId": "us-east-1:00000000-0000-0000-0000-000000000000"}')
    wire.send((HEALTH + unknown) * 30)
    stream = wire.socket.makefile("rb")
    seen = []
    for _ in range(60):
        status = int(stream.readline().split()[1])
        length = 0
        while (line := stream.readline()) != b"\r\n":
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        stream.read(length)
        seen.append(status)
    assert seen == [200, 400] * 30


def test_a_request_in_pieces(wire: Wire) -> None:
    whole = call("GetId", b'{"IdentityPoolId": "x"}')
    for start in range(0, len(whole), 7):
        wire.send(whole[start : start + 7])
    assert b"ValidationException" in wire.answer().read()


def test_a_chunked_body(wire: Wire) -> None:
    body = b'{"IdentityPoolId": "x"}'
    framed = b"5\r\n" + body[:5] + b"\r\n" + f"{len(body) - 5:x}".encode() + b"\r\n" + body[5:] + b"\r\n0\r\n\r\n"
    wire.send(call("GetId", framed, "Transfer-Encoding: chunked"))
    assert b"ValidationException" in wire.answer().read()


def test_the_body_is_asked_for_where_a_client_waits(wire: Wire) -> None:
    wire.send(call("GetId", b"", "Content-Length: 2", "Expect: 100-continue"))
    assert wire.socket.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    wire.send(b"{}")
    assert wire.status() == 400


def test_the_body_is_asked_for_when_those_before_are_answered(wire: Wire) -> None:
    waiting = call("GetId", b"", "Content-Length: 2", "Expect: 100-continue")
    wire.send(HEALTH + waiting)
    stream = wire.socket.makefile("rb")
    heard = b"".join(iter(stream.readline, b"HTTP/1.1 100 Continue\r\n"))
    assert heard.startswith(b"HTTP/1.1 200 OK\r\n")
    wire.send(b"{}")
    assert stream.readline() + stream.readline() == b"\r\nHTTP/1.1 400 Bad Request\r\n"


def test_a_client_of_http_1_0_is_sent_nothing_before_its_answer(wire: Wire) -> None:
    wire.send(call("GetId", b"", "Content-Length: 2", "Expect: 100-continue").replace(b"HTTP/1.1", b"HTTP/1.0"))
    wire.send(b"{}")
    assert wire.socket.makefile("rb").readline() == b"HTTP/1.1 400 Bad Request\r\n"


def test_head_has_the_head_alone(wire: Wire) -> None:
    wire.send(HEALTH.replace(b"GET", b"HEAD") + HEALTH)
    head = wire.socket.recv(65536)
    length = int(next(line for line in head.split(b"\r\n") if line.startswith(b"content-length:")).split(b":")[1])
    assert length
    assert head.split(b"\r\n\r\n", 1)[1][:8] in (b"", b"HTTP/1.1")


@pytest.mark.parametrize(
    "request_line", [f"GET /_sandbox/health HTTP/1.0\r\n{HOST}", f"{HEALTH[:-4].decode()}\r\nConnection: close\r\n"]
)
def test_a_connection_that_is_to_end_ends(wire: Wire, request_line: str) -> None:
    wire.send(request_line.encode() + b"\r\n" + HEALTH)
    answer = wire.answer()
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    answer.read()
    assert wire.is_closed


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"no HTTP at all\r\n\r\n", 400),
        (f"GET / HTTP/1.1\r\n{HOST}Content-Length: 1\r\nContent-Length: 2\r\n\r\n".encode(), 400),
        (f"POST / HTTP/1.1\r\n{HOST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".encode(), 400),
        (f"GET / HTTP/1.1\r\n{HOST}X: {'a' * 70_000}\r\n\r\n".encode(), 431),
        (f"POST / HTTP/1.1\r\n{HOST}Content-Length: {1 << 40}\r\n\r\n".encode() + b"a" * 300_000, 413),
        (HEALTH.replace(b"127.0.0.1", b"elsewhere.example"), 400),
    ],
)
def test_what_cannot_be_taken_is_answered(wire: Wire, data: bytes, status: int) -> None:
    wire.send(data)
    assert wire.status() == status


@pytest.mark.parametrize("begun", ["GET /", f"GET / HTTP/1.1\r\n{HOST}X: "])
def test_a_head_that_never_ends_is_not_kept(wire: Wire, begun: str) -> None:
    wire.send(begun.encode())
    for _ in range(140):
        wire.send(b"a" * 1000)
    assert wire.status() == 431


class Refusals:
    """A connection that remembers how it was refused."""

    def __init__(self) -> None:
        self.statuses: list[int] = []

    def refuse(self, response: Response) -> None:
        self.statuses.append(response.status)

    def begins(self) -> None: ...

    def expects_body(self, *, client_waits: bool) -> None: ...

    def takes(self, complete: Complete) -> None: ...


def test_a_head_that_never_ends_is_counted_in_one_piece_too() -> None:
    refusals = Refusals()
    reader = RequestReader(cast(Application, object()), refusals, "127.0.0.1", "127.0.0.1")
    reader.feed(f"GET / HTTP/1.1\r\n{HOST}X: {'a' * 140_000}".encode())
    assert refusals.statuses == [431]


def test_a_first_chunk_whose_extension_never_ends_is_not_kept(wire: Wire) -> None:
    wire.send(call("GetId", b"2;", "Transfer-Encoding: chunked"))
    for _ in range(140):
        wire.send(b"a" * 1000)
    assert wire.status() == 431


def test_what_follows_a_chunked_body_is_no_header(wire: Wire) -> None:
    target = "AWSCognitoIdentityService.ListIdentityPools"
    wire.send(call("GetId", f"2\r\n{{}}\r\n0\r\nX-Amz-Target: {target}\r\n\r\n".encode(), "Transfer-Encoding: chunked"))
    assert b"identityPoolId" in wire.answer().read()


def test_the_answers_before_it_come_before_a_refusal(wire: Wire) -> None:
    wire.send(HEALTH + HEALTH + b"no HTTP at all\r\n\r\n")
    stream = wire.socket.makefile("rb").read()
    assert [stream.count(b"HTTP/1.1 200 OK\r\n"), stream.count(b"HTTP/1.1 400 Bad Request\r\n")] == [2, 1]
    assert stream.endswith(b"This is not HTTP.\n")


def test_half_a_body_is_no_request(shared_sandbox: RunningSandbox) -> None:
    name = "HalfABody"
    wire = Wire(shared_sandbox)
    body = json.dumps({"IdentityPoolName": name, "AllowUnauthenticatedIdentities": True}).encode()
    wire.send(call("CreateIdentityPool", body, f"Content-Length: {len(body) + 1}"))
    wire.socket.close()
    pools = shared_sandbox.client("cognito-identity").list_identity_pools(MaxResults=60)["IdentityPools"]
    assert name not in [pool["IdentityPoolName"] for pool in pools]


def test_who_falls_silent_is_told_and_let_go(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_LINGER", "_CHECK_SECONDS"):
        monkeypatch.setattr(http1, name, 0.2)
    file = tmp_path_factory.mktemp("silent") / "sandbox.sqlite3"
    with running_sandbox(SandboxConfig(data_file=file, port=0, seed=False)) as sandbox:
        half, idle = Wire(sandbox), Wire(sandbox)
        for wire in (half, idle):  # has to be there while there is time enough for every pause of the machine
            wire.send(HEALTH)
            assert wire.status() == 200
        for name in ("_BODY_SECONDS", "_KEPT_OPEN"):
            monkeypatch.setattr(http1, name, 0.2)
        silent = Wire(sandbox)
        half.send(call("GetId", b"{", "Content-Length: 2"))
        idle.send(HEALTH)
        assert idle.status() == 200
        assert half.status() == 408
        assert silent.is_closed
        assert half.is_closed
        assert idle.is_closed


def test_an_answer_cannot_be_taken_for_two() -> None:
    injected = Response(200, b"", [("x-note", "a\r\nset-cookie: b=c\0")])
    head = answer_head(injected, [(b"date", b"today")], stays=True)
    assert b"x-note: a??set-cookie: b=c?\r\n" in head
    assert head.count(b"\r\n") == 5


@pytest.mark.parametrize(
    ("status", "head"),
    [
        (204, b"HTTP/1.1 204 No Content\r\n\r\n"),
        (304, b"HTTP/1.1 304 Not Modified\r\n\r\n"),
        (404, b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"),
        (599, b"HTTP/1.1 599 \r\ncontent-length: 0\r\n\r\n"),
    ],
)
def test_a_head_without_a_body(status: int, head: bytes) -> None:
    assert answer_head(Response(status), [], stays=True) == head
