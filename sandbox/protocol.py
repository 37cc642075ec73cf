"""HTTP/1.1 for uvicorn's server: httptools reads requests, one write sends an answer.

uvicorn's own protocol hands requests to an ASGI application, message by message. Here a request is handled when it is
complete and its answer is whole, so that nothing is left of that; it had cost as much as the identity pool's decision.
uvicorn goes on to do the rest: sockets, signals, the Date header, a graceful end.
"""

import asyncio
import http
import logging
import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any, cast

import httptools
import uvicorn
from uvicorn.server import ServerState

from sandbox.http import Request, Response

log = logging.getLogger(__name__)
Answer = Callable[[Request], Awaitable[Response]]

_LARGEST_BODY = 64 * 1024 * 1024
_LARGEST_HEADERS = 64 * 1024
_MOST_WAITING = 16  # requests that one connection may send ahead
_PATIENCE = 60.0  # seconds to wait for the next part of a request
_KEPT_OPEN = 65.0  # seconds without a request
_LINGER = 5.0  # seconds in which a client may read why it was refused, while it sends on
_LOOK = 5.0  # seconds between two looks at the clock
_ALERT = 0.0005  # seconds after an answer in which the next request is waited for without sleeping
_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}" for status in http.HTTPStatus}
_CONTROL = bytes(code for code in (*range(32), 127) if code != 9)
_HARMLESS = str.maketrans(dict.fromkeys(map(chr, _CONTROL), "?"))


def _plain(status: int, text: str) -> Response:
    return Response(status, f"{text}\n".encode(), [("content-type", "text/plain"), ("connection", "close")])


_NOT_HTTP = _plain(400, "This is not HTTP.")
_INCOMPLETE = _plain(408, "The request was not complete in time.")
_BODY_TOO_LARGE = _plain(413, "The request is too large.")
_HEADERS_TOO_LARGE = _plain(431, "The headers are too large.")
_FAILED = _plain(500, "An internal error of the sandbox; its log has the details.")


class HttpProtocol(asyncio.Protocol):
    """One connection. Requests that were sent ahead wait for those before them; answers leave in the same order."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._answer: Answer = config.loaded_app
        self._server = server_state
        self._loop = _loop or asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        # What follows a request that asks for the connection's end is nobody's request, and no error either.
        self._parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self._transport: asyncio.Transport
        self._client = ""
        self._waiting: deque[tuple[Request, bool]] = deque()  # each with whether the connection stays open after it
        self._under_way: asyncio.Task[None] | None = None
        self._last = False  # no further request is taken
        self._deadline = 0.0
        self._alert_until = 0.0
        self._clock: asyncio.TimerHandle | None = None
        self._drained: asyncio.Event | None = None  # set again when the client has read what was sent
        self._unfinished = False  # a request has begun and is not complete
        self._in_head = False  # its headers are not complete
        self._refusal: Response | None = None  # of what cannot be read; nothing is read any more then

    # --- asyncio ----------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self._client = str(peer[0]) if isinstance(peer, tuple | list) and peer else ""
        self._server.connections.add(self)  # type: ignore[arg-type]
        self._deadline = self._loop.time() + _KEPT_OPEN
        self._clock = self._loop.call_later(_LOOK, self._look_at_the_clock)

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.connections.discard(self)
        self._last = True
        self._waiting.clear()
        if self._clock is not None:
            self._clock.cancel()
        if self._drained is not None:
            self._drained.set()

    def data_received(self, data: bytes) -> None:
        if self._refusal is not None:
            return
        self._deadline = self._loop.time() + _PATIENCE
        try:
            self._parser.feed_data(data)
            if self._in_head:
                # httptools hands a header over when it is complete, and would keep one that never ends.
                self._received += len(data)
                if self._received > 2 * _LARGEST_HEADERS:
                    self._refuse(_HEADERS_TOO_LARGE)
        except httptools.HttpParserUpgrade:
            pass  # There is nothing to be upgraded to; the request itself is answered.
        except httptools.HttpParserError:
            self._refuse(_NOT_HTTP)

    def pause_writing(self) -> None:
        self._drained = asyncio.Event()

    def resume_writing(self) -> None:
        if self._drained is not None:
            self._drained.set()
            self._drained = None

    def shutdown(self) -> None:
        """Called by the server when it ends: what is under way is answered still."""
        self._last = True
        if self._under_way is None:
            self._transport.close()

    def _look_at_the_clock(self) -> None:
        """One timer for each connection; to set one for each request costs more than to read the request."""
        if self._under_way is None and self._loop.time() > self._deadline:
            if not self._unfinished or self._refusal is not None:
                self._transport.close()
                return
            self._refuse(_INCOMPLETE)
        self._clock = self._loop.call_later(_LOOK, self._look_at_the_clock)

    # --- httptools --------------------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._url = b""
        self._headers: dict[str, str] = {}
        self._head_bytes = 0  # of what httptools has handed over
        self._received = 0  # in parts of a head that were not its last
        self._body: list[bytes] = []
        self._body_bytes = 0
        self._unfinished = self._in_head = True

    def on_url(self, url: bytes) -> None:
        self._url += url
        self._count_head(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_head:
            return  # Behind a chunked body: it came too late to say anything about the request (RFC 9110, 6.5.1).
        self._count_head(len(name) + len(value))
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        self._headers[key] = f"{self._headers[key]},{text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        self._in_head = False
        stated = self._headers.get("content-length", "0")
        if stated.isdigit() and int(stated) > _LARGEST_BODY:
            self._refuse(_BODY_TOO_LARGE)
        elif self._headers.get("expect", "").lower() == "100-continue" and self._under_way is None:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _count_head(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > _LARGEST_HEADERS:
            self._refuse(_HEADERS_TOO_LARGE)

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        if self._body_bytes > _LARGEST_BODY:
            self._refuse(_BODY_TOO_LARGE)
        elif self._refusal is None:
            self._body.append(body)

    def on_message_complete(self) -> None:
        self._unfinished = False
        if self._last or self._refusal is not None:
            return
        url = httptools.parse_url(self._url)
        request = Request(
            method=self._parser.get_method().decode("ascii"),
            raw_path=(url.path or b"/").decode("latin-1"),
            query_string=(url.query or b"").decode("latin-1"),
            headers=self._headers,
            body=self._body[0] if len(self._body) == 1 else b"".join(self._body),
            client=self._client,
            request_id=_new_request_id(),
        )
        stays = self._parser.get_http_version() != "1.0" and self._parser.should_keep_alive()
        if self._under_way is None:
            self._begin(request, stays)
        else:
            self._waiting.append((request, stays))
            if len(self._waiting) >= _MOST_WAITING:
                self._transport.pause_reading()

    # --- Answers ----------------------------------------------------------------------------------------------------

    def _begin(self, request: Request, stays: bool) -> None:
        self._under_way = task = self._loop.create_task(self._handle(request, stays))
        self._server.tasks.add(task)

    async def _handle(self, request: Request, stays: bool) -> None:
        try:
            response = await self._answered(request)
            if self._drained is not None:
                await self._drained.wait()
            self._send(response, stays, with_body=request.method != "HEAD")
        finally:
            self._server.tasks.discard(cast("asyncio.Task[None]", self._under_way))
            self._server.total_requests += 1
            self._under_way = None
        if self._refusal is not None and not self._waiting:
            self._say_why()
        elif self._last:
            self._transport.close()
        elif self._waiting:
            self._begin(*self._waiting.popleft())
            self._transport.resume_reading()
        else:
            self._deadline = self._loop.time() + _KEPT_OPEN
            self._alert_until = perf_counter() + _ALERT
            self._stay_alert()

    def _stay_alert(self) -> None:
        """Look for more at once, for a moment: who makes one call after the other makes the next one soon, and to wake
        a processor that sleeps takes up to half as long as an answer."""
        if self._under_way is None and not self._last and perf_counter() < self._alert_until:
            self._loop.call_soon(self._stay_alert)

    async def _answered(self, request: Request) -> Response:
        try:
            return await self._answer(request)
        except Exception:
            # The border of the server: one request must not end a connection without an answer.
            log.exception("%s %s failed", request.method, request.raw_path[:200])
            return _FAILED

    def _send(self, response: Response, stays: bool, *, with_body: bool = True) -> None:
        if self._transport.is_closing():
            return
        stays = stays and not self._last and ("connection", "close") not in response.headers
        head = self._head(response, stays)
        self._transport.write(head + response.body if with_body else head)
        self._last = not stays

    def _head(self, response: Response, stays: bool) -> bytes:
        lines = [_STATUS_LINES.get(response.status) or f"HTTP/1.1 {response.status}"]
        lines += [f"{name.decode()}: {value.decode()}" for name, value in self._server.default_headers]
        lines += [f"{name}: {value}" for name, value in response.headers]
        if not any(name == "content-length" for name, _ in response.headers):
            lines.append(f"content-length: {len(response.body)}")
        if not stays and ("connection", "close") not in response.headers:
            lines.append("connection: close")
        head = "\r\n".join(lines).encode("latin-1", "replace")
        if len(head) - len(head.translate(None, _CONTROL)) != 2 * (len(lines) - 1):
            # What would end a header is replaced: one answer must not be taken for two.
            head = "\r\n".join(line.translate(_HARMLESS) for line in lines).encode("latin-1", "replace")
        return head + b"\r\n\r\n"

    def _refuse(self, response: Response) -> None:
        """Answer what cannot be read, behind everything that came before it, and read nothing more."""
        if self._refusal is not None:
            return
        self._refusal = response
        if self._under_way is None:
            self._say_why()

    def _say_why(self) -> None:
        """Closed at once, with unread data, a connection is reset, and the client never sees the answer."""
        self._send(cast(Response, self._refusal), stays=False)
        self._deadline = self._loop.time() + _LINGER
        if not self._transport.is_closing():
            self._transport.write_eof()


def _new_request_id() -> str:
    """A random UUID (RFC 9562, version 4), made of text since that is what is needed."""
    digits = secrets.token_hex(16)
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
