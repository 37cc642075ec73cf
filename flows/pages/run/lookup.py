"""Look-up and permission in one: a run for whoever may see it, else a 404; and why a service did not do it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from accounts.http import Request
from accounts.models import User
from flows import services
from flows.exchange.pools import UnknownPool
from flows.models import Outcome, Run
from web.errors import too_many
from web.logs import note
from web.ratelimit import Limit, address_of, hit

_WRONG_PER_MINUTE = 60  # links that share nothing


def sent_by_post(view: str = "") -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """For what only a POST may do to a run. Whoever loads its address anew, after an error, comes to the run.

    Args:
        view: the view of the run to which that leads; its overview by default.
    """

    def decorate(act: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(act)
        def wrapped(request: Request, code: str, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method in ("GET", "HEAD"):
                return redirect("flows:run_view", code, view) if view else redirect("flows:run_detail", code)
            answer: HttpResponse = require_POST(act)(request, code, *args, **kwargs)
            return answer

        return wrapped

    return decorate


def readable_run(request: Request, code: str) -> tuple[Run, services.RunReader | None]:
    """The run, and as what this person reads it: None is the owner. Raises Http404 for whoever may not."""
    run = Run.of_code(code)
    reader = None
    if run and not run.belongs_to(request.owner):
        reader = services.reader_of(request.user, run) if isinstance(request.user, User) else None
        run = run if reader else None
    return _found(request, run), reader


def own_run(request: Request, code: str) -> Run:
    """The run, if this person owns it. A reviewer may only read: not go on with a run, nor see its secrets.

    Raises Http404 for anybody else.
    """
    run = Run.of_code(code)
    return _found(request, run if run and run.belongs_to(request.owner) else None)


def shared_run(request: Request, token: str) -> Run | HttpResponse:
    """The run that a link opens for anybody, or the page that says that there were too many wrong links.

    Raises Http404 for a wrong one.
    """
    share = services.share_found(token)
    if share is None:
        if wait := hit(Limit("wrong shared link", address_of(request), _WRONG_PER_MINUTE)):
            return too_many(request, wait, "links that do not work")
        raise Http404("There is no such run, or it is not shared any more.")
    note(request, shared=share.run_id)
    return share.run


def position_in(request: Request) -> int | None:
    """The position of the call that the address names, as `?call=3`."""
    at = request.GET.get("call", "")
    return int(at) if at.isascii() and at.isdigit() and len(at) < 5 else None


def not_done(request: Request, error: services.RunError | UnknownPool, *back: Any) -> HttpResponse:
    """Say why a service did not do it: on the page that `back` names for `redirect`, or without a run on its own."""
    if isinstance(error, services.RunGone):
        return render(request, "flows/run_gone.html", {"area": "runs", "gone": error}, status=410)
    messages.error(request, str(error))
    return redirect(*back)


def _found(request: Request, run: Run | None) -> Run:
    if run is None:
        raise Http404("There is no such run.")
    note(request, run=run.pk)
    if run.outcome == Outcome.RUNNING and services.runs_interrupt():
        return _found(request, Run.objects.filter(pk=run.pk).first())
    return run
