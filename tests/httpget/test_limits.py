"""What httpget takes for an answer, and how long and how large it may be."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

import httpget

SOON = 60.0  # seconds, of what has to be there before
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"


@contextmanager
def server(answer: Callable[[socket.socket], None], heard: list[bytes] | None = None) -> Iterator[str]:
    """Takes connections one after the other, reads a request's head from each into `heard`, and answers like that."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, suppress(OSError):
                    received.append(connection.recv(65536))
                    answer(connection)

    received: list[bytes] = [] if heard is None else heard
    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()


def says(*parts: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        for part in parts:
            connection.sendall(part)

    return answer


def falls_silent(connection: socket.socket) -> None:
    """In the middle of its answer, until the other side has gone."""
    connection.sendall(HEAD + b"\r\n")
    connection.recv(1)


def drips(connection: socket.socket) -> None:
    """A byte now and then, until the other side has gone."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        connection.sendall(b"a")
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("parts", "body"),
    [
        ((HEAD, b"\r\nok"), b"ok"),
        ((b"HTTP/1.1 100 Continue\r\n\r\n", HEAD, b"\r\nok and more"), b"ok"),
        ((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n",), b"ok"),
        ((b"HTTP/1.0 200\r\n\r\n", b"to the end"), b"to the end"),
    ],
)
def test_an_answer_is_read_whole(parts: tuple[bytes, ...], body: bytes) -> None:
    with server(says(*parts)) as url:
        answer = httpget.get(url, seconds=SOON, largest=1000)
    assert (answer.status, answer.body) == (200, body)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (says(b"HTTP/1.1 200 OK\r\n\r\n", b"a" * 2000), httpget.TooLarge),
        (says(b"HTTP/1.1 100 \r\n\r\n" * 101, HEAD), httpget.TooLarge),
        (says(), httpget.NoAnswer),
        (says(HEAD, b"\r\no"), httpget.NoAnswer),
        (says(b"SSH-2.0-OpenSSH_9.2\r\n"), httpget.NoAnswer),
    ],
)
def test_no_answer(answer: Callable[[socket.socket], None], kind: type[httpget.NoAnswer]) -> None:
    with server(answer) as url, pytest.raises(httpget.NoAnswer) as caught:
        httpget.get(url, seconds=SOON, largest=1000)
    assert type(caught.value) is kind


@pytest.mark.parametrize("answer", [falls_silent, drips])
def test_no_answer_in_time(answer: Callable[[socket.socket], None]) -> None:
    with server(answer) as url, pytest.raises(httpget.TimedOut):
        httpget.get(url, seconds=0.4, largest=1_000_000)


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "http://", "http://127.0.0.1:x/", "http://127.0.0.1:1/", "http://[::1/", "http://[zz]/"],
)
def test_no_address(url: str) -> None:
    with pytest.raises(httpget.NoAnswer):
        httpget.get(url, seconds=SOON, largest=1000)


def test_a_proxy_is_asked_for_the_way() -> None:
    asked: list[bytes] = []

    def proxy(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        asked.append(connection.recv(5))
        connection.sendall(b"no TLS")

    limits: dict[str, Any] = {"seconds": SOON, "largest": 2000}
    with server(proxy) as url, pytest.raises(httpget.TlsFailed):
        httpget.ask("GET", "https://id.example.com/", {}, b"", **limits, proxy=url.replace("//", "//user:pass@"))
    assert asked[0][:1] == b"\x16", "the first byte of a TLS handshake"
    with server(says(HEAD, b"\r\nok")) as url:
        assert httpget.ask("GET", "http://id.example.com/", {}, b"", **limits, proxy=url).body == b"ok"


def test_a_tunnel_to_an_address_of_ipv6_has_its_brackets() -> None:
    heard: list[bytes] = []
    refusal = says(b"HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n")
    with server(refusal, heard) as url, pytest.raises(httpget.NoAnswer, match="405"):
        httpget.ask("GET", "https://[::1]:9/", {}, b"", seconds=SOON, largest=2000, proxy=url)
    assert heard[0].startswith(b"CONNECT [::1]:9 HTTP/1.1")


@pytest.mark.parametrize(
    "proxy", ["socks5://127.0.0.1:1", "proxy.example:3128", "http://", "http://[zz]", "http://a:99999"]
)
def test_another_proxy_than_one_for_http_is_no_answer(proxy: str) -> None:
    with pytest.raises(httpget.NoAnswer, match="proxy"):
        httpget.ask("GET", "https://id.example.com/", {}, b"", seconds=SOON, largest=1000, proxy=proxy)
