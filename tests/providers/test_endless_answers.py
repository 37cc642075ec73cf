"""A provider that answers slowly, or without end, keeps nobody waiting for long and no memory."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pytest_django import Settings

from providers.sign_in import backchannel
from tests.matrices import some_quickly
from tests.providers.browser import Browser
from tests.providers.wire import ProviderWire

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BEGIN = {"oidc": "discovery", "saml": "metadata"}  # provider -> the call with which its sign-in begins


def dribbled(first: bytes) -> Callable[[socket.socket], None]:
    """What is sent after the first part comes byte by byte, each soon enough for a time-out of one read."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(first)
        for _ in range(1200):  # a minute
            connection.sendall(b"a")
            time.sleep(0.05)

    return answer


def poured(first: bytes, part: bytes = b"a" * 65536, times: int = 200) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.sendall(first)
        for _ in range(times):
            connection.sendall(part)

    return answer


SLOW = {
    "the status": dribbled(b"HTTP/1.1 200 "),
    "a header": dribbled(HEAD + b"X-Long: "),
    "the body": dribbled(HEAD + b"\r\n"),
    "a body of a length": dribbled(HEAD + b"Content-Length: 100000\r\n\r\n"),
    "a chunk": dribbled(HEAD + b"Transfer-Encoding: chunked\r\n\r\nffff\r\n"),
}
PACKED = gzip.compress(b" " * 100_000_000)
LARGE = {
    "the body": poured(HEAD + b"\r\n"),
    "one interim answer after the other": poured(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 2000),
    "what was packed": poured(
        HEAD + f"Content-Encoding: gzip\r\nContent-Length: {len(PACKED)}\r\n\r\n".encode(), PACKED, times=1
    ),
}


class _Provider(BaseHTTPRequestHandler):
    answer: Callable[[socket.socket], None] = socket.socket.close

    def do_GET(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            type(self).answer(self.connection)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def answering(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Lets the provider of both sign-ins answer like that."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Provider)
    server.daemon_threads, server.block_on_close = True, False
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    settings.APP_MODE, settings.PROVIDER_ENDPOINTS = "aws", {}
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = "app", "secret"
    settings.OIDC_ISSUER = f"http://127.0.0.1:{server.server_port}"
    settings.SAML_METADATA_URL, settings.SAML_METADATA_FILE = f"{settings.OIDC_ISSUER}/metadata", ""
    settings.SAML_ENTITY_ID, settings.SAML_PROVIDER_ARN = "urn:app", "arn:aws:iam::111122223333:saml-provider/Staff"
    monkeypatch.setattr(backchannel, "DEADLINE", 60.0)
    yield lambda answer: monkeypatch.setattr(_Provider, "answer", staticmethod(answer))
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("provider", some_quickly(BEGIN, "oidc"))
@pytest.mark.parametrize("part", some_quickly(SLOW, "the status", "the body"))
def test_an_answer_that_comes_byte_by_byte(
    ana: Browser, answering: Callable[..., None], provider: str, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backchannel, "DEADLINE", 1.0)
    answering(SLOW[part])
    ana.begin(provider)
    assert (ana.outcome().outcome, ana.outcome().error_code) == ("failed", "timeout")
    assert "did not answer in time" in ana.outcome().error_message


@pytest.mark.parametrize("provider", BEGIN)
@pytest.mark.parametrize("part", LARGE)
def test_an_answer_without_end(ana: Browser, answering: Callable[..., None], provider: str, part: str) -> None:
    answering(LARGE[part])
    ana.begin(provider)
    assert (ana.outcome().outcome, ana.outcome().error_code) == ("failed", "too_large")
    assert "answered with more than 2 MB" in ana.outcome().error_message


def test_metadata_elsewhere(ana: Browser, answering: Callable[..., None], settings: Settings) -> None:
    """What has the last word on whose signatures count comes from the address that was set, and from no other."""
    elsewhere = f"{settings.OIDC_ISSUER}/elsewhere"
    asked: list[bytes] = []

    def redirect(connection: socket.socket) -> None:
        asked.append(b"once")
        connection.sendall(f"HTTP/1.1 302 Found\r\nLocation: {elsewhere}\r\nContent-Length: 0\r\n\r\n".encode())

    answering(redirect)
    ana.begin("saml")
    assert (ana.outcome().outcome, ana.outcome().error_code) == ("failed", "redirected")
    assert len(asked) == 1
    assert "answered with a redirect" in ana.outcome().error_message


def test_a_large_answer_to_a_code(ana: Browser, live: ProviderWire) -> None:
    """The same limits hold for every call: here the token endpoint's."""
    live.answers["POST api.amazon.com/auth/o2/token"] = lambda _: (200, "a" * 3_000_000)
    _, asked = ana.request_of(ana.begin("amazon"))
    ana.answer("amazon", state=asked["state"], code="the-code")
    assert (ana.outcome().outcome, ana.outcome().error_code) == ("failed", "too_large")
    assert "when the code was exchanged" in ana.outcome().error_message
