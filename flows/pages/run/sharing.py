"""One run for whoever has the link: made and revoked by its owner, read by anybody, with no rights to anything else."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import Request
from flows import services
from flows.models import Run
from flows.pages.run.call_list import call_list
from flows.pages.run.lookup import own_run, position_in, sent_by_post, shared_run
from flows.pages.run.run_view import RunView
from flows.pages.run.views import exported, render_run

_ANYBODY = services.RunReader("somebody with the link")


@never_cache
@sent_by_post()
def run_share(request: Request, code: str) -> HttpResponse:
    """Make the link, and show it in the answer to this one POST: it is kept nowhere."""
    run = own_run(request, code)
    token = services.run_share(run=run)
    link = f"{settings.PUBLIC_URL}{reverse('flows:run_shared', args=[token])}"
    return render_run(request, run, "overview", share_link=link)


@sent_by_post()
def run_unshare(request: Request, code: str) -> HttpResponse:
    """Revoke the link."""
    run = own_run(request, code)
    if services.run_unshare(run=run):
        messages.success(request, "The link is revoked. Whoever opens it is told that there is no such run.")
    return redirect(run)


@never_cache
@require_safe
def run_shared(request: Request, token: str) -> HttpResponse:
    """The run as it is stored, on one page, for anybody who has the link."""
    run = shared_run(request, token)
    if isinstance(run, HttpResponse):
        return run
    response = shared_page(
        request,
        run,
        export_url=reverse("flows:run_shared_export", args=[token]),
        har_url=reverse("flows:run_shared_har", args=[token]),
        compare_url=f"{reverse('flows:compare')}?{urlencode({'shared': token})}",
    )
    # The address is the right: no page that this one links to may learn it, and no search engine keep it.
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


@never_cache
@require_safe
def run_shared_export(request: Request, token: str) -> HttpResponse:
    """Its trace as a file."""
    run = shared_run(request, token)
    return run if isinstance(run, HttpResponse) else exported(run)


@never_cache
@require_safe
def run_shared_har(request: Request, token: str) -> HttpResponse:
    """Its calls as an HTTP archive."""
    run = shared_run(request, token)
    return run if isinstance(run, HttpResponse) else exported(run, "har")


def shared_page(request: Request, run: Run, *, whole: bool = False, **context: Any) -> HttpResponse:
    """The page of a run for people who may read it and nothing else of its owner.

    Args:
        whole: with all calls open, as what cannot be asked for again.
    """
    at_call = position_in(request)
    shown = RunView(run, reader=_ANYBODY, alone=True, at_call=at_call)
    listed = call_list(shown.calls, at_call, {"open": "all"} if whole else request.GET)
    context |= {
        "shown": shown,
        "run": run,
        "view": "shared",
        "at_call": at_call,
        "list": listed,
        "raw": listed.raw,
        "whole": whole,
    }
    return render(request, "flows/run_shared.html", context)
