"""The head of a request while it arrives: request line and headers, read in one way or refused.

Everything behind it, the gate and moto above all, sees names and addresses that have one reading only.
"""

import re
import secrets
from functools import lru_cache

from sandbox.core.http import Request, Response, plain

LARGEST = 64 * 1024  # bytes, with four of punctuation for each header
_MOST_HEADERS = 500
_NAME = re.compile(rb"[A-Za-z0-9-]+")
# The names of an object's metadata are the uploader's own, and any token (RFC 9110, section 5.6.2).
_METADATA_NAME = re.compile(rb"x-amz-meta-[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.IGNORECASE)
_AUTHORITY = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?")
# What must not stand twice: two readers could believe another one of them (RFC 9110, section 5.3).
_SINGLE = frozenset(
    [
        "host", "authorization", "content-type", "content-length", "origin", "referer",
        "x-amz-target", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256", "x-amz-copy-source",
    ]
)  # fmt: skip

TOO_LARGE = plain(431, "The headers are too large.")
_CONNECT = plain(405, "This is not a proxy.")
_NO_ADDRESS = plain(400, "This is not a valid request address.")
_NO_HOST = plain(400, "A request has one Host header with a host name and a port (RFC 9112, section 3.2).")
_OTHER_HOST = plain(400, "The request's address and its Host header name different hosts (RFC 9112, section 3.2.2).")
_CODING = plain(501, "The only transfer coding here is chunked.")


class RefusedHead(Exception):
    """The head cannot be taken; `answer` says why."""

    def __init__(self, answer: Response) -> None:
        super().__init__(answer.status)
        self.answer = answer


class Head:
    """Collects what the parser hands over. Every method may raise Refused."""

    __slots__ = ("_count", "_url", "headers", "size")

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self._url = b""
        self.size = 0
        self._count = 0

    def add_url(self, part: bytes) -> None:
        self._url += part
        self.grow(len(part))

    def add_header(self, name: bytes, value: bytes) -> None:
        self.size += len(name) + len(value) + 4
        self._count += 1
        if self.size > LARGEST or self._count > _MOST_HEADERS:
            raise RefusedHead(TOO_LARGE)
        # Longer names are not worth a place in the cache, where they would stay.
        key = _known_name(name) if len(name) <= 64 else _name(name)
        # httptools leaves the blanks behind a value, which are no part of it (RFC 9112, section 5.1).
        text = value.rstrip(b" \t").decode("latin-1")
        if key in self.headers:
            if key in _SINGLE:
                raise RefusedHead(_NO_HOST if key == "host" else plain(400, f"The header {key} appears twice."))
            text = f"{self.headers[key]},{text}"
        self.headers[key] = text

    def grow(self, size: int) -> None:
        """Count what belongs to the head, trailers too."""
        self.size += size
        if self.size > LARGEST:
            raise RefusedHead(TOO_LARGE)

    def request(self, method: str, client: str) -> Request:
        """The request without its body."""
        if method == "CONNECT":
            raise RefusedHead(_CONNECT)
        host = self.headers.get("host", "")
        if len(host) > 300 or not _is_authority(host):
            raise RefusedHead(_NO_HOST)
        if self.headers.get("transfer-encoding", "chunked").lower() != "chunked":
            raise RefusedHead(_CODING)
        path, query = _target(self._url, host)
        return Request(
            method=method,
            raw_path=path.decode("latin-1"),
            query_string=query.decode("latin-1"),
            headers=self.headers,
            body=b"",
            client=client,
            request_id=_new_request_id(),
        )


def _name(name: bytes) -> str:
    """A header's name in lower case.

    Other characters than these are read differently by whoever folds `_` and `-` into one (CGI, WSGI), or adds to the
    names that are known.
    """
    if not _NAME.fullmatch(name) and not _METADATA_NAME.fullmatch(name):
        shown = name[:80].decode("latin-1")
        raise RefusedHead(
            plain(400, f"Names of headers have letters, digits and hyphens here; this one has others: {shown}")
        )
    return name.decode("latin-1").lower()


_known_name = lru_cache(maxsize=1024)(_name)


@lru_cache(maxsize=1024)
def _is_authority(host: str) -> bool:
    return _AUTHORITY.fullmatch(host) is not None


def _target(url: bytes, host: str) -> tuple[bytes, bytes]:
    """Path and query of a request's target: a path, or an address whose host is that of the Host header."""
    if not url.startswith(b"/"):
        url = _origin_form(url, host)
    if b"#" in url:
        raise RefusedHead(_NO_ADDRESS)
    path, _, query = url.partition(b"?")
    return path, query


def _origin_form(url: bytes, host: str) -> bytes:
    scheme, found, rest = url.partition(b"://")
    if not found or scheme.lower() not in (b"http", b"https"):
        raise RefusedHead(_NO_ADDRESS)
    authority = re.split(rb"[/?#]", rest, maxsplit=1)[0]
    if authority.decode("latin-1").lower() != host.lower():
        raise RefusedHead(_OTHER_HOST)
    rest = rest[len(authority) :]
    return rest if rest.startswith(b"/") else b"/" + rest


def _new_request_id() -> str:
    """A random UUID (RFC 9562, version 4), made of text since that is what is needed."""
    digits = secrets.token_hex(16)
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
