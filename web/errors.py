"""Pages for requests that go no further."""

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from web import outages, request_ids


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Status 403 for a form whose token does not fit: a page that was open for long, or a form of another site."""
    return render(request, "403_csrf.html", {"back": page_before(request)}, status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Status 500, or 503 where something is away for a while.

    The page stands by itself: whatever failed, it asks nothing of.
    """
    if part := outages.part_missing(sys.exc_info()[1]):
        return _unavailable(request, part)
    content = loader.get_template("500.html").render({"request_id": request_ids.current()})
    return HttpResponse(content, status=500)


def _unavailable(request: HttpRequest, part: outages.Part) -> HttpResponse:
    """Status 503, and when to come again (RFC 9110, section 10.2.3).

    A page looks again by itself; a form does not: some of what it asked for may have been done.
    """
    sent = request.method not in ("GET", "HEAD")
    context = {"why": part.value, "sent": sent, "seconds": outages.SECONDS, "request_id": request_ids.current()}
    response = HttpResponse(loader.get_template("503.html").render(context), status=503)
    response["Retry-After"] = str(outages.SECONDS)
    response["Cache-Control"] = "no-store"
    if not sent and "HX-Request" in request.headers:
        # A part of a page that asks for news: the page, and what somebody has typed into it, stays.
        response["HX-Reswap"] = "none"
    return response


def too_many(request: HttpRequest, wait: int, what: str) -> HttpResponse:
    """The page for status 429 (RFC 6585 section 4). `wait`: seconds; `what`: the thing there were too many of."""
    context = {"wait": wait, "what": what, "back": page_before(request)}
    response = render(request, "429.html", context, status=429)
    response["Retry-After"] = str(wait)
    response["Cache-Control"] = "no-store"
    return response


def page_before(request: HttpRequest) -> str:
    """The page of ours that the form was on, since the address it was sent to may be one that only takes forms."""
    page = request.headers.get("Referer", "")
    known = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return page if known else reverse("flows:home")
