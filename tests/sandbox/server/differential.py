"""The sandbox's HTTP protocol and uvicorn's own held against each other, on what all of them have to take.

Random valid requests go, byte for byte the same, to one application behind each protocol. What the application was
given has to be equal, and so have the answers, and whether the connection goes on. Nobody's answer is the measure: a
difference says that one of them is wrong, and the RFC says which.

    python -m tests.sandbox.server.differential SECONDS [SEED]
"""

import asyncio
import logging
import re
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from io import BufferedReader
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from sandbox.config import SandboxConfig
from sandbox.core.http import Request, Response, plain
from sandbox.core.limits import BytesHeld, HeadProof, Limits, OpenConnections
from sandbox.testing import RunningSandbox
from tests.sandbox.server.asgi import THEIRS, Protocol, SandboxServers, Servers, running
from tests.sandbox.server.random_connections import (
    CLOSE_PLEASE,
    HOST,
    Burst,
    Connection,
    Message,
    Writer,
    Written,
    any_message,
    probe,
)

ACCOUNT = "515151515151"

_SECONDS = 60.0  # in which an answer has to come
_STATUSES = (200, 200, 200, 201, 204, 206, 299, 301, 304, 400, 404, 418, 500, 503, 599)
_NOT_THERE = plain(404, "There is no such thing here.")


# --- Applications -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Recorder:
    """Writes down what it is given, and gives an answer that follows from it."""

    seen: list[tuple[Any, ...]] = field(default_factory=list)
    connections: OpenConnections = field(default_factory=lambda: OpenConnections(Limits()))
    bytes_held: BytesHeld = field(default_factory=lambda: BytesHeld(Limits()))

    def admit(self, request: Request) -> Response | None:
        return None

    def largest_body(self, request: Request) -> int:
        return 1_000_000

    def proof(self, request: Request) -> HeadProof | Response:
        return HeadProof.PROVEN

    def too_large(self, request: Request, largest: int) -> Response:
        return _NOT_THERE

    def busy(self, request: Request) -> Response:
        return _NOT_THERE

    async def __call__(self, request: Request) -> Response:
        headers = dict(request.headers)
        if "transfer-encoding" in headers:
            headers["transfer-encoding"] = headers["transfer-encoding"].lower()  # h11 writes it so
        given = (request.method, request.raw_path, request.query_string, headers, request.body, request.client)
        self.seen.append(given)
        chance = Random(sha256(repr(given).encode()).digest())  # noqa: S311 (the same for the same request)
        if chance.random() < 0.3:
            # What was sent ahead, or in further pieces, has time to arrive.
            await asyncio.sleep(chance.choice((0, 0, 0.0005, 0.003)))
        return _answer(chance, closes=CLOSE_PLEASE in headers)


def _answer(chance: Random, *, closes: bool) -> Response:
    status = chance.choice(_STATUSES)
    body = (
        b"" if status in (204, 304) else chance.randbytes(chance.choice((0, 1, 20, 20, 300, 300, 3000, 3000, 90_000)))
    )
    names = ("content-type", "etag", "x-note", "set-cookie", "set-cookie", "vary")
    headers = [(chance.choice(names), f"{chance.random()}, \xe9") for _ in range(chance.randrange(4))]
    if chance.random() < 0.3 and status not in (204, 304):
        headers.append(("content-length", str(len(body))))
    if closes:
        headers.append(("connection", "close"))
    return Response(status, body, headers)


# --- The client -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Answer:
    """One answer as the client reads it.

    Attributes:
        continues: how many times the body was asked for.
    """

    status: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes
    continues: int = 0


@dataclass(slots=True)
class Heard:
    """What came over one connection, and whether the other side has ended it."""

    answers: list[Answer] = field(default_factory=list)
    has_ended: bool = False
    trouble: str = ""


def converse(port: int, connection: Connection) -> Heard:
    """Say all that a connection says, and hear the answers."""
    heard = Heard()
    bursts = [*connection.bursts, Burst([probe()], [], has_pauses=False)]
    with socket.create_connection(("127.0.0.1", port), timeout=_SECONDS) as wire:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream = wire.makefile("rb")
        try:
            for burst in bursts:
                _exchange(wire, stream, burst, heard)
        except (EOFError, ConnectionError):
            heard.has_ended = True
        except TimeoutError:
            heard.trouble = f"nothing came after {len(heard.answers)} answers"
        except ValueError as error:
            heard.trouble = f"no answer: {error}"
    return heard


def _exchange(wire: socket.socket, stream: BufferedReader, burst: Burst, heard: Heard) -> None:
    last = burst.requests[-1]
    whole = b"".join(request.head + request.body for request in burst.requests)
    if last.waits:
        whole = whole[: len(whole) - len(last.body)]
    with suppress(ConnectionError):  # What it said before it hung up can be read all the same.
        _send(wire, whole, burst)
    for request in burst.requests[: -1 if last.waits else None]:
        heard.answers.append(_read_answer(stream, request))
    if last.waits:
        _wait_for_continue(stream)
        _send(wire, last.body, burst)
        heard.answers.append(_read_answer(stream, last))
        heard.answers[-1].continues += 1


def _send(wire: socket.socket, data: bytes, burst: Burst) -> None:
    places = [int(cut * len(data)) for cut in burst.cuts]
    for start, end in zip([0, *places], [*places, len(data)], strict=True):
        wire.sendall(data[start:end])
        if burst.has_pauses:
            time.sleep(0.0005)


def _wait_for_continue(stream: BufferedReader) -> None:
    status, headers = _read_head(stream)
    if status != b"HTTP/1.1 100 Continue" or headers:
        raise ValueError(f"{status!r} instead of 100 Continue")


def _read_answer(stream: BufferedReader, request: Written) -> Answer:
    """One answer (RFC 9112, section 6.3). Raises EOFError, ValueError."""
    continues = 0
    while (head := _read_head(stream))[0].startswith(b"HTTP/1.1 1"):
        continues += 1
    status, headers = head
    lengths = [int(value) for name, value in headers if name == b"content-length"]
    if len(lengths) > 1 or any(name == b"transfer-encoding" for name, _ in headers):
        raise ValueError(f"a length that is not expected: {headers}")
    has_body = request.method != "HEAD" and status[9:12] not in (b"204", b"304")
    body = stream.read(lengths[0]) if has_body else b""
    if has_body and len(body) < lengths[0]:
        raise EOFError
    return Answer(status, headers, body, continues)


def _read_head(stream: BufferedReader) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    lines = []
    while (line := stream.readline()) != b"\r\n":
        if not line:
            raise EOFError
        if not line.endswith(b"\r\n"):
            raise ValueError(f"half a line: {line!r}")
        lines.append(line[:-2])
    if not lines or not lines[0].startswith(b"HTTP/1.1 "):
        raise ValueError(f"no status line: {lines[:1]}")
    pairs = [line.partition(b":") for line in lines[1:]]
    return lines[0], [(name.lower(), value.strip()) for name, _, value in pairs]


# --- The comparison ---------------------------------------------------------------------------------------------------

# The id of a request, and what ties a stand-in's form to its cookie.
_RANDOM = re.compile(
    rb"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    rb"|(?<=<RequestId>)[A-Za-z0-9]{52}"
    rb"|(?:(?<=standin_form=)|(?<=form_token\" value=\"))[A-Za-z0-9_-]{32}"
)
_DIFFERENT = {b"date", b"x-amz-request-id", b"x-amzn-requestid", b"x-amz-id-2"}


def comparable(answer: Answer) -> tuple[bytes, list[tuple[bytes, bytes]], bytes]:
    """What has to be the same of two answers: all but times and random names of requests."""
    headers = [(name, _RANDOM.sub(b"ID", value)) for name, value in answer.headers if name not in _DIFFERENT]
    # Names may come in any order (RFC 9110, section 5.3); sorted by name alone, values of one name keep theirs.
    return answer.status, sorted(headers, key=lambda pair: pair[0]), _RANDOM.sub(b"ID", answer.body)


def difference(ours: Heard, theirs: Heard) -> str | None:
    """The first thing in which the two are not the same, in words."""
    if ours.trouble or theirs.trouble:
        return f"ours: {ours.trouble or 'fine'}, theirs: {theirs.trouble or 'fine'}"
    for number, (our, their) in enumerate(zip(ours.answers, theirs.answers, strict=False), 1):
        for what, one, other in zip(("status", "headers", "body"), comparable(our), comparable(their), strict=True):
            if one != other:
                return f"answer {number}, {what}: ours {one!r:.500}, theirs {other!r:.500}"
    if (len(ours.answers), ours.has_ended) != (len(theirs.answers), theirs.has_ended):
        return "".join(
            f"{name} gave {len(heard.answers)} answers and then {'ended' if heard.has_ended else 'went on'}; "
            for name, heard in (("ours", ours), ("theirs", theirs))
        )
    return None


def broken_rules(connection: Connection, heard: Heard) -> Iterator[str]:
    """What RFCs demand of our answers and uvicorn does not always keep."""
    requests = [request for burst in connection.bursts for request in burst.requests]
    for request, answer in zip([*requests, probe()], heard.answers, strict=False):
        # RFC 9110, sections 10.1.1 and 15.2.
        most = 1 if request.version == "1.1" and b"100-continue" in request.head.lower() else 0
        if not request.waits <= answer.continues <= most:
            yield f"{answer.continues} times 100 Continue in front of {request!r:.500}"
    closing = [any(pair == (b"connection", b"close") for pair in answer.headers) for answer in heard.answers]
    if any(closing[:-1]) or (closing and closing[-1]) != heard.has_ended:
        yield "the connection ends other than it was announced (RFC 9112, section 9.6)"


@dataclass(slots=True)
class Outcome:
    """How many connections there were, how many requests on them were answered, and what was found."""

    connections: int = 0
    answers: int = 0
    findings: list[str] = field(default_factory=list)


def _compare(
    draw: Callable[[Random], Message],
    ports: dict[Protocol, int],
    seen: Callable[[], dict[Protocol, Any]],
    until: float,
    seed: str,
) -> Outcome:
    """Compare until the time is over, but some connections at least, or something was found."""
    outcome = Outcome()
    while (time.monotonic() < until or outcome.connections < 10) and not outcome.findings:
        outcome.connections += 1
        name = f"{seed}/{outcome.connections}"
        connection = Writer(Random(name), draw).connection()  # noqa: S311 (to draw again what was found)
        seen()
        heard = {protocol: converse(ports[protocol], connection) for protocol in ("ours", *connection.theirs)}
        given = seen()
        found = list(broken_rules(connection, heard["ours"]))
        for protocol in connection.theirs:
            if given["ours"] != given[protocol]:
                found.append(f"{protocol}: {_first_unequal(given['ours'], given[protocol])}")
            if (unequal := difference(heard["ours"], heard[protocol])) is not None:
                found.append(f"{protocol}: {unequal}")
        outcome.answers += len(heard["ours"].answers)
        outcome.findings += [f"seed {name}: {one}; {connection!r:.4000}" for one in found]
    return outcome


def _first_unequal(ours: list[Any], theirs: list[Any]) -> str:
    for number, (one, other) in enumerate(zip(ours, theirs, strict=False), 1):
        for what, here, there in zip(("method", "path", "query", "headers", "body", "client"), one, other, strict=True):
            if here != there:
                return f"request {number}, {what}: we gave {here!r:.500}, they gave {there!r:.500}"
    return f"we gave {len(ours)} requests, they gave {len(theirs)}"


@contextmanager
def _no_warnings() -> Iterator[None]:
    """uvicorn warns of each request for another protocol."""
    logger = logging.getLogger("uvicorn.error")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


def compare_recorders(seconds: float, seed: int) -> Outcome:
    """Any requests, to an application that says what it was given."""
    recorders: dict[Protocol, Recorder] = {name: Recorder() for name in ("ours", *THEIRS)}

    def seen() -> dict[Protocol, Any]:
        found = {name: list(recorder.seen) for name, recorder in recorders.items()}
        for recorder in recorders.values():
            recorder.seen.clear()
        return found

    with _no_warnings(), running(lambda: Servers(recorders)) as ports:
        return _compare(any_message, ports, seen, time.monotonic() + seconds, str(seed))


# --- The sandbox ------------------------------------------------------------------------------------------------------


def compare_sandboxes(directory: Path, seconds: float, seed: int) -> Outcome:
    """Calls and pages that change nothing, to one sandbox. What it is given shows in what it answers."""
    config = SandboxConfig(data_file=directory / "sandbox.sqlite3", port=0, seed=False, account_id=ACCOUNT)
    with _no_warnings(), running(lambda: SandboxServers(config)) as ports:
        sandbox = RunningSandbox(f"http://127.0.0.1:{ports['ours']}", config)
        messages = list(_messages(sandbox))

        def draw(chance: Random) -> Message:
            drawn = chance.choice(messages)
            return Message(drawn.method, drawn.target, list(drawn.headers), drawn.body)

        return _compare(draw, ports, lambda: dict.fromkeys(ports), time.monotonic() + seconds, str(seed))


def _messages(sandbox: RunningSandbox) -> Iterator[Message]:
    """Requests whose answers do not change, signed where they have to be."""
    pool = sandbox.client("cognito-identity").create_identity_pool(
        IdentityPoolName="compared", AllowUnauthenticatedIdentities=True
    )["IdentityPoolId"]
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="compared")
    s3.put_object(Bucket="compared", Key="a b/\xe9", Body=b"content" * 100, Metadata={"my_key": "1"})
    for path in ("/_sandbox/health", "/_sandbox/nothing?a=b", "/.well-known/jwks_uri", "/idp/", "/idp/nothing", "/"):
        yield from (Message(method, path) for method in ("GET", "HEAD", "POST"))
    for operation, body in (
        ("ListIdentityPools", b'{"MaxResults": 5}'),
        ("DescribeIdentityPool", f'{{"IdentityPoolId": "{pool}"}}'.encode()),
        ("GetId", b'{"IdentityPoolId": "us-east-1:00000000-0000-4000-8000-000000000000"}'),
        ("DescribeIdentityPool", b"{"),
    ):
        target = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"AWSCognitoIdentityService.{operation}",
        }
        yield _signed("cognito-identity", "POST", "/", body, target)
        yield Message("POST", "/", [(name, value.encode()) for name, value in target.items()], body)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    yield _signed("sts", "POST", "/", b"Action=GetCallerIdentity&Version=2011-06-15", form)
    yield _signed("iam", "POST", "/", b"Action=ListRoles&Version=2010-05-08", form)
    for method in ("GET", "HEAD"):
        for path in ("/compared/a%20b/%C3%A9", "/compared/nothing", "/compared?list-type=2", "/"):
            yield _signed("s3", method, path, None, {})


def _signed(service: str, method: str, target: str, body: bytes | None, headers: dict[str, str]) -> Message:
    request = AWSRequest(method, f"http://{HOST}{target}", data=body or b"", headers={**headers, "Host": HOST})
    signer = S3SigV4Auth if service == "s3" else SigV4Auth
    signer(Credentials("test", "test"), service, "us-east-1").add_auth(request)
    return Message(method, target, [(name, value.encode()) for name, value in request.headers.items()], body)


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else SystemRandom().randrange(10**9)
    with tempfile.TemporaryDirectory() as directory:
        outcomes = [compare_recorders(seconds / 2, seed), compare_sandboxes(Path(directory), seconds / 2, seed)]
    for name, outcome in zip(("any requests", "the sandbox"), outcomes, strict=True):
        counts = f"{outcome.connections} connections, {outcome.answers} answers, {len(outcome.findings)} findings"
        sys.stdout.write(f"seed {seed}, {name}: {counts}\n")
        sys.stdout.writelines(f"{finding}\n" for finding in outcome.findings)
    sys.exit(1 if any(outcome.findings for outcome in outcomes) else 0)


if __name__ == "__main__":
    main()
