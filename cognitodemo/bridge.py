"""Between granian and the WSGI application: strangers are waited for here, and threads see only whole requests.

granian's own WSGI interface hands a request to a thread as soon as its head is there, so that as many slow bodies as
there are threads stop the site. Here the event loop gathers the body first, within a size, a time and a sum, and hands
the answer back to granian in one piece, so that a slow reader holds no thread either. An answer is whole in memory:
pages and files of this site are small.
"""

import asyncio
import logging
import queue
import re
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from io import BytesIO
from typing import Any

from granian._granian import RSGIHTTPProtocol as HTTPProtocol
from granian.rsgi import Scope

from web.brought_files import largest_body
from web.proxies import Environ, WsgiApplication, settle
from web.ratelimit import counted

BODY_SECONDS = 30  # for the whole body
BODY_BYTES = 64 * 1024 * 1024  # of all bodies that are being received or worked at
BODY_BYTES_OF_ONE = BODY_BYTES // 4  # of one network address
WAITING = 1000  # requests that are complete: in a thread, or waiting for one
Answer = tuple[int, list[tuple[str, str]], bytes]

log = logging.getLogger("lab.server")
# WSGI writes "-" as "_", so that X_Forwarded_For would be read as X-Forwarded-For. Names with other signs are left out,
# as nginx does.
_NAME = re.compile(r"[a-z0-9-]+")


class RefusedRequest(Exception):
    """A request that goes no further. Its connection is closed: nobody reads the rest of it."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        self.status, self.sentence = status, sentence


class Bridge:
    """A WSGI application, served by `threads` threads behind granian's RSGI interface."""

    def __init__(self, application: WsgiApplication, threads: int) -> None:
        self._application = application
        self._threads = Threads(threads)
        self._bodies = HeldBytes()

    @property
    def busy(self) -> bool:
        """Whether the application is at work at a request, or has one to begin."""
        return self._threads.under_way > 0

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        try:
            environ = environment(scope)
            settle(environ)
            with self._bodies.share(counted(environ["REMOTE_ADDR"])) as take:
                body = await receive(environ, protocol, take)
                status, headers, answer = await self._threads.run(lambda: call(self._application, environ, body))
        except RefusedRequest as refused:
            closing = [("content-type", "text/plain; charset=utf-8"), ("connection", "close")]
            protocol.response_str(refused.status, closing, refused.sentence + "\n")
        except ConnectionResetError:
            protocol.response_empty(HTTPStatus.BAD_REQUEST, [("connection", "close")])
        except asyncio.CancelledError:  # the server has stopped, and waited for us as long as it does
            protocol.response_empty(HTTPStatus.SERVICE_UNAVAILABLE, [("connection", "close")])
        else:
            protocol.response_bytes(status, headers, answer)


class HeldBytes:
    """How many bytes of bodies are held, altogether and for each network address."""

    def __init__(self) -> None:
        self._held: Counter[str] = Counter()

    @contextmanager
    def share(self, address: str) -> Iterator[Callable[[int], None]]:
        """Gives a function that takes a number of bytes, or raises Refused; they are given back in the end."""
        taken = 0

        def take(size: int) -> None:
            nonlocal taken
            if self._held.total() + size > BODY_BYTES or self._held[address] + size > BODY_BYTES_OF_ONE:
                raise RefusedRequest(HTTPStatus.SERVICE_UNAVAILABLE, "Too much is being sent here at once. Try again.")
            taken += size
            self._held[address] += size

        try:
            yield take
        finally:
            self._held[address] -= taken
            if not self._held[address]:
                del self._held[address]


class Threads:
    """Calls functions in up to `size` threads. The threads end with the process, whatever they are waiting for."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._started = False
        self.under_way = 0
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    async def run(self, function: Callable[[], Answer]) -> Answer:
        """What `function` returns or raises.

        Raises:
            RefusedRequest: too many are waiting.
        """
        if self.under_way >= WAITING:
            raise RefusedRequest(HTTPStatus.SERVICE_UNAVAILABLE, "Too many requests are waiting. Try again.")
        if not self._started:  # not earlier: a thread would not be there in a forked worker
            self._started = True
            for _ in range(self._size):
                threading.Thread(target=self._work, name="request", daemon=True).start()
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[Answer] = loop.create_future()

        def job() -> None:
            try:
                settled: Callable[[], None] = _settling(answered, function())
            except BaseException as error:  # noqa: BLE001 - it is raised again where it is waited for
                settled = _failing(answered, error)
            with suppress(RuntimeError):  # the loop has ended before us
                loop.call_soon_threadsafe(settled)

        self.under_way += 1
        self._jobs.put(job)
        try:
            return await answered
        finally:
            self.under_way -= 1

    def _work(self) -> None:
        while True:
            self._jobs.get()()


def _settling(future: "asyncio.Future[Answer]", result: Answer) -> Callable[[], None]:
    return lambda: None if future.done() else future.set_result(result)


def _failing(future: "asyncio.Future[Answer]", error: BaseException) -> Callable[[], None]:
    return lambda: None if future.done() else future.set_exception(error)


async def receive(environ: Environ, protocol: HTTPProtocol, take: Callable[[int], None]) -> bytes:
    """The whole body of a request, whose length is put into `environ`.

    Raises:
        RefusedRequest: too large, too slow, or too much altogether.
        ConnectionResetError: the client went away in the middle.
    """
    stated, largest = environ.get("CONTENT_LENGTH", ""), largest_body(environ["PATH_INFO"])
    if not stated and not environ.pop("HTTP_TRANSFER_ENCODING", None):
        return b""
    if stated and int(stated) > largest:
        raise _too_large(largest)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for piece in protocol:
                if len(body) + len(piece) > largest:
                    raise _too_large(largest)
                take(len(piece))
                body += piece
    except TimeoutError:
        sentence = f"The request took longer than {BODY_SECONDS} seconds to arrive."
        raise RefusedRequest(HTTPStatus.REQUEST_TIMEOUT, sentence) from None
    if stated and len(body) < int(stated):
        raise ConnectionResetError
    environ["CONTENT_LENGTH"] = str(len(body))
    return bytes(body)


def _too_large(largest: int) -> RefusedRequest:
    return RefusedRequest(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"The request is too large: at most {largest} bytes are taken.",
    )


def environment(scope: Scope) -> Environ:
    """The WSGI environment (PEP 3333) of a request's head.

    Raises:
        RefusedRequest: it names two hosts (RFC 9112 section 3.2).
    """
    headers: dict[str, list[str]] = {}
    for name, value in scope.headers.items():
        if _NAME.fullmatch(name):
            headers.setdefault(name, []).append(value)
    hosts = {host.lower() for host in (*headers.get("host", []), scope.authority) if host}
    if len(headers.get("host", [])) > 1 or len(hosts) > 1:
        raise RefusedRequest(HTTPStatus.BAD_REQUEST, "The request names more than one host.")
    server, _, port = scope.server.rpartition(":")
    environ: Environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": server.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, values in headers.items():
        text = ("; " if name == "cookie" else ",").join(values)
        key = name.upper().replace("-", "_")
        environ[key if name in ("content-type", "content-length") else f"HTTP_{key}"] = text
    return environ


def call(application: WsgiApplication, environ: Environ, body: bytes) -> Answer:
    """One request through the application, in the thread that this is called in."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[[bytes], object]:
        started.append((status, headers))
        return lambda _: None

    environ["wsgi.input"] = BytesIO(body)
    pieces = application(environ, start_response)
    try:
        answer = b"".join(pieces)
    finally:
        if close := getattr(pieces, "close", None):
            close()
    status, headers = started[-1]
    return int(status.split(" ", 1)[0]), [(name.lower(), value) for name, value in headers], answer
