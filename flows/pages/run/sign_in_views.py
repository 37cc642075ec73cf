"""The sign-in of a run: begun, come back from, used again, linked.

The forms that lead here are never sent by htmx: what follows is another site, which takes the whole browser.
"""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.http import Request
from cognitodemo.ratelimit import limit_anonymous_runs
from flows import services
from flows.exchange.pools import UnknownPool, pool_for
from flows.models import Run
from flows.pages.run.forms import PACE_STEP
from flows.pages.run.lookup import not_done, own_run


def to_sign_in(run: Run, *, step_by_step: bool) -> HttpResponse:
    """Send the browser on its way to the provider. How to go on afterwards is in the path back."""
    back = reverse("flows:run_signed_in", args=[run.code])
    return HttpResponseRedirect(
        services.run_sign_in(run=run, return_path=f"{back}?pace={PACE_STEP}" if step_by_step else back)
    )


@require_POST
@limit_anonymous_runs
def run_sign_in(request: Request, code: str) -> HttpResponse:
    """Begin the sign-in of an open run once more: the earlier one was left, or has run out."""
    run = own_run(request, code)
    try:
        return to_sign_in(run, step_by_step=request.POST.get("pace") == PACE_STEP)
    except services.RunError as error:
        return not_done(request, error, run)


@never_cache
@require_safe
def run_signed_in(request: Request, code: str) -> HttpResponse:
    """Back from the provider: go on with the exchange, or show why there is none."""
    run = own_run(request, code)
    try:
        if services.run_signed_in(run=run):
            if request.GET.get("pace") == PACE_STEP:
                return redirect("flows:run_view", run.code, "flow")
            services.run_all(run=run)
    except services.RunOver:
        pass  # somebody came back here by the browser's Back
    except services.RunError as error:
        return not_done(request, error, run)
    return redirect(run)


@require_POST
@limit_anonymous_runs
def run_again(request: Request, code: str) -> HttpResponse:
    """A new run with the sign-in of this one."""
    source = own_run(request, code)
    try:
        run = services.run_again(
            source=source,
            variant=request.POST.get("flow", ""),
            pool=pool_for(request.owner, request.POST.get("pool") or source.pool_key),
        )
        return _on(request, run)
    except (services.RunError, UnknownPool) as error:
        return not_done(request, error, source)


@require_POST
@limit_anonymous_runs
def run_link(request: Request, code: str) -> HttpResponse:
    """A new run that links this one's login to the identity of another."""
    source = own_run(request, code)
    target = own_run(request, request.POST.get("to", ""))
    try:
        run = services.run_link(source=source, target=target, pool=pool_for(request.owner, source.pool_key))
        return _on(request, run)
    except (services.RunError, UnknownPool) as error:
        return not_done(request, error, source)


def _on(request: Request, run: Run) -> HttpResponse:
    """Make the new run's calls, or stop before the first."""
    if request.POST.get("pace") == PACE_STEP:
        return redirect("flows:run_view", run.code, "flow")
    services.run_all(run=run)
    return redirect(run)
