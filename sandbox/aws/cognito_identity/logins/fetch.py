"""The only way out of the sandbox: a GET to this machine, with time-outs, size caps and no redirects.

A provider's real address is first replaced by that of its stand-in in the account that asks (`Instance.endpoints_of`);
an address that is not a loopback one after that is never fetched, whatever a discovery document says.
"""

import asyncio
import json
import socket
import ssl
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha1
from typing import Any
from urllib.parse import urlsplit

import httpget
from sandbox.core.http import is_loopback
from sandbox.core.instance import Instance

_DEADLINE = 10.0  # seconds for the whole
_LARGEST = 256 * 1024

Thumbprints = tuple[str, ...] | None  # None: only what the machine's own authorities have signed.


class FetchFailed(Exception):
    """Nothing usable came back.

    Attributes:
        reason: may be shown; it holds no query string.
        answered: the provider did answer, but not with what is needed.
    """

    def __init__(self, reason: str, *, answered: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.answered = answered


class CertificateRefused(FetchFailed):
    """The provider's certificate is neither trusted on this machine nor the one that IAM was told."""

    def __init__(self) -> None:
        super().__init__("its certificate is not the one that IAM was told", answered=True)


@dataclass(frozen=True, slots=True)
class Fetched:
    status: int
    body: bytes

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            FetchFailed: it is none.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise FetchFailed("the answer is not JSON", answered=True) from None


def local_url(instance: Instance, account: str, url: str) -> str:
    """The address under which an account finds `url` on this machine; the longest matching beginning decides."""
    endpoints, best = instance.endpoints_of(account), ""
    for prefix in endpoints:
        rest = url[len(prefix) :]
        if url.startswith(prefix) and (not rest or rest[0] in "/?") and len(prefix) > len(best):
            best = prefix
    return endpoints[best] + url[len(best) :] if best else url


async def fetch(
    instance: Instance,
    account: str,
    url: str,
    headers: Mapping[str, str] | None = None,
    thumbprints: Thumbprints = None,
) -> Fetched:
    """GET `url` or what stands in for it.

    Args:
        account: whose stand-in is asked: that of the identity pool, or of the role in STS.
        thumbprints: SHA-1 of certificates that are good although no authority known here has signed them; with an
            empty tuple any is, because IAM looks for the thumbprint itself when it is told none.

    Raises:
        FetchFailed
    """
    target = local_url(instance, account, url)
    loop = asyncio.get_running_loop()
    # Time spent waiting for a thread counts.
    deadline = httpget.Deadline(_DEADLINE)
    return await loop.run_in_executor(instance.threads, _get, target, dict(headers or {}), thumbprints, deadline)


def _get(url: str, headers: dict[str, str], thumbprints: Thumbprints, deadline: httpget.Deadline) -> Fetched:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise FetchFailed("not a URL") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FetchFailed("not an http URL")
    address, port = _loopback(parts.hostname, port or (443 if parts.scheme == "https" else 80))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    fields = {"Host": parts.netloc.rpartition("@")[2], "Connection": "close", "Accept": "application/json", **headers}
    try:
        if parts.scheme == "https":
            sock: socket.socket = _secured(address, port, parts.hostname, thumbprints, deadline)
        else:
            sock = _connected(address, port, deadline)
        with closing(sock):
            answer = httpget.exchange(sock, "GET", path, fields.items(), b"", deadline=deadline, largest=_LARGEST)
    except (httpget.TimedOut, TimeoutError):
        raise FetchFailed("no answer in time") from None
    except httpget.TooLarge:
        raise FetchFailed("the answer is too large", answered=True) from None
    except (httpget.NoAnswer, OSError, ValueError):
        raise FetchFailed("the provider does not answer") from None
    return Fetched(answer.status, answer.body)


def _secured(address: str, port: int, host: str, thumbprints: Thumbprints, deadline: httpget.Deadline) -> ssl.SSLSocket:
    """A TLS connection; a certificate that no known authority has signed must be one of `thumbprints`.

    Raises:
        CertificateRefused
        OSError
    """
    context = ssl.create_default_context()
    try:
        return context.wrap_socket(
            socket.create_connection((address, port), timeout=deadline.left()), server_hostname=host
        )
    except ssl.SSLCertVerificationError:
        if thumbprints is None:
            raise CertificateRefused from None
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    sock = context.wrap_socket(_connected(address, port, deadline), server_hostname=host)
    certificate = sock.getpeercert(binary_form=True) or b""
    if thumbprints and sha1(certificate, usedforsecurity=False).hexdigest() not in thumbprints:
        sock.close()
        raise CertificateRefused
    return sock


def _connected(address: str, port: int, deadline: httpget.Deadline) -> socket.socket:
    return socket.create_connection((address, port), timeout=deadline.left())


def _loopback(host: str, port: int) -> tuple[str, int]:
    """The address to connect to. Names other than localhost are not even looked up: that would be a fetch, too."""
    if not is_loopback(host):
        raise FetchFailed("the sandbox fetches from this machine only")
    return "127.0.0.1" if host.endswith("localhost") else host, port
