"""The reviewer's bar on a run's page: mark it as reviewed, and go on to the next that is not."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from accounts.http import Request
from accounts.models import User
from flows import services
from flows.models import Run
from flows.pages.run.lookup import readable_run


@require_POST
def run_review(request: Request, code: str) -> HttpResponse:
    """Mark as reviewed with the `note`, or with `withdraw` take the mark away; with `next` go on to the next run."""
    reviewer = _reviewer(request)
    run, _ = readable_run(request, code)
    if "withdraw" in request.POST:
        services.run_withdraw_review(run=run)
        messages.success(request, f"Run {run.short_code} is no longer marked as reviewed.")
        return redirect(run)
    note = request.POST.get("note", "")[: services.LONGEST_REVIEW]
    services.run_review(run=run, reviewer=reviewer, note=note)
    messages.success(request, f"Run {run.short_code} is marked as reviewed.")
    return _next(request, run) if "next" in request.POST else redirect(run)


@require_safe
def run_review_next(request: Request, code: str) -> HttpResponse:
    """To the next older run that nobody has reviewed, and after the oldest one to the newest."""
    _reviewer(request)
    run, _ = readable_run(request, code)
    return _next(request, run)


def _reviewer(request: Request) -> User:
    """Who asks, if they may review. Raises Http404 for anybody else."""
    if not isinstance(request.user, User) or not request.user.has_perm("flows.review_run"):
        raise Http404("There is no such run for your review.")
    return request.user


def _next(request: Request, run: Run) -> HttpResponse:
    following = services.run_to_review(after=run)
    if following is None:
        messages.success(request, "Every other run that has ended is reviewed.")
    return redirect(following or run)
