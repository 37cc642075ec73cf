"""The calls of our own server to providers: no redirect is followed, and no answer may last or grow for ever.

A time-out of `requests` is one of each read: whoever sends a byte now and then keeps within it, and keeps a thread of
the web server. So the reads of one answer, of its headers too, share a deadline, and an answer has a largest size.
"""

import io
from http.client import HTTPResponse
from socket import socket
from time import monotonic
from typing import Any, ClassVar

from requests import (
    ConnectionError,
    PreparedRequest,
    ReadTimeout,
    RequestException,
    Response,
    Session,
    Timeout,
    TooManyRedirects,
)
from requests.adapters import HTTPAdapter
from requests.exceptions import SSLError
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

LARGEST = 2_000_000  # bytes of an answer, unpacked; metadata of a SAML federation is the longest that is asked for
DEADLINE = 10.0  # seconds for the whole of an answer, counted from when the request has been sent
_CONNECT, _READ = 3.0, 5.0  # seconds for connecting, and for each read
_CHUNK = 64 * 1024


class TooLarge(RequestException):
    """The answer is larger than anything that is sensible."""


# The first that fits counts: some are of two kinds.
_CODES: tuple[tuple[type[RequestException], str], ...] = (
    (TooLarge, "too_large"),
    (TooManyRedirects, "redirected"),
    (SSLError, "tls_error"),
    (Timeout, "timeout"),
    (ConnectionError, "connection_failed"),
)


class _TooMuch(OSError):
    """More bytes came over the connection than an answer may have."""


class _UntilThen(io.RawIOBase):
    """What is read from a connection for one answer, up to the deadline and the largest size."""

    def __init__(self, raw: io.RawIOBase, connection: socket) -> None:
        self._raw, self._connection = raw, connection
        self._end, self._left = monotonic() + DEADLINE, LARGEST + _CHUNK

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Raises:
        TimeoutError: the deadline has passed, or nothing came in time.
        _TooMuch
        """
        seconds = self._end - monotonic()
        if seconds <= 0:
            raise TimeoutError("The answer was not complete in time.")
        self._connection.settimeout(min(seconds, _READ))
        size = self._raw.readinto(buffer)
        self._left -= size or 0
        if self._left < 0:
            raise _TooMuch
        return size

    def close(self) -> None:
        self._raw.close()
        super().close()


class _LimitedResponse(HTTPResponse):
    def __init__(self, sock: socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(_UntilThen(self.fp.detach(), sock))


class _Connection(HTTPConnection):
    response_class = _LimitedResponse


class _SecureConnection(HTTPSConnection):
    response_class = _LimitedResponse


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Adapter(HTTPAdapter):
    _POOLS: ClassVar = {"http": _Pool, "https": _SecurePool}

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = self._POOLS

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*args, **options)
        manager.pool_classes_by_scheme = self._POOLS
        return manager


def ask(method: str, address: str, **options: Any) -> Response:
    """One request and its whole answer, of whatever status.

    Args:
        options: of `requests.request`, but for those about time, redirects and streaming.

    Raises:
        Timeout: there was none in time.
        TooLarge
        TooManyRedirects: it is a redirect. `requests` would send our code, its verifier and a client secret in the
            body on to wherever that leads, and the trace would name only the last address.
        RequestException: nothing came back, or nothing that is HTTP.
    """
    with Session() as session:
        session.mount("http://", _Adapter())
        session.mount("https://", _Adapter())
        request: PreparedRequest | None = None
        try:
            response = session.request(
                method, address, timeout=(_CONNECT, _READ), allow_redirects=False, stream=True, **options
            )
            request = response.request
            response._content = _whole(response)
        except RequestException as error:
            sent = error.request if isinstance(error.request, PreparedRequest) else request
            if _came_of(error, _TooMuch):
                raise TooLarge(request=sent) from error
            if _came_of(error, TimeoutError) and not isinstance(error, Timeout):
                raise ReadTimeout(request=sent) from error
            raise
    if response.is_redirect:
        raise TooManyRedirects("The answer is a redirect.", request=response.request, response=response)
    return response


def code_of(error: RequestException) -> str:
    """Why there is no answer, by social-auth's code or, where it has none, by ours."""
    for kind, code in _CODES:
        if isinstance(error, kind):
            return code
    return "http_error"


def _whole(response: Response) -> bytes:
    """Raises:
    TooLarge: counted unpacked, since a small answer may be packed of a large one.
    """
    body = bytearray()
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if len(body) > LARGEST:
            raise TooLarge(request=response.request)
    return bytes(body)


def _came_of(error: BaseException | None, kind: type[BaseException]) -> bool:
    """Whether such an error is behind this one. urllib3 and requests each wrap what they catch."""
    while error is not None:
        if isinstance(error, kind):
            return True
        error = error.__cause__ or error.__context__
    return False
