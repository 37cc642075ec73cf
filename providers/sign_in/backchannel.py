"""The calls of our own server to providers: no redirect is followed, and no answer may last or grow for ever."""

from contextlib import suppress
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from requests import (
    ConnectionError,
    PreparedRequest,
    RequestException,
    Response,
    Session,  # noqa: TID251 (only its form: httpget asks)
    Timeout,
    TooManyRedirects,
)
from requests.adapters import HTTPAdapter
from requests.exceptions import SSLError
from requests.utils import DEFAULT_CA_BUNDLE_PATH, select_proxy
from urllib3 import HTTPHeaderDict, HTTPResponse
from urllib3.exceptions import DecodeError

import httpget
from web import sandboxes
from web.sandboxes import stand_in_account

LARGEST = 2_000_000  # bytes of an answer, unpacked; metadata of a SAML federation is the longest that is asked for
DEADLINE = 10.0  # seconds for the whole, from connecting to the last byte of the answer
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
_ERRORS: dict[type[httpget.NoAnswer], type[RequestException]] = {
    httpget.TimedOut: Timeout,
    httpget.TooLarge: TooLarge,
    httpget.TlsFailed: SSLError,
    httpget.NoAnswer: ConnectionError,
}


class _BoundedAdapter(HTTPAdapter):
    """Lets `requests` prepare and read, as social-auth's backends know it, and `httpget` ask."""

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> Response:
        url, body = request.url or "", request.body or b""
        content = body.encode() if isinstance(body, str) else body
        assert isinstance(content, bytes), "the backends send forms"
        proxy = select_proxy(url, proxies)
        headers = {_text(name): _text(value) for name, value in request.headers.items()}
        if at_sandbox := _at_sandbox(url):
            headers["Host"] = urlsplit(url).netloc
            url, proxy = at_sandbox, None
        try:
            answer = httpget.ask(
                request.method or "GET",
                url,
                headers,
                content,
                seconds=DEADLINE,
                largest=LARGEST,
                authorities=verify if isinstance(verify, str) else DEFAULT_CA_BUNDLE_PATH,
                proxy=f"http://{proxy}" if proxy and "://" not in proxy else proxy,
            )
        except httpget.NoAnswer as error:
            raise _ERRORS[type(error)](request=request) from error
        if _is_too_large(answer):
            raise TooLarge(request=request)
        return self.build_response(request, _raw(answer))


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
        session.mount("http://", _BoundedAdapter())
        session.mount("https://", _BoundedAdapter())
        session.headers["Connection"] = "close"
        response = session.request(method, address, allow_redirects=False, **options)
    if response.is_redirect:
        raise TooManyRedirects("The answer is a redirect.", request=response.request, response=response)
    return response


def code_of(error: RequestException) -> str:
    """Why there is no answer, by social-auth's code or, where it has none, by ours."""
    for kind, code in _CODES:
        if isinstance(error, kind):
            return code
    return "http_error"


def _at_sandbox(url: str) -> str:
    """Where a stand-in is asked from this machine: at the sandbox's own port. The address that browsers know it by may
    lead through a tunnel, or back to this very process. Empty for everybody else's addresses."""
    place = sandboxes.of_account(stand_in_account(urlsplit(url).path))
    at_one = [one for one in (place, *sandboxes.every()) if one.endpoint and url.startswith(f"{one.public_url}/")]
    return f"{at_one[0].endpoint}{url.removeprefix(at_one[0].public_url)}" if at_one else ""


def _is_too_large(answer: httpget.Answer) -> bool:
    """Counted unpacked, since a small answer may be packed of a large one."""
    size = 0
    with suppress(DecodeError):  # which `requests` finds, too, and reports in its own way
        for part in _raw(answer).stream(_CHUNK, decode_content=True):
            size += len(part)
            if size > LARGEST:
                return True
    return False


def _raw(answer: httpget.Answer) -> HTTPResponse:
    return HTTPResponse(
        BytesIO(answer.body),
        headers=HTTPHeaderDict(answer.headers),
        status=answer.status,
        reason=answer.reason,
        preload_content=False,
    )


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
