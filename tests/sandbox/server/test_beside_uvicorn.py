"""The sandbox's HTTP protocol beside uvicorn's own: equal on random valid requests, and stricter where it means to be.

Half a minute here; `differential` runs as long as told.
"""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chance import seed
from tests.sandbox.server.asgi import Protocol, Servers, running
from tests.sandbox.server.differential import Recorder, compare_recorders, compare_sandboxes


@pytest.mark.slow
def test_any_valid_requests_are_read_and_answered_alike() -> None:
    outcome = compare_recorders(30, seed=seed())
    assert outcome.findings == []
    assert outcome.answers > outcome.connections


@pytest.mark.slow
def test_the_sandbox_answers_alike(tmp_path: Path) -> None:
    outcome = compare_sandboxes(tmp_path, 30, seed=seed())
    assert outcome.findings == []
    assert outcome.answers > outcome.connections


# --- What uvicorn takes and the sandbox does not ----------------------------------------------------------------------


GET, POST = "GET / HTTP/1.1", "POST / HTTP/1.1"
CHUNKED = "Transfer-Encoding: chunked"
Both = dict[Protocol, tuple[int, Recorder]]


@pytest.fixture(scope="module")
def both() -> Iterator[Both]:
    recorders: dict[Protocol, Recorder] = {"ours": Recorder(), "h11": Recorder()}
    with running(lambda: Servers(recorders)) as ports:
        yield {protocol: (ports[protocol], recorder) for protocol, recorder in recorders.items()}


@pytest.mark.parametrize(
    ("status", "lines", "why"),
    [
        (400, [GET, "Host: a", "a_b: c"], "RFC 9110, 5.6.2 allows it, but CGI and WSGI read `_` as `-`"),
        (400, [GET, "Host: a", "a.b: c"], "RFC 9110, 5.6.2 allows it, but no API here has such a name"),
        (400, [GET, "Host: a", "Origin: http://a", "Origin: http://b"], "RFC 9110, 5.3: no list, so it stands once"),
        (400, ["FETCH / HTTP/1.1", "Host: a"], "RFC 9110, 9.1 has 501 for it; httptools knows the names it knows"),
        (405, ["CONNECT a:80 HTTP/1.1", "Host: a:80"], "RFC 9110, 9.3.6: for proxies"),
        (
            400,
            ["OPTIONS * HTTP/1.1", "Host: a"],
            "RFC 9112, 3.2.4: about a server as a whole",
        ),
        (400, ["GET http://b/ HTTP/1.1", "Host: a"], "RFC 9112, 3.2.2 has Host ignored, but others may believe it"),
        (400, ["GET / HTTP/1.0"], "RFC 9112, 3.2 asks for a host from 1.1 on; here, each request needs one"),
        (400, [GET, "Host: a", "A: b", " c"], "RFC 9112, 5.2: a folded line may be refused"),
        (400, [POST, "Host: a", "Content-Length: 0", "Content-Length: 0"], "RFC 9112, 6.3: equal ones may be refused"),
        (
            400,
            [POST, "Host: a", f"{CHUNKED}\t", "", "0"],
            "RFC 9112, 5.1 allows the tab, httptools does not",
        ),
    ],
)
def test_what_is_refused_on_purpose(both: Both, status: int, lines: list[str], why: str) -> None:
    request = "\r\n".join([*lines, "", ""]).encode()
    assert _sent(*both["ours"], request) == (status, 0), why
    assert _sent(*both["h11"], request)[1] == 1, why


def _sent(port: int, recorder: Recorder, request: bytes) -> tuple[int, int]:
    """The answer's status, and how many requests the application was given."""
    recorder.seen.clear()
    with socket.create_connection(("127.0.0.1", port), timeout=60) as wire:
        wire.sendall(request)
        return int(wire.makefile("rb").readline().split()[1]), len(recorder.seen)
