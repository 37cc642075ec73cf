"""The stand-ins at the application's own address: what a browser needs of the sandbox, through the one port it reaches.

Tunnels and company networks carry one port. Where SANDBOX_PUBLIC_URL is PUBLIC_URL, paths below `/idp/` are passed on
to the sandbox, and nothing else is: no operation of AWS, no object, no switch. Issuers, redirects and forms then have
the application's address, since the path is the same on both sides.

The application's cookies stay here, and the stand-ins' stay below their path. No session is opened on the way, so these
requests come before it, and before the protection of the application's own forms: the stand-ins protect theirs.
"""

from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

import httpget
from web import sandboxes
from web.proxies import is_loopback
from web.sandboxes import stand_in_account

GetResponse = Callable[[HttpRequest], HttpResponse]
SECONDS = 15.0  # for the whole answer; what takes longest is a password's proof
LARGEST = 2 * 1024 * 1024  # bytes of an answer
_METHODS = ("GET", "HEAD", "POST", "OPTIONS")
# Whatever else a request says is the application's business (Referer may have a run's code in it), or would have the
# sandbox take it for a call of AWS.
_PASSED_ON = (
    "Accept",
    "Accept-Language",
    "Access-Control-Request-Headers",
    "Access-Control-Request-Method",
    "Authorization",
    "Content-Type",
    "Origin",
    "User-Agent",
)
# Of one connection (RFC 9110, section 7.6.1), or said anew here.
_NOT_PASSED_BACK = (
    "connection",
    "content-length",
    "date",
    "keep-alive",
    "server",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
)
_UNSAID = "unknown"  # who asks, where that is not known: nobody on this machine


class StandInsMiddleware:
    """Answers below `/idp/` in place of the sandbox, where browsers have one port."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_one_port() or request.path_info.split("/", 2)[1:2] != [settings.STAND_INS_PATH.strip("/")]:
            return self.get_response(request)
        if request.path_info == settings.STAND_INS_PATH:
            return HttpResponseRedirect(f"{settings.STAND_INS_PATH}/")
        return pass_on(request)


def is_one_port() -> bool:
    """Whether browsers reach the stand-ins at the application's address."""
    return bool(settings.APP_MODE == "sandbox" and settings.SANDBOX_PUBLIC_URL == settings.PUBLIC_URL)


def pass_on(request: HttpRequest) -> HttpResponse:
    """The stand-ins' answer to a request for one of their pages."""
    if request.method not in _METHODS:
        return HttpResponse(status=405, headers={"Allow": ", ".join(_METHODS)})
    if any(part in (".", "..") for part in request.path_info.split("/")):
        return _told(404, "There is no such page.")
    path = quote(request.path_info, safe="/:@!$&'()*+,;=~")
    query = request.META.get("QUERY_STRING", "")
    try:
        answer = httpget.ask(
            request.method,
            f"{sandboxes.of_account(stand_in_account(request.path_info)).endpoint}{path}{'?' if query else ''}{query}",
            _headers(request),
            request.body,
            seconds=SECONDS,
            largest=LARGEST,
        )
    except httpget.TimedOut:
        return _told(504, "The sandbox did not answer in time.")
    except httpget.NoAnswer:
        return _told(502, "The sandbox does not answer. Is it running?")
    return _passed_back(answer)


def _headers(request: HttpRequest) -> dict[str, str]:
    headers = {name: value for name in _PASSED_ON if (value := request.headers.get(name))}
    own = [part.strip() for part in request.headers.get("Cookie", "").split(";")]
    if cookies := [part for part in own if part.startswith(settings.STAND_IN_COOKIES)]:
        headers["Cookie"] = "; ".join(cookies)
    # What is signed at a stand-in (OAuth 1.0a) has the public address in it.
    return headers | {"Host": urlsplit(settings.PUBLIC_URL).netloc, "X-Forwarded-For": _client(request)}


def _client(request: HttpRequest) -> str:
    """Who asks, as far as that is known. A tunnel ends on this machine, and nobody behind it sits here."""
    address: str = request.META.get("REMOTE_ADDR", "")
    if is_loopback(address) and not is_loopback(urlsplit(settings.PUBLIC_URL).hostname or ""):
        return _UNSAID
    return address or _UNSAID


def _passed_back(answer: httpget.Answer) -> HttpResponse:
    response = HttpResponse(answer.body, status=answer.status)
    del response["Content-Type"]
    for name, value in answer.headers:
        if name.lower() not in _NOT_PASSED_BACK:
            response[name] = value
    for _, value in (pair for pair in answer.headers if pair[0].lower() == "set-cookie"):
        _keep_cookie(response, value)
    return response


def _keep_cookie(response: HttpResponse, header: str) -> None:
    """Take a cookie along, if it is a stand-in's and stays below their path: for this host alone."""
    read: SimpleCookie = SimpleCookie()
    try:
        read.load(header)
    except CookieError:
        return
    for name, morsel in read.items():
        below = morsel["path"].startswith(f"{settings.STAND_INS_PATH}/") and ".." not in morsel["path"]
        if name.startswith(settings.STAND_IN_COOKIES) and below:
            morsel["domain"] = ""
            response.cookies[name] = morsel


def _told(status: int, sentence: str) -> HttpResponse:
    return HttpResponse(f"{sentence}\n", status=status, content_type="text/plain; charset=utf-8")
