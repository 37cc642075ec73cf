"""Gives every browser a random visitor id, so that a person without an account has a history of their own."""

from collections.abc import Callable
from uuid import UUID, uuid4

from django.conf import settings
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse

from accounts.owners import Owner

_YEAR = 365 * 24 * 3600
# With https the cookie was called so as well once. Its signature covers its name, so none can be had any more.
EARLIER = "lab_visitor"


class VisitorMiddleware:
    """Sets `request.owner`: the account, if somebody is signed in, and the visitor id of this browser."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        known = _visitor_of(request, settings.VISITOR_COOKIE_NAME)
        visitor = known or _visitor_of(request, EARLIER) or uuid4()
        request.owner = Owner(user_id=request.user.pk, visitor=visitor)  # type: ignore[attr-defined]
        response = self.get_response(request)
        # Who signs in takes along what this browser has made. A copy of its id opens nothing from then on, and whoever
        # comes after a sign-out begins anew.
        if request.user.pk != request.owner.user_id:  # type: ignore[attr-defined]
            known, visitor = None, uuid4()
        # A form that another site posts to us comes without this cookie. A new one would replace the browser's own.
        if known is None and not getattr(response, "without_visitor", False):
            name, secure = settings.VISITOR_COOKIE_NAME, settings.HTTPS
            response.set_signed_cookie(name, str(visitor), max_age=_YEAR, httponly=True, samesite="Lax", secure=secure)
            if name != EARLIER and EARLIER in request.COOKIES:
                response.delete_cookie(EARLIER)
        return response


def _visitor_of(request: HttpRequest, name: str) -> UUID | None:
    """The visitor id that the browser sent in the cookie `name`, if it did and we signed it."""
    try:
        return UUID(request.get_signed_cookie(name, max_age=_YEAR))
    except (KeyError, BadSignature, ValueError):
        return None
