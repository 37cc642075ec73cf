"""What slow, large and odd requests do to everybody else: nothing."""

import re
import resource
import secrets
import select
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.cognitodemo.server.conftest import Application, running

pytestmark = pytest.mark.slow  # many connections, many accounts: seconds each, for `make verify`

Hold = Callable[[int, bytes], None]
PAGE = b"GET /accounts/sign-in/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
FORM = b"POST /accounts/sign-in/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
MEGABYTE = 1024 * 1024
SLOW_HEAD = 10  # seconds after which it has to make room by itself (docs/https.md): nobody waits for that


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def sent_before_the_end(connection: socket.socket, piece: bytes) -> int:
    """How many pieces could be sent, of 60, before the other side closed the connection."""
    for number in range(60):
        try:
            connection.sendall(piece)
        except OSError:
            return number
    return 60


@pytest.mark.parametrize(
    "beginning",
    [
        pytest.param(b"GET / HTTP/1.1\r\nX: ", id="heads"),
        pytest.param(FORM + b"Content-Length: 1000\r\n\r\nabc", id="bodies"),
        pytest.param(FORM + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", id="chunks"),
        pytest.param(b"GET /static/css/pages.css HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", id="readers"),
    ],
)
def test_slow_strangers_keep_nobody_waiting(served: Application, hold: Hold, beginning: bytes) -> None:
    """Many times as many as there are threads, which are two."""
    hold(300, beginning)
    started = time.monotonic()
    assert status(served.ask(PAGE)) == 200
    assert time.monotonic() - started < SLOW_HEAD  # without: for as long as they like


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_thousand_slow_heads_leave_room_for_others(tmp_path: Path, workers: str) -> None:
    """Of one process, or of several, which share them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2000:
        pytest.skip("this system lets nobody have as many connections")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2000), hard))
    key = {"SECRET_KEY": secrets.token_urlsafe(50)}
    try:
        with running(tmp_path, WEB_WORKERS=workers, **key) as application, ExitStack() as stack:
            for _ in range(1000):
                stack.enter_context(application.connect()).sendall(b"GET / HTTP/1.1\r\nX: ")
            started = time.monotonic()
            assert status(application.ask(PAGE)) == 200
            assert time.monotonic() - started < SLOW_HEAD
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_large_body_is_refused_by_its_stated_length(served: Application) -> None:
    with served.connect() as connection:
        connection.sendall(FORM + b"Content-Length: %d\r\n\r\n" % (900 * MEGABYTE))
        assert status(connection.recv(1000)) == 413
        assert sent_before_the_end(connection, b"a" * MEGABYTE) < 60


def test_a_large_body_without_a_length_is_refused_while_it_comes(served: Application) -> None:
    with served.connect() as connection:
        connection.sendall(FORM + b"Transfer-Encoding: chunked\r\n\r\n")
        assert sent_before_the_end(connection, b"%x\r\n%s\r\n" % (MEGABYTE, b"a" * MEGABYTE)) < 60


def test_a_body_of_the_most_that_is_taken_reaches_the_application(served: Application) -> None:
    body = b"a" * MEGABYTE
    head = b"POST /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    assert status(served.ask(head + body)) == 404  # there is no such page for a form


def test_one_address_cannot_fill_the_memory_with_bodies(served: Application) -> None:
    """20 MB that nearly arrive; 16 MB are held for one address."""
    nearly = FORM + b"Content-Length: %d\r\n\r\n" % MEGABYTE + b"a" * (MEGABYTE - 1)
    with ExitStack() as stack:
        connections = [stack.enter_context(served.connect()) for _ in range(20)]
        for connection in connections:
            with suppress(OSError):  # refused in the middle
                connection.sendall(nearly)
        refused, _, _ = select.select(connections, [], [], 60)
        assert refused
        assert all(status(connection.recv(1000)) == 503 for connection in refused)
        assert status(served.ask(PAGE)) == 200


@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_a_form_arrives_whole(served: Application, framing: str) -> None:
    page = served.ask(PAGE).decode()
    cookie = re.search(r"lab_csrf=(\w+)", page)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert cookie
    assert token
    form = f"csrfmiddlewaretoken={token[1]}&username=somebody-else&password=x".encode()
    head = FORM + b"Connection: close\r\nCookie: lab_csrf=%s\r\n" % cookie[1].encode()
    if framing == "length":
        answer = served.ask(head + b"Content-Length: %d\r\n\r\n%s" % (len(form), form))
    else:
        pieces = b"".join(b"1\r\n%c\r\n" % letter for letter in form)
        answer = served.ask(head + b"Transfer-Encoding: chunked\r\n\r\n" + pieces + b"0\r\n\r\n")
    assert status(answer) == 200
    assert b"somebody-else" in answer


@pytest.mark.parametrize(
    "head",
    [
        b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n",
        b"GET http://evil.example/healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n",
    ],
)
def test_a_head_that_can_be_read_in_two_ways_is_refused(served: Application, head: bytes) -> None:
    assert status(served.ask(head + b"Connection: close\r\n\r\n")) == 400


def test_the_absolute_form_of_an_address_is_an_address(served: Application) -> None:
    head = b"GET http://127.0.0.1/healthz?a=%20 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    assert status(served.ask(head)) == 200


def test_where_no_proxy_is_named_nobody_is_believed(served: Application) -> None:
    head = b"GET /demo/ HTTP/1.1\r\nConnection: close\r\nHost: %s\r\nX-Forwarded-Host: %s\r\n\r\n"
    assert status(served.ask(head % (b"evil.example", b"127.0.0.1"))) == 302
    assert status(served.ask(head % (b"127.0.0.1", b"evil.example"))) == 200


def test_a_head_request_has_the_length_and_no_body(served: Application) -> None:
    head, _, body = served.ask(PAGE.replace(b"GET", b"HEAD")).partition(b"\r\n\r\n")
    assert re.search(rb"content-length: [1-9]", head)
    assert body == b""


def test_who_leaves_in_the_middle_leaves_no_trace(tmp_path: Path) -> None:
    """In a server of its own, which is ended for its log: other tests may still come to the one that they share."""
    with running(tmp_path, WEB_THREADS="2") as application:
        with application.connect() as connection:
            connection.sendall(FORM + b"Content-Length: 1000\r\n\r\nabc")
        with application.connect() as connection:
            connection.sendall(PAGE)
        assert status(application.ask(PAGE)) == 200
        assert "Traceback" not in application.end()
