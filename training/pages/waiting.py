"""While the account of somebody's seat is not there: a page that says so, tries again, and leads back."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import Request
from flows.exchange.own_accounts import NotThere
from training.services.own_accounts import own_accounts_of
from web.errors import page_before

_SECONDS = 4


class AccountMiddleware:
    """Answer with that page wherever a person's pools are asked for and their account is missing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: Request, exception: Exception) -> HttpResponse | None:
        return waiting(request, exception) if isinstance(exception, NotThere) else None


def waiting(request: Request, why: NotThere) -> HttpResponse:
    """Status 503, and when to come again (RFC 9110, section 10.2.3). What was sent by a form was not done."""
    sent = request.method not in ("GET", "HEAD")
    context = {
        "area": "class",
        "why": str(why),
        "sent": sent,
        "back": page_before(request) if sent else request.get_full_path(),
        "seconds": _SECONDS,
    }
    response = render(request, "training/account_waiting.html", context, status=503)
    response["Retry-After"] = str(_SECONDS)
    response["Cache-Control"] = "no-store"
    return response


@never_cache
@require_safe
def account_there(request: Request) -> HttpResponse:
    """What that page asks: 204 for as long as it has to wait, then it is told to load itself again."""
    try:
        own_accounts_of(request.owner)
    except NotThere as why:
        return HttpResponse(status=204) if request.htmx else waiting(request, why)
    return HttpResponse(status=204, headers={"HX-Refresh": "true"}) if request.htmx else redirect("training:home")
