"""The way to moto, which keeps S3, DynamoDB and Systems Manager in memory.

moto's handlers are called directly, without its web server: that one lists a directory of 170 modules at every request.
moto authorises nothing here; whatever reaches it has passed the gate. Its state is this process's; what has to outlive
that is written by sandbox.aws.snapshots, which is told here what may have changed.
"""

import logging
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes
from xml.parsers.expat import ExpatError

from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException

from sandbox.aws.moto.changes import count_change, may_write, tell_listeners
from sandbox.core.errors import AwsError
from sandbox.core.http import Response

log = logging.getLogger(__name__)
Handler = Callable[[Any, str, Any], tuple[int, Mapping[str, Any], str | bytes]]

_DROPPED = {"server", "date", "connection", "transfer-encoding", "x-amz-request-id", "x-amzn-requestid"}
# What moto raises on input that it did not expect: no fault of the sandbox's, so no internal error to the client.
STUMBLES = (
    StopIteration,  # would never come out of the thread, and the client would wait for ever
    LookupError,
    TypeError,
    AttributeError,
    ValueError,
    ArithmeticError,
    AssertionError,
    RecursionError,
    ExpatError,
)
# moto changes shared dictionaries without locks; DynamoDB's conditional writes would not be atomic.
moto_lock = threading.Lock()
_importing = threading.Lock()
_imported = threading.Event()


def import_moto() -> None:
    """Import moto, which takes a second, or wait until whoever began has done it.

    Its modules import each other: two threads that begin at different ones meet in modules that are half made.
    """
    with _importing:
        import moto.dynamodb.responses
        import moto.s3.responses
        import moto.ssm.responses  # noqa: F401
    _imported.set()


def is_moto_imported() -> bool:
    """Whether `import_moto` has ended once; until then moto holds nothing."""
    return _imported.is_set()


@dataclass(frozen=True, slots=True)
class MotoRequest:
    """A request as moto is to see it.

    It is made by the gate, of what was authorised: no header of a client's is among these unless it was understood.

    Attributes:
        path: undecoded; `query_string` likewise, without the question mark.
        headers: names in lower case; Host, Authorization and the account are set by `ask`.
    """

    service: str
    account: str
    region: str
    method: str
    path: str
    query_string: str
    headers: Mapping[str, str]
    body: bytes


def ask(request: MotoRequest, *, counted: bool = True) -> Response:
    """Have moto answer. Blocks; to be called in a thread.

    Args:
        counted: whether what the request writes has to be kept; samples need not be.

    Raises:
        AwsError: NotImplemented (501) when moto does not know the operation.
    """
    handler = _handler(request.service, f"https://{_host(request)}{request.path}")
    wsgi = _request_class()(_environ(request), _headers(request))
    try:
        status, headers, body = _handled(handler, wsgi, request, counted)
    except HTTPException as refused:
        status, headers, body = refused.code or 400, dict(refused.get_headers()), refused.get_body()
    except STUMBLES as error:
        log.warning("moto failed on a request to %s", request.service, exc_info=True)
        raise AwsError(
            "InvalidRequest" if request.service == "s3" else "ValidationException",
            f"The request is not one that the sandbox's {request.service} can handle.",
        ) from error
    except NotImplementedError as error:
        raise AwsError(
            "NotImplemented", f"This sandbox does not emulate that request to {request.service}.", 501
        ) from error
    return _response(request, status, headers, body)


def _handled(handler: Handler, wsgi: Any, request: MotoRequest, counted: bool) -> Any:
    """moto's answer. What it raises may come after it has written something."""
    try:
        with moto_lock:
            try:
                return handler(wsgi, wsgi.raw_url, wsgi.headers)
            finally:
                counted = counted and may_write(
                    request.service, request.method, request.path, request.headers, request.account
                )
                if counted:
                    count_change(request.account, request.service)
    finally:
        if counted:
            tell_listeners(request.account, request.service)


def _response(request: MotoRequest, status: int, headers: Mapping[str, Any], body: str | bytes) -> Response:
    found = [(str(name).lower(), str(value)) for name, value in headers.items() if str(name).lower() not in _DROPPED]
    content = body.encode() if isinstance(body, str) else bytes(body or b"")
    if request.method == "HEAD" or status in (204, 304):
        # Its Content-Length is that of the object, which is not sent.
        return Response(status, b"", found)
    return Response(status, content, [pair for pair in found if pair[0] != "content-length"])


@lru_cache(maxsize=16)
def _routes(service: str) -> tuple[tuple[re.Pattern[str], Handler], ...]:
    """The URL patterns of a service, compiled once."""
    from moto import backends
    from moto.core.base_backend import BackendDict

    found = backends.get_backend(service)  # type: ignore[call-overload]
    regions = found["123456789012"] if isinstance(found, BackendDict) else found
    backend = next(regions[name] for name in ("us-east-1", "aws", "global") if name in regions)
    return tuple((re.compile(pattern), handler) for pattern, handler in backend.urls.items())


def _handler(service: str, url: str) -> Handler:
    with moto_lock:
        routes = _routes(service)
    for pattern, handler in routes:
        if pattern.match(url):
            return handler
    raise AwsError("NotImplemented", f"This sandbox does not emulate that request to {service}.", 501)


@lru_cache(maxsize=1)
def _request_class() -> Any:
    """moto's request class, which takes no body for a form and folds no two names of headers into one."""
    from moto.core.request import Request as Base

    class FromSandbox(Base):
        from_wsgi_server = True
        want_form_data_parsed = False

        def __init__(self, environ: dict[str, Any], headers: Headers) -> None:
            super().__init__(environ)
            # WSGI writes names with `_` for `-`, and could not tell `my_key` from `my-key`.
            self.headers = headers

    return FromSandbox


def _host(request: MotoRequest) -> str:
    """The host by which moto tells services apart."""
    name = "streams.dynamodb" if request.service == "dynamodbstreams" else request.service
    return f"{name}.{request.region}.amazonaws.com"


def _headers(request: MotoRequest) -> Headers:
    scope = f"Credential=AKIASANDBOX/20000101/{request.region}/{request.service}/aws4_request"
    return Headers(
        [
            *request.headers.items(),
            ("host", _host(request)),
            ("authorization", f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=verified"),
            ("x-moto-account-id", request.account),
            ("content-length", str(len(request.body))),
        ]
    )


def _environ(request: MotoRequest) -> dict[str, Any]:
    """What moto reads of the request besides its headers.

    Made by hand: werkzeug's EnvironBuilder takes 5 to 10 % of a GetObject, and reads paths as UTF-8 only.
    """
    host = _host(request)
    return {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": _path_info(request.path),
        "RAW_URI": request.path,
        "QUERY_STRING": request.query_string,
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(request.body)),
        "HTTP_HOST": host,
        "SERVER_NAME": host,
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.input": BytesIO(request.body),
        "wsgi.input_terminated": True,
    }


def _path_info(path: str) -> str:
    """The path decoded as WSGI wants it: bytes disguised as Latin-1."""
    return unquote_to_bytes(path).decode("latin-1")
