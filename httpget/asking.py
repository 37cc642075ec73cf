"""From an address to its answer: connect, secure, ask."""

import socket
import ssl
from base64 import b64encode
from collections.abc import Mapping
from contextlib import closing
from functools import cache
from pathlib import Path
from socket import SOCK_STREAM, getaddrinfo
from urllib.parse import SplitResult, unquote, urlsplit

from httpget.answers import Answer, NoAnswer, TimedOut, TlsFailed
from httpget.deadlines import Deadline
from httpget.messages import exchange

_PORTS = {"http": 80, "https": 443}
_CONNECT = 3.0  # seconds for each of a name's addresses
_LONGEST_TUNNEL = 64 * 1024  # bytes of a proxy's answer to CONNECT


def get(url: str, *, seconds: float, largest: int, headers: Mapping[str, str] | None = None) -> Answer:
    """GET an address.

    Raises:
        NoAnswer
    """
    return ask("GET", url, headers or {}, b"", seconds=seconds, largest=largest)


def ask(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    seconds: float,
    largest: int,
    authorities: str | None = None,
    proxy: str | None = None,
) -> Answer:
    """Send one request and read its whole answer, of whatever status.

    Args:
        authorities: a file or directory with the certificates of those whose signature counts; the system's else.
        proxy: URL of an http proxy to go through.

    Raises:
        NoAnswer
    """
    deadline = Deadline(seconds)
    parts, host, port = _parts(url, ("http", "https"), "Not an http URL.")
    if proxy:
        _parts(proxy, ("http",), "The proxy is not an http proxy.")
    authority = parts.netloc.rpartition("@")[2]
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    fields = {"Host": authority, "Connection": "close", **headers}
    if body and not any(name.lower() in ("content-length", "transfer-encoding") for name in fields):
        fields["Content-Length"] = str(len(body))
    try:
        with closing(_connected(urlsplit(proxy) if proxy else parts, deadline)) as sock:
            if proxy and parts.scheme == "http":
                target, fields = f"http://{authority}{target}", fields | _proxy_authorization(proxy)
            elif proxy:
                _tunnel(sock, f"[{host}]:{port}" if ":" in host else f"{host}:{port}", proxy, deadline)
            with closing(_secured(sock, host, authorities, deadline) if parts.scheme == "https" else sock) as channel:
                return exchange(channel, method, target, fields.items(), body, deadline=deadline, largest=largest)
    except TimeoutError as error:
        raise TimedOut("No connection in time.") from error
    except ssl.SSLError as error:
        raise TlsFailed(str(error)) from error
    except (OSError, UnicodeError) as error:
        raise NoAnswer(f"No connection: {type(error).__name__}.") from error


def _parts(url: str, schemes: tuple[str, ...], refusal: str) -> tuple[SplitResult, str, int]:
    """The URL's parts, its host and its port.

    Raises:
        NoAnswer: with `refusal`.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise NoAnswer(refusal) from None
    if parts.scheme not in schemes or not host:
        raise NoAnswer(refusal)
    return parts, host, port or _PORTS[parts.scheme]


def _connected(parts: SplitResult, deadline: Deadline) -> socket.socket:
    """A connection to the first address of the name that takes one."""
    failed: OSError = OSError("The name has no address.")
    for family, kind, protocol, _, address in getaddrinfo(
        parts.hostname, parts.port or _PORTS[parts.scheme], type=SOCK_STREAM
    ):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(min(_CONNECT, deadline.left()))
            sock.connect(address)
        except (OSError, TimedOut) as error:
            sock.close()
            if isinstance(error, TimedOut):
                raise
            failed = error
        else:
            return sock
    raise failed


def _secured(sock: socket.socket, host: str, authorities: str | None, deadline: Deadline) -> ssl.SSLSocket:
    deadline.limit(sock)  # of the whole handshake
    return _context(authorities).wrap_socket(sock, server_hostname=host)


def _context(authorities: str | None) -> ssl.SSLContext:
    return _context_of(authorities) if authorities else ssl.create_default_context()


@cache
def _context_of(authorities: str) -> ssl.SSLContext:
    """Reading a bundle of authorities takes longer than many an answer."""
    if Path(authorities).is_dir():
        return ssl.create_default_context(capath=authorities)
    return ssl.create_default_context(cafile=authorities)


def _tunnel(sock: socket.socket, authority: str, proxy: str, deadline: Deadline) -> None:
    fields = {"Host": authority, **_proxy_authorization(proxy)}
    answer = exchange(sock, "CONNECT", authority, fields.items(), b"", deadline=deadline, largest=_LONGEST_TUNNEL)
    if not 200 <= answer.status < 300:
        raise NoAnswer(f"The proxy answered CONNECT with {answer.status}.")


def _proxy_authorization(proxy: str) -> dict[str, str]:
    parts = urlsplit(proxy)
    if parts.username is None:
        return {}
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(pair.encode()).decode()}"}
