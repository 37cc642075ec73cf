"""The sandbox's HTTP server: one ASGI application on uvicorn and httptools, one process, one event loop.

Raw ASGI, because SigV4 needs the path as it was sent and because a framework would cost more than the work itself.
"""

import asyncio
import gc
import logging
import secrets
import socket
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import uvicorn

from sandbox.aws.dispatch import answer
from sandbox.aws.moto_state import moto_in_use
from sandbox.aws.services import SCHEMAS
from sandbox.aws.world import World
from sandbox.config import SandboxConfig
from sandbox.http import Request, Response
from sandbox.one_write import OneWriteProtocol
from sandbox.pages import page_for
from sandbox.seed import seed

log = logging.getLogger(__name__)
_LARGEST_BODY = 64 * 1024 * 1024
_LARGEST_HEADERS = 64 * 1024
_CONTROL = bytes(code for code in (*range(32), 127) if code != 9)
_HARMLESS = bytes.maketrans(_CONTROL, b"?" * len(_CONTROL))
_PATIENCE = 60.0  # seconds to wait for the next part of a body
_TOO_LARGE = Response(413, b"The request is too large.\n", [("content-type", "text/plain")])
_INCOMPLETE = Response(
    408, b"The body was not complete in time.\n", [("content-type", "text/plain"), ("connection", "close")]
)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class TooLarge(Exception):
    """The body is larger than anything that the sandbox takes."""


class Gone(Exception):
    """The client went away, or fell silent, before its body was complete."""


class SandboxApp:
    """The ASGI application. `seen`, where given, is called with every request as it arrived."""

    def __init__(self, world: World, seen: Callable[[Request], None] | None = None) -> None:
        self.world = world
        self._seen = seen
        public = urlsplit(world.config.public_url).hostname or ""
        named = (*world.config.allowed_hosts, public, world.config.host)
        self._hosts = {host.strip("[]").lower() for host in named if host and host != "0.0.0.0"}  # noqa: S104

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            response = await self._respond(scope, receive)
        except Gone:
            response = _INCOMPLETE
        headers = [(name.encode(), _header_bytes(value)) for name, value in response.headers]
        if b"content-length" not in dict(headers):
            headers.append((b"content-length", str(len(response.body)).encode()))
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": response.body})

    async def _respond(self, scope: Scope, receive: Receive) -> Response:
        headers: dict[str, str] = {}
        size = 0
        for raw_name, raw_value in scope["headers"]:
            # The server has made the names lower case (ASGI's specification asks for it).
            name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
            size += len(name) + len(value)
            headers[name] = f"{headers[name]},{value}" if name in headers else value
        if size > _LARGEST_HEADERS:
            return Response(431, b"The headers are too large.\n", [("content-type", "text/plain")])
        host = _host_name(headers.get("host", ""))
        bucket = "" if host in self._hosts else _bucket_of(host)
        if bucket is None:
            # A page of another site that has its name resolve to this machine could otherwise talk to the sandbox.
            return Response(400, b"This is not a host name of the sandbox.\n", [("content-type", "text/plain")])
        try:
            body = await _body(headers, receive)
        except TooLarge:
            return _TOO_LARGE
        client = scope.get("client") or ("", 0)
        request = Request(
            method=scope["method"],
            raw_path=scope["raw_path"].decode("latin-1"),
            query_string=scope["query_string"].decode("latin-1"),
            headers=headers,
            body=body,
            client=client[0],
            request_id=_new_request_id(),
            bucket=bucket,
        )
        if self._seen is not None:
            self._seen(request)
        page = None if bucket else page_for(request)
        return await page(self.world, request) if page else await answer(self.world, request)


def _header_bytes(value: str) -> bytes:
    """A value as it can be sent. What would end the header is replaced: the answer must not be taken for two."""
    return value.encode("latin-1", "replace").translate(_HARMLESS)


def _new_request_id() -> str:
    """A random UUID (RFC 9562, version 4), made of text since that is what is needed."""
    digits = secrets.token_hex(16)
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


async def _body(headers: dict[str, str], receive: Receive) -> bytes:
    """The whole body.

    Raises:
        TooLarge
        Gone: less came than was announced. Half a body must never be taken for a whole one.
    """
    stated = headers.get("content-length", "0")
    if stated.isdigit() and int(stated) > _LARGEST_BODY:
        raise TooLarge
    parts: list[bytes] = []
    size = 0
    while True:
        try:
            async with asyncio.timeout(_PATIENCE):
                message = await receive()
        except TimeoutError:
            raise Gone from None
        if message["type"] != "http.request":
            raise Gone
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > _LARGEST_BODY:
            raise TooLarge
        if not message.get("more_body"):
            return bytes(parts[0]) if len(parts) == 1 else b"".join(parts)


def _host_name(header: str) -> str:
    if header.startswith("["):
        return header[1:].partition("]")[0].lower()
    return header.partition(":")[0].lower()


def _bucket_of(host: str) -> str | None:
    """The bucket in `BUCKET.localhost` or `BUCKET.s3.localhost`, an empty text for `s3.localhost`, else None.

    Names below `localhost` mean this machine and nothing else (RFC 6761, section 6.3): no other site's can be one.
    """
    name = host.removesuffix(".localhost")
    if name == host:
        return None
    return "" if name == "s3" else name.removesuffix(".s3")


def listen(config: SandboxConfig) -> socket.socket:
    """The listening socket.

    Raises:
        OSError: the port is taken, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the socket names its protocol; with it, each answer waits 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":  # There the option would let a second process take the same port.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((config.host.strip("[]"), config.port))
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    return listener


class SandboxServer:
    """A sandbox that serves until `stop`. Made in the thread that runs it: the store's connection belongs to it.

    Raises:
        StaleStore: the sandbox's file is of another version.
    """

    def __init__(
        self, config: SandboxConfig, listener: socket.socket, seen: Callable[[Request], None] | None = None
    ) -> None:
        self.world = World(config, SCHEMAS)
        self._listener = listener
        settings = uvicorn.Config(
            SandboxApp(self.world, seen),
            loop="auto",  # uvloop, where there is one
            http=OneWriteProtocol,
            # Nobody stands before the sandbox; a policy's aws:SourceIp must not be what the client says it is.
            proxy_headers=False,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=65,
            timeout_graceful_shutdown=2,
        )
        # An access log would hold query strings, and those hold codes and tokens.
        logging.getLogger("uvicorn.access").disabled = True
        self._server = uvicorn.Server(settings)

    def run(self) -> None:
        """Serve. Ends after `stop`, or on SIGINT or SIGTERM in the main thread."""
        try:
            # uvicorn passes the interrupt on when it has ended; it has done its work then.
            loop_factory = self._server.config.get_loop_factory()
            with moto_in_use(), suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=loop_factory) as runner:
                runner.run(self._serve())
        finally:
            self.world.close()

    async def _serve(self) -> None:
        if self.world.config.seed:
            await seed(self.world)
        # What is there now stays; the collector would walk through all of moto again and again.
        gc.freeze()
        await self._server.serve(sockets=[self._listener])

    @property
    def started(self) -> bool:
        return bool(self._server.started)

    def stop(self) -> None:
        """May be called from any thread."""
        self._server.should_exit = True
