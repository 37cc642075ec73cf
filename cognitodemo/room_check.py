"""The room check: what a telephone or laptop needs of this site, tried where it stands, each with its fix in words.

What the server can see of a request is in the page itself; the rest a script tries from the browser, and without one
the page says so, with a link or a command to try by hand.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cognitodemo.one_port import is_one_port
from operations import parts
from web.origins import origin_of

COOKIE = "lab_check"
_COOKIE_SECONDS = 600
OK, NO, WARN, SCRIPT = "ok", "no", "warn", "script"


@dataclass(frozen=True)
class RoomCheck:
    """One line: `key` for the script, its state as far as the server knows it, and what that means."""

    key: str
    title: str
    state: str
    said: str


@never_cache
@require_safe
def room_check(request: HttpRequest) -> HttpResponseBase:
    """The page. For this page alone the browser may ask the sandbox's own port, to see whether it gets there."""
    return csp_update({"connect-src": _other_origins()})(_page)(request)


@never_cache
@require_safe
def room_check_echo(request: HttpRequest) -> HttpResponse:
    """What of a request arrived, for the page's script: `n` as it was sent, the time, the cookie, a proxy's name."""
    answer = {
        "n": request.GET.get("n", "")[:40],
        "now": round(timezone.now().timestamp() * 1000),
        "cookie": COOKIE in request.COOKIES,
        "via": _proxy(request),
    }
    return JsonResponse(answer)


def _page(request: HttpRequest) -> HttpResponse:
    context = {
        "area": "class",
        "checks": _checks(request),
        "one_port": is_one_port(),
        "public_url": settings.PUBLIC_URL,
        "host": urlsplit(settings.PUBLIC_URL).hostname,
        "stand_ins": f"{settings.SANDBOX_PUBLIC_URL}{settings.STAND_INS_PATH}/",
        "stand_ins_port": urlsplit(settings.SANDBOX_PUBLIC_URL).port,
        "cli_url": settings.SANDBOX_CLI_URL,
        "cli_port": urlsplit(settings.SANDBOX_CLI_URL).port,
        "now": timezone.now(),
    }
    response = render(request, "room_check.html", context)
    response.set_cookie(
        COOKIE, "1", max_age=_COOKIE_SECONDS, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
    return response


def _checks(request: HttpRequest) -> list[RoomCheck]:
    checks = [RoomCheck("application", "This site", OK, f"This page came from {settings.PUBLIC_URL}.")]
    if settings.APP_MODE == "sandbox":
        if parts.sandbox() == "ok":
            stand_ins = RoomCheck("stand-ins", "Sign-in pages", SCRIPT, "Whether this browser reaches them")
            cli = RoomCheck("cli", "AWS CLI and SDK", SCRIPT, "Whether this machine reaches the sandbox’s own port")
        else:
            gone = "The sandbox does not answer this site, from anywhere."
            stand_ins = RoomCheck("stand-ins", "Sign-in pages", NO, gone)
            cli = RoomCheck("cli", "AWS CLI and SDK", NO, gone)
        checks += [stand_ins, cli]
    return [
        *checks,
        _cookies(request),
        RoomCheck("clock", "Clock", SCRIPT, "Whether it agrees with the server’s"),
        _proxy_check(request),
    ]


def _cookies(request: HttpRequest) -> RoomCheck:
    if COOKIE in request.COOKIES:
        return RoomCheck("cookies", "Cookies", OK, "This browser keeps them.")
    if "again" in request.GET:
        return RoomCheck("cookies", "Cookies", NO, "This browser did not bring back the one that it was given.")
    return RoomCheck("cookies", "Cookies", SCRIPT, "Whether this browser keeps them")


def _proxy_check(request: HttpRequest) -> RoomCheck:
    if name := _proxy(request):
        return RoomCheck("proxy", "Proxy", WARN, f"There is a proxy between this browser and the site: {name}")
    return RoomCheck("proxy", "Proxy", SCRIPT, "Whether answers come fresh, and nothing answers in between")


def _proxy(request: HttpRequest) -> str:
    """What a proxy on the way says of itself (RFC 9110, section 7.6.3), unless proxies are part of this site."""
    return "" if settings.TRUSTED_PROXIES else request.headers.get("Via", "")[:100]


def _other_origins() -> list[str]:
    """Origins but the site's own that the page's script asks."""
    if settings.APP_MODE != "sandbox":
        return []
    found = {origin_of(url) for url in (settings.SANDBOX_CLI_URL, settings.SANDBOX_PUBLIC_URL)}
    return sorted(found - {origin_of(settings.PUBLIC_URL)})
