"""Requests as they arrive on one connection: httptools reads, and what is too much is refused while it comes."""

from dataclasses import dataclass
from typing import Any, Protocol, cast

import httptools

from sandbox.core.http import Request, Response, plain
from sandbox.core.limits import SMALL, BytesHeld, HeadProof, OpenConnections, Share
from sandbox.server.head import LARGEST, TOO_LARGE, Head, RefusedHead

_SLICE = 16 * 1024  # bytes

_NOT_HTTP = plain(400, "This is not HTTP.")


class Application(Protocol):
    """What answers requests. All but the answer itself is asked when a head is complete, and must be quick."""

    connections: OpenConnections
    bytes_held: BytesHeld

    def admit(self, request: Request) -> Response | None:
        """Told of every request before its body; an answer refuses it."""

    def largest_body(self, request: Request) -> int:
        """The most bytes that this request may bring. Asked for those that bring more than `SMALL`."""

    def proof(self, request: Request) -> HeadProof | Response:
        """How much of its signature is proven by the head; an answer where that is enough to refuse it."""

    def too_large(self, request: Request, largest: int) -> Response: ...

    def busy(self, request: Request) -> Response:
        """The answer where too many bytes are under way."""

    async def __call__(self, request: Request) -> Response: ...


@dataclass(slots=True)
class Complete:
    """A request that is to be answered, whether the connection goes on behind it, and what it holds meanwhile.

    `size` is that of its head and its body in bytes.
    """

    request: Request
    stays: bool
    share: Share | None
    size: int

    def release(self) -> None:
        if self.share is not None:
            self.share.release()


class Connection(Protocol):
    """Whose bytes are read."""

    def begins(self) -> None:
        """The first byte of a request is there."""

    def expects_body(self, *, client_waits: bool) -> None:
        """A head is complete and was taken; a body follows, or, where the `client_waits`, is to be asked for."""

    def takes(self, complete: Complete) -> None:
        """A request is complete."""

    def refuse(self, response: Response) -> None:
        """Nothing more is to be read; this is why."""


class RequestReader:
    """Reads the requests of one connection, one after the other.

    Attributes:
        unfinished: a request has begun and is not complete.
        in_head: its headers are not complete.
        body_bytes: of its body, as far as it has come.
    """

    def __init__(self, application: Application, connection: Connection, client: str, peer: str) -> None:
        self._application = application
        self._connection = connection
        self._client = client
        self._peer = peer
        self._parser = self._new_parser()
        self._has_refused = False
        self.unfinished = False
        self.in_head = False
        self._in_frame = False  # between two chunks of its body, or in the trailer
        self._is_upgrade = False  # it asks for another protocol, and httptools takes it for complete without its body
        self._is_resuming = False  # a parser is being told what the one before it knew
        self._head = Head()
        self._request: Request
        self._is_old = False  # HTTP/1.0
        self._stays = True
        self._body: list[bytes] = []
        self.body_bytes = 0
        self._largest = 0  # bytes that a body of more than SMALL may have
        self._share: Share | None = None  # of a body of more than SMALL
        self._received = 0  # bytes of one header that does not end

    def feed(self, data: bytes) -> None:
        """Read on. Calls the connection's methods."""
        if self._has_refused:
            return
        # A piece may end in a head: a large one is read in slices, so that no more than one of them goes uncounted.
        start = 0
        while start < len(data) and not self._has_refused:
            end = len(data) if len(data) - start <= _SLICE or self._in_body else start + _SLICE
            self._feed_slice(data[start:end] if end - start < len(data) else data)
            start = end

    @property
    def _in_body(self) -> bool:
        return self.unfinished and not self.in_head and not self._in_frame

    def _feed_slice(self, data: bytes) -> None:
        before = (self._head, self._head.size, self.body_bytes)
        self._parse(data)
        # httptools hands a header over when it is complete, and would keep one that never ends.
        moved = (self._head, self._head.size, self.body_bytes) != before or not (self.in_head or self._in_frame)
        self._received = 0 if moved else self._received + len(data)
        if self._received > LARGEST:
            self._refuse(TOO_LARGE)

    def stop(self, response: Response) -> None:
        """Refuse what is being read, for a reason that is not in it."""
        self._refuse(response)

    @property
    def unfinished_bytes(self) -> int:
        """Of a body that is not complete, as far as it has come."""
        return self.body_bytes if self.unfinished and not self._has_refused else 0

    def forget(self) -> None:
        """Let go of a body that is not complete."""
        self._body = []
        if self._share is not None:
            self._share.release()
            self._share = None

    def _refuse(self, response: Response) -> None:
        if not self._has_refused:
            self._has_refused = True
            self.forget()
            self._connection.refuse(response)

    def _new_parser(self) -> Any:
        parser = httptools.HttpRequestParser(self)
        # What follows a request that asks for the connection's end is nobody's request, and no error either.
        parser.set_dangerous_leniencies(lenient_data_after_close=True)
        return parser

    def _parse(self, data: bytes) -> None:
        while True:
            try:
                self._parser.feed_data(data)
                return
            except httptools.HttpParserUpgrade as upgrade:
                self._parser = self._next_parser()
                data = data[upgrade.args[0] :]
            except httptools.HttpParserError:
                self._refuse(_NOT_HTTP)
                return

    def _next_parser(self) -> Any:
        """A server may ignore Upgrade (RFC 9110, section 7.8), but httptools does not: it drops the body and stops. The
        next parser is told how long the body is, and goes on."""
        parser = self._new_parser()
        if self.unfinished and not self._has_refused:
            headers = self._head.headers
            length = f"content-length: {headers.get('content-length', '0')}"
            self._is_resuming = True
            framing = "transfer-encoding: chunked" if "transfer-encoding" in headers else length
            parser.feed_data(f"POST / HTTP/1.1\r\n{framing}\r\n\r\n".encode("latin-1"))
        return parser

    def on_message_begin(self) -> None:
        if self._is_resuming:
            return
        self._head = Head()
        self._body = []
        self.body_bytes = self._largest = self._received = 0
        self.unfinished = self.in_head = True
        self._is_upgrade = self._in_frame = False
        self._connection.begins()

    def on_url(self, url: bytes) -> None:
        if self._is_resuming:
            return
        try:
            self._head.add_url(url)
        except RefusedHead as refused:
            self._refuse(refused.answer)

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._is_resuming or self._has_refused:
            return
        try:
            if self.in_head:
                self._head.add_header(name, value)
            else:
                # Behind a chunked body: too late to say anything about the request (RFC 9110, 6.5.1), but not for free.
                self._head.grow(len(name) + len(value) + 4)
        except RefusedHead as refused:
            self._refuse(refused.answer)

    def on_headers_complete(self) -> None:
        if self._is_resuming:
            self._is_resuming = self._is_upgrade = False
            return
        self.in_head = False
        if self._has_refused:
            return
        parser = self._parser
        self._is_upgrade = parser.should_upgrade()
        self._is_old = parser.get_http_version() == "1.0"
        self._stays = not self._is_old and parser.should_keep_alive()
        try:
            self._request = self._head.request(parser.get_method().decode("ascii"), self._client)
        except RefusedHead as refused:
            self._refuse(refused.answer)
            return
        refusal = self._application.admit(self._request)
        if refusal is not None:
            self._refuse(refusal)
            return
        headers = self._request.headers
        if "content-length" in headers or "transfer-encoding" in headers:
            self._expect_body(headers)

    def _expect_body(self, headers: dict[str, str]) -> None:
        stated = headers.get("content-length", "0")
        # httptools takes digits only, and no more of them than 64 bits hold.
        if len(stated) > 4 and int(stated) > SMALL:
            self._expect_large_body(int(stated))
        # Before the first chunk, too, there is what httptools hands to nobody: the chunk's size and its extensions.
        self._in_frame = "transfer-encoding" in headers
        if not self._has_refused:
            # A client of HTTP/1.0 must not be sent what it does not know (RFC 9110, section 10.1.1).
            waits = not self._is_old and headers.get("expect", "").lower() == "100-continue"
            self._connection.expects_body(client_waits=waits)

    def _expect_large_body(self, size: int) -> None:
        self._largest = self._application.largest_body(self._request)
        if size > self._largest:
            self._refuse(self._application.too_large(self._request, self._largest))
            return
        proof = self._application.proof(self._request)
        if isinstance(proof, Response):
            self._refuse(proof)
        else:
            self._share = self._application.bytes_held.share(self._peer, proof)

    def on_chunk_header(self) -> None:
        self._in_frame = True

    def on_body(self, body: bytes) -> None:
        if self._has_refused:
            return
        self._in_frame = False
        self.body_bytes += len(body)
        if self.body_bytes > SMALL:
            self._take_large_body(len(body))
        if not self._has_refused:
            self._body.append(body)

    def _take_large_body(self, size: int) -> None:
        if self._share is None:
            self._expect_large_body(self.body_bytes)
        elif self.body_bytes > self._largest:
            self._refuse(self._application.too_large(self._request, self._largest))
        if not self._has_refused and not cast(Share, self._share).grow(size):
            self._refuse(self._application.busy(self._request))

    def on_message_complete(self) -> None:
        if self._is_upgrade:
            return  # It is not: its body comes, for the next parser.
        self.unfinished = self._in_frame = False
        if self._has_refused:
            return
        request = self._request
        request.body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        complete = Complete(request, self._stays, self._share, self._head.size + self.body_bytes)
        self._body = []
        self._share = None
        self._connection.takes(complete)
