"""What happens to every request before and after its view."""

import logging
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import BadRequest, DisallowedHost
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

from cognitodemo import health, metrics
from web import request_ids
from web.brought_files import largest_body
from web.logs import note

GetResponse = Callable[[HttpRequest], HttpResponse]
log = logging.getLogger("lab.request")


_PROBES = {**health.PATHS, "/metrics": metrics.metrics}


class HealthMiddleware:
    """Answers the probes first: they come without cookies, by address instead of name, and need not fill the log."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = _PROBES.get(request.path_info)
        return view(request) if view and request.method in ("GET", "HEAD") else self.get_response(request)


class RequestIdMiddleware:
    """Numbers each request: X-Request-ID in the answer, `request` in its log lines, and on pages about errors."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = request_ids.begin()
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_ids.current()
            return response
        finally:
            request_ids.end(token)


class RequestLogMiddleware:
    """One line a request: method, path without query, status, milliseconds, the account's key, the run's key."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        note(request, ms=round((time.perf_counter() - started) * 1000, 1), user=_account_of(request))
        fields = {"method": request.method, "path": request.path, "status": response.status_code}
        message = "{method} {path} {status}".format(**fields)
        # A page brings a handful of files along. Answered as they should be, they would bury what people did.
        level = logging.DEBUG if _is_plain_file(request, response) else logging.INFO
        log.log(level, "%s", message, extra={"fields": fields | request.log_fields})  # type: ignore[attr-defined]
        return response


def _is_plain_file(request: HttpRequest, response: HttpResponse) -> bool:
    return request.path.startswith(settings.STATIC_URL) and response.status_code < 400


class OneHostMiddleware:
    """Sends browsers that came by another host name to PUBLIC_URL, and says so where it cannot.

    Mixing `localhost` and `127.0.0.1` would give one browser two sets of cookies. The target is our own setting, never
    what the request claims, so a forged Host header leads nowhere. Only the name is compared: a port may be forwarded.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            host = urlsplit(f"//{request.get_host()}").hostname
        except DisallowedHost:
            host = None
        if host == urlsplit(settings.PUBLIC_URL).hostname:
            return self.get_response(request)
        if request.method in ("GET", "HEAD"):
            return HttpResponseRedirect(settings.PUBLIC_URL + request.get_full_path())
        if host is None:
            sentence = (
                f"This server does not answer for the host name in the request. Open {settings.PUBLIC_URL} instead.\n"
            )
            return HttpResponse(sentence, status=400, content_type="text/plain; charset=utf-8")
        return self.get_response(request)


class NulMiddleware:
    """Refuses a NUL character in an address or a form: no browser sends one, and PostgreSQL stores no text with one."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """Refuse a request with a NUL character in its path or parameters.

        Raises:
            BadRequest: there is one.
        """
        given = (value for values in (request.GET, request.POST) for _, many in values.lists() for value in many)
        if "\x00" in request.path or any("\x00" in value for value in given):
            raise BadRequest("A NUL character in the request.")


class BodySizeMiddleware:
    """Refuses a body that is larger than anything this site takes, before a form or an upload is read."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = str(request.META.get("CONTENT_LENGTH") or "0")
        largest = largest_body(request.path_info)
        if not length.isdigit() or int(length) > largest:
            sentence = f"The request is too large: at most {largest} bytes are taken.\n"
            return HttpResponse(sentence, status=413, content_type="text/plain; charset=utf-8")
        return self.get_response(request)


class CompressMiddleware(GZipMiddleware):
    """Compresses pages that are known to carry no credential, and nothing else.

    Whoever can have a page reflect what they choose, and sees how long the answers are, can guess what else is in it
    byte by byte (BREACH). Django masks the CSRF token and pads each answer; what is revealed, and codes, are left out
    here all the same: each answer to a POST, and the pages of one sign-in, of accounts, of seats and keys, the mailbox.
    """

    _PLAIN = frozenset({"flows:mailbox"})
    _ALSO = frozenset(
        {
            "admin:index",
            "providers:sign_in_list",
            *("training:exercise_list", "training:exercise"),
            *("training:board", "training:board_changes", "training:progress", "training:report"),
        }
    )
    _KINDS = ("text/html", "application/json", "image/svg+xml")

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        return super().process_response(request, response) if self._may_compress(request, response) else response

    def _may_compress(self, request: HttpRequest, response: Any) -> bool:
        match = request.resolver_match
        if match is None or request.method not in ("GET", "HEAD") or response.status_code != 200:
            return False
        ours = match.app_name == "flows" or match.view_name.startswith("admin:flows_") or match.view_name in self._ALSO
        return ours and match.view_name not in self._PLAIN and response.get("Content-Type", "").startswith(self._KINDS)


class HeadersMiddleware:
    """Pages depend on who asks and on whether htmx asks: caches between us and the browser must not keep them."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-cache"
        patch_vary_headers(response, ["HX-Request"])
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
        return response


def _account_of(request: HttpRequest) -> int | None:
    user = getattr(request, "user", None)
    try:
        return user.pk if user is not None else None
    except (DatabaseError, InterfaceError):  # nobody has asked for the account yet, and now nobody can be asked
        return None
