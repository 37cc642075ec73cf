"""Connections as a client may write them: every request is valid, each is written in another of the ways there are.

RFC 9110 and RFC 9112 allow all of it, and none of it is among what the sandbox refuses on purpose.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from tests.sandbox.server.asgi import Protocol

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND", "REPORT", "MKCOL", "PURGE")
_NAMES = (
    "Accept", "Accept-Language", "Cache-Control", "DNT", "If-None-Match", "Prefer", "User-Agent", "Via", "X",
    "X-Amz-Meta-Title", "x-amz-meta-a_b.c~d", "X-Forwarded-For", "X-Forwarded-Proto", "X-1-2",
)  # fmt: skip
_TOKEN = "!#$%&'*+-.^_`|~0123456789ABCxyz"
_VISIBLE = bytes([*range(0x21, 0x7F), *range(0x80, 0x100)])
_PATH = "abcXYZ0189-._~!$&'()*+,;=:@"
CLOSE_PLEASE = "x-close-please"  # asks the application to end the connection
HOST = "127.0.0.1:4566"


@dataclass(slots=True)
class Message:
    """What a request says, however it is written."""

    method: str
    target: str
    headers: list[tuple[str, bytes]] = field(default_factory=list)
    body: bytes | None = None


@dataclass(slots=True, repr=False)
class Written:
    """A request as it goes over the wire.

    Attributes:
        head, body: the bytes; with its framing, if the body has one.
        version: of HTTP, as in `1.1`.
        waits: its client sends the body when it is asked for it.
    """

    method: str
    version: str
    head: bytes
    body: bytes
    waits: bool

    def __repr__(self) -> str:
        body = f"{self.body!r:.200}" + ("" if len(self.body) < 200 else f"... ({len(self.body)} bytes)")
        return f"{self.head!r} + {'wait + ' if self.waits else ''}{body}"


@dataclass(slots=True)
class Burst:
    """Requests that are sent without waiting for an answer, in pieces. Only the last one may wait before its body."""

    requests: list[Written]
    cuts: list[float]  # where the bytes are cut, as parts of the whole
    has_pauses: bool


@dataclass(slots=True)
class Connection:
    """What a client sends over one connection.

    Attributes:
        bursts: each is sent when all answers to the one before have come.
        theirs: the protocols of uvicorn's that read it as the RFCs want it.
    """

    bursts: list[Burst]
    theirs: tuple[Protocol, ...]


def _chance(chance: Random, part: float) -> bool:
    return chance.random() < part


def any_message(chance: Random) -> Message:
    """A request of nobody's API."""
    method = chance.choice(METHODS)
    body = None
    if method != "TRACE" and _chance(chance, 0.5):  # RFC 9110, section 9.3.8
        body = chance.randbytes(chance.choice((0, 1, 2, 30, 30, 500, 500, 5_000, 5_000, 70_000)))
    headers = [(chance.choice(_NAMES), _value(chance)) for _ in range(chance.choice((0, 1, 2, 5, 12)))]
    return Message(method, _path(chance) + _query(chance), headers, body)


def _path(chance: Random) -> str:
    characters = [*_PATH, *"////", "%2F", "%2f", "%20", "%00", "%E2%82%AC", "%ff", "%25", "%3F", "..", "//"]
    return "/" + "".join(chance.choices(characters, k=chance.choice((0, 1, 5, 20, 200))))


def _query(chance: Random) -> str:
    if _chance(chance, 0.5):
        return ""
    characters = [*_PATH, *"/?&&==", "%26", "%3d", "%0d%0a", "+", "%C3%A9"]
    return "?" + "".join(chance.choices(characters, k=chance.choice((0, 1, 5, 40))))


def _value(chance: Random) -> bytes:
    """Field content (RFC 9110, section 5.5): visible characters and obs-text, with blanks between them."""
    words = [
        bytes(chance.choices(_VISIBLE, k=chance.choice((1, 3, 12)))) for _ in range(chance.choice((0, 1, 1, 2, 4)))
    ]
    return chance.choice((b" ", b"\t", b", ", b"  ")).join(words)


# --- Writing ----------------------------------------------------------------------------------------------------------


class Writer:
    """Writes connections. `draw` gives the messages."""

    def __init__(self, chance: Random, draw: Callable[[Random], Message]) -> None:
        self._chance = chance
        self._draw = draw
        self._has_trailers = self._has_upgrades = self._has_blanks = self._has_empty_lines = False

    def connection(self) -> Connection:
        chance = self._chance
        kind = chance.randrange(6)
        # uvicorn's httptools protocol adds trailers to the headers (against RFC 9110, section 6.5.1), drops the body of
        # a request with Upgrade (section 7.8), and leaves blanks behind a value (RFC 9112, section 5.1).
        self._has_trailers, self._has_upgrades, self._has_blanks = kind == 0, kind == 1, kind < 2
        # Its h11 protocol takes no empty line before a request (RFC 9112, section 2.2).
        self._has_empty_lines = kind == 2
        theirs: dict[int, tuple[Protocol, ...]] = {0: ("h11",), 1: ("h11",), 2: ("httptools",)}
        bursts = [self._burst(chance.choice((1, 1, 1, 2, 3, 5))) for _ in range(chance.choice((1, 1, 2, 4)))]
        if _chance(chance, 0.03):
            bursts.append(self._burst(40))
        return Connection(bursts, theirs.get(kind, ("httptools", "h11")))

    def _burst(self, size: int) -> Burst:
        chance = self._chance
        # Behind a request that ends the connection a client sends no other (RFC 9112, section 9.6).
        requests = [self._written(is_last=number == size - 1) for number in range(size)]
        cuts = sorted(chance.random() for _ in range(chance.choice((0, 0, 1, 3, 8))))
        return Burst(requests, cuts, has_pauses=_chance(chance, 0.3))

    def _written(self, *, is_last: bool) -> Written:
        chance = self._chance
        message = self._draw(chance)
        version = "1.0" if is_last and _chance(chance, 0.1) else "1.1"
        headers = [(name, value) for name, value in message.headers]
        if not any(name.lower() == "host" for name, _ in headers):
            headers.append(("Host", HOST.encode()))
        framing, body = self._framed(message.body, version)
        waits = is_last and version == "1.1" and bool(message.body) and _chance(chance, 0.3)
        if waits or (message.body and _chance(chance, 0.05)):
            headers.append(("Expect", chance.choice((b"100-continue", b"100-Continue"))))
        headers += framing + self._connection_options(may_end=is_last)
        chance.shuffle(headers)
        lines = [f"{message.method} {self._target(message, headers)} HTTP/{version}".encode()]
        lines += [self._field_line(name, value) for name, value in headers]
        before = b"\r\n" if self._has_empty_lines and _chance(chance, 0.5) else b""
        return Written(message.method, version, before + b"\r\n".join(lines) + b"\r\n\r\n", body, waits)

    def _target(self, message: Message, headers: list[tuple[str, bytes]]) -> str:
        if not _chance(self._chance, 0.1):
            return message.target
        host = next(value.decode() for name, value in headers if name.lower() == "host")
        return f"{self._chance.choice(('http', 'HTTP', 'https'))}://{host}{message.target}"

    def _connection_options(self, *, may_end: bool) -> list[tuple[str, bytes]]:
        chance = self._chance
        if self._has_upgrades and _chance(chance, 0.7):
            asked = chance.choice((b"h2c", b"websocket", b"TLS/1.3, IRC/6.9"))
            return [("Connection", b"Upgrade"), ("Upgrade", asked), ("HTTP2-Settings", b"AAMAAABk")]
        if may_end and _chance(chance, 0.1):
            return [("Connection", chance.choice((b"close", b"Close", b"keep-alive, close", b"close , TE")))]
        if may_end and _chance(chance, 0.1):
            return [(CLOSE_PLEASE, b"")]
        if _chance(chance, 0.75):
            return []
        return [("Connection", chance.choice((b"keep-alive", b"Keep-Alive", b"TE", b"closed", b"")))]

    def _framed(self, body: bytes | None, version: str) -> tuple[list[tuple[str, bytes]], bytes]:
        chance = self._chance
        if body is None:
            return [], b""
        if version == "1.0" or not _chance(chance, 0.4):  # RFC 9112, section 6.1
            zeros = b"000" if _chance(chance, 0.1) else b""
            return [("Content-Length", zeros + str(len(body)).encode())], body
        return [("Transfer-Encoding", chance.choice((b"chunked", b"Chunked")))], self._chunks(body)

    def _chunks(self, body: bytes) -> bytes:
        chance, out, start = self._chance, [], 0
        most = chance.choice((1, 7, 1000, 100_000)) if len(body) < 2000 else chance.choice((3000, 100_000))
        while start < len(body):
            part = body[start : start + chance.randint(1, most)]
            start += len(part)
            size = chance.choice((f"{len(part):x}", f"{len(part):X}", f"000{len(part):x}"))
            out += [size.encode(), self._extension(), b"\r\n", part, b"\r\n"]
        out += [chance.choice((b"0", b"000")), self._extension(), b"\r\n"]
        if self._has_trailers:
            names = ("X-Checksum", "Accept", "x-amz-meta-title", "Expires")
            out += [
                self._field_line(chance.choice(names), _value(chance)) + b"\r\n" for _ in range(chance.randrange(3))
            ]
        return b"".join(out) + b"\r\n"

    def _extension(self) -> bytes:
        """RFC 9112, section 7.1.1."""
        if not _chance(self._chance, 0.2):
            return b""
        return self._chance.choice((b";a", b";name=value", b';a="b c"', b';a="b\\"; c";d=e', b";a=1;b=2"))

    def _field_line(self, name: str, value: bytes) -> bytes:
        chance = self._chance
        written = chance.choice((name, name, name.lower(), name.upper(), name.swapcase()))
        before, after = (chance.choice((b" ", b" ", b"", b"\t", b"  ")) for _ in range(2))
        if not self._has_blanks or _chance(chance, 0.7) or name == "Transfer-Encoding":
            after = b""  # httptools, and so we, take no tab behind the coding's name
        return written.encode() + b":" + before + value + after


def probe() -> Written:
    """What is sent last, to see whether the connection is still there."""
    return Written("GET", "1.1", f"GET /still/there HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode(), b"", waits=False)
