"""HTTP/1.1 for uvicorn's server: httptools reads requests, one write sends an answer.

uvicorn's own protocol hands requests to an ASGI application, message by message. Here a request is handled when it is
complete and its answer is whole, so that nothing is left of that; it had cost as much as the identity pool's decision.
uvicorn goes on to do the rest: sockets, signals, the Date header, a graceful end.
"""

import asyncio
import logging
from collections import deque
from time import perf_counter
from typing import Any, cast

import uvicorn
from uvicorn.server import ServerState

from sandbox.core.full_disk import SENTENCE, is_full_disk, log_failure
from sandbox.core.http import Request, Response, plain
from sandbox.core.limits import SMALL, HeadProof, Share, peer_of, plain_address
from sandbox.server.answer_head import answer_head
from sandbox.server.reader import Application, Complete, RequestReader

log = logging.getLogger(__name__)

_MOST_WAITING = 16  # requests that one connection may send ahead
_HEAD_SECONDS = 20.0  # for a whole head, from its first byte
_BODY_SECONDS = 30.0  # for a body, and for an answer's reader, beside what their size takes at `_PACE`
_PACE = 64 * 1024  # bytes a second
_KEPT_OPEN = 65.0  # seconds without a request
_LINGER = 5.0  # seconds in which a client may read why it was refused, while it sends on
_CHECK_SECONDS = 5.0  # seconds between two checks of the deadlines
_POLL_SECONDS = 0.0005  # seconds after an answer in which the next request is waited for without sleeping

_INCOMPLETE = plain(408, "The request was not complete in time.")
_FAILED = plain(500, "An internal error of the sandbox. Its log has the details.")
_FULL = plain(503, "The sandbox has no room for another connection, from this address or at all.")
_FULL.headers.append(("retry-after", "1"))


class HttpProtocol(asyncio.Protocol):
    """One connection. Requests that were sent ahead wait for those before them; answers leave in the same order."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._application: Application = config.loaded_app
        self._server = server_state
        self._loop = _loop or asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._client = self._peer = ""
        self._since = 0.0  # when it was opened, or its last answer left
        self._is_idle = True  # not one byte of a next request has come
        self._deadline = 0.0  # of what is waited for: a next request, the rest of a head, of a body
        self._clock: asyncio.TimerHandle | None = None
        self._reader: RequestReader
        self._is_last_read = False  # the client sends nothing more
        self._last = False  # no further request is taken
        self._client_waits = False  # to be asked for a body
        # Requests that are complete.
        self._waiting: deque[Complete] = deque()
        self._waiting_bytes = 0
        self._is_paused = False  # no more is read until some of them are answered
        self._under_way: asyncio.Task[None] | None = None
        self._poll_until = 0.0
        self._polls = True  # as long as it pays
        # Answers that the client has not read.
        self._drained: asyncio.Event | None = None  # set again when it has
        self._unread = (0.0, 0)  # since when, and how many bytes
        self._answer_share: Share | None = None
        self._refusal: Response | None = None  # of what cannot be read; nothing is read any more then

    # --- asyncio ----------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        name = transport.get_extra_info("peername")
        self._client = plain_address(str(name[0])) if isinstance(name, tuple | list) and name else ""
        self._peer = peer_of(self._client)
        self._reader = RequestReader(self._application, self, self._client, self._peer)
        self._server.connections.add(self)  # type: ignore[arg-type]
        self._since = self._loop.time()
        self._deadline = self._since + _KEPT_OPEN
        self._clock = self._loop.call_later(_CHECK_SECONDS, self._check_deadlines)
        if not self._application.connections.enter(self._peer, self, _evict_one):
            self._refusal = _FULL
            self._send(_FULL, stays=False)
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.connections.discard(self)
        self._application.connections.leave(self._peer, self)
        self._last = True
        for complete in self._waiting:
            complete.release()
        self._waiting.clear()
        self._reader.forget()
        self._release_answer()
        if self._clock is not None:
            self._clock.cancel()
        if self._drained is not None:
            self._drained.set()

    def data_received(self, data: bytes) -> None:
        if self._refusal is not None:
            return
        if self._is_idle:
            # The first byte of a head, or an empty line before it: the time for the whole of it begins.
            self._is_idle = False
            self._deadline = self._loop.time() + _HEAD_SECONDS
        self._reader.feed(data)

    def eof_received(self) -> bool:
        """A client that has said all may still wait for its answers."""
        self._is_last_read = True
        return self._under_way is not None

    def pause_writing(self) -> None:
        self._drained = asyncio.Event()
        self._unread = (self._loop.time(), self._transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        self._release_answer()
        if self._drained is not None:
            self._drained.set()
            self._drained = None

    def shutdown(self) -> None:
        """Called by the server when it ends: what is under way is answered still."""
        self._last = True
        if self._under_way is None:
            self._transport.close()

    def _check_deadlines(self) -> None:
        """One timer for each connection; to set one for each request costs more than to read the request."""
        now = self._loop.time()
        if self._reads_too_slowly(now):
            self._transport.abort()
            return
        if now > self._deadline + self._reader.unfinished_bytes / _PACE and not self._is_paused:
            if self._under_way is None and (not self._reader.unfinished or self._refusal is not None):
                self._end()
                return
            if self._reader.unfinished:
                self._reader.stop(_INCOMPLETE)
        self._clock = self._loop.call_later(_CHECK_SECONDS, self._check_deadlines)

    def _reads_too_slowly(self, now: float) -> bool:
        since, size = self._unread
        return (
            self._drained is not None
            and now > since + _BODY_SECONDS + (size - self._transport.get_write_buffer_size()) / _PACE
        )

    def _end(self) -> None:
        """What the client does not read would keep the connection open for ever."""
        if self._transport.get_write_buffer_size():
            self._transport.abort()
        else:
            self._transport.close()

    # --- What was read ----------------------------------------------------------------------------------------------

    def begins(self) -> None:
        if self._under_way is not None:
            self._deadline = self._loop.time() + _HEAD_SECONDS

    def expects_body(self, *, client_waits: bool) -> None:
        self._deadline = self._loop.time() + _BODY_SECONDS
        self._client_waits = client_waits
        if self._under_way is None:
            self._ask_for_body()

    def _ask_for_body(self) -> None:
        """Have a client go on that waits, when what it sent before is answered (RFC 9110, section 10.1.1)."""
        if self._client_waits:
            self._client_waits = False
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def takes(self, complete: Complete) -> None:
        self._client_waits = False
        if self._last:
            complete.release()
        elif self._under_way is None:
            self._begin(complete)
        else:
            self._waiting.append(complete)
            self._waiting_bytes += complete.size
            if len(self._waiting) >= _MOST_WAITING or self._waiting_bytes > SMALL:
                self._is_paused = True
                self._transport.pause_reading()

    # --- Answers ----------------------------------------------------------------------------------------------------

    def _begin(self, complete: Complete) -> None:
        self._polls = perf_counter() < self._poll_until or not self._poll_until
        self._under_way = task = self._loop.create_task(self._handle(complete))
        self._server.tasks.add(task)

    async def _handle(self, complete: Complete) -> None:
        request = complete.request
        try:
            response = await self._answer_of(request)
            complete.release()
            if self._drained is not None:
                await self._drained.wait()
            self._send_answer(request, response, stays=complete.stays)
        finally:
            complete.release()
            self._server.tasks.discard(cast("asyncio.Task[None]", self._under_way))
            self._server.total_requests += 1
            self._under_way = None
        self._continue_or_wait()

    def _continue_or_wait(self) -> None:
        """After an answer: the next request that waits, or the wait for one."""
        if self._refusal is not None and not self._waiting:
            self._send_refusal()
        elif self._last or (self._is_last_read and not self._waiting):
            self._transport.close()
        elif self._waiting:
            self._begin(self._waiting.popleft())
            self._resume_reading()
        else:
            self._since = self._loop.time()
            self._poll_until = perf_counter() + _POLL_SECONDS
            self._ask_for_body()
            if not self._reader.unfinished:
                self._is_idle = True
                self._deadline = self._since + _KEPT_OPEN
            if self._polls:
                self._poll_briefly()

    def _resume_reading(self) -> None:
        if not self._waiting:
            self._waiting_bytes = 0
        if self._is_paused and len(self._waiting) < _MOST_WAITING and self._waiting_bytes <= SMALL:
            self._is_paused = False
            self._deadline = self._loop.time() + (_HEAD_SECONDS if self._reader.in_head else _BODY_SECONDS)
            self._transport.resume_reading()

    def _poll_briefly(self) -> None:
        """Look for more at once, for a moment: who makes one call after the other makes the next one soon, and to wake
        a processor that sleeps takes up to half as long as an answer. In vain it would take a quarter of an answer from
        others, so that it ends with a client who comes later, until they come as soon as that again."""
        if self._under_way is None and not self._last and perf_counter() < self._poll_until:
            self._loop.call_soon(self._poll_briefly)

    async def _answer_of(self, request: Request) -> Response:
        try:
            return await self._application(request)
        except Exception as problem:  # noqa: BLE001 (it is logged)
            # The border of the server: one request must not end a connection without an answer.
            log_failure(log, problem, f"{request.method} {request.raw_path[:200]}")
            return plain(503, SENTENCE) if is_full_disk(problem) else _FAILED

    def _send_answer(self, request: Request, response: Response, *, stays: bool) -> None:
        """A large answer is held until the client has read it, and counts as long."""
        if len(response.body) > SMALL and not self._transport.is_closing():
            self._release_answer()
            self._answer_share = self._application.bytes_held.share(self._peer, HeadProof.PROVEN)
            if not self._answer_share.grow(len(response.body)):
                response = self._application.busy(request)
        self._send(response, stays, with_body=request.method != "HEAD")
        if self._drained is None:
            self._release_answer()

    def _release_answer(self) -> None:
        if self._answer_share is not None:
            self._answer_share.release()
            self._answer_share = None

    def _send(self, response: Response, stays: bool, *, with_body: bool = True) -> None:
        if self._transport.is_closing():
            return
        stays = stays and not self._last and ("connection", "close") not in response.headers
        head = answer_head(response, self._server.default_headers, stays=stays)
        self._transport.write(head + response.body if with_body else head)
        self._last = not stays

    def refuse(self, response: Response) -> None:
        """Answer what cannot be read, behind everything that came before it, and read nothing more."""
        self._refusal = response
        if self._under_way is None:
            self._send_refusal()

    def _send_refusal(self) -> None:
        """Closed at once, with unread data, a connection is reset, and the client never sees the answer."""
        self._send(cast(Response, self._refusal), stays=False)
        self._deadline = self._loop.time() + _LINGER
        if not self._transport.is_closing():
            self._transport.write_eof()


def _evict_one(connections: list[object]) -> bool:
    """End the connection that is longest without an answer and has no request that is being answered."""
    open_ones = cast("list[HttpProtocol]", connections)
    free = [one for one in open_ones if one._under_way is None and not one._waiting]
    if not free:
        return False
    ended = min(free, key=lambda one: one._since)
    ended._application.connections.leave(ended._peer, ended)
    ended._transport.abort()
    return True
