"""The board: complete from the server, then asked every five seconds for what has changed."""

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import Request
from training.models import CohortQuerySet
from training.pages.room.lookup import seen_cohort
from training.services.board import board_of, changes_since, seen_of, with_room
from training.services.cohorts import cohorts_run_by, cohorts_visible_to
from training.services.following import follow_soon

ORDERS = {"stuck": "stuck longest", "seat": "seat", "name": "name"}


@never_cache
@require_safe
def board(request: Request, public_id: str) -> HttpResponse:
    """Learners by exercises, the queue for help, and what a trainer does from here."""
    cohort = seen_cohort(request, public_id, _cohorts(request))
    follow_soon(cohort.pk)
    found = board_of(cohort)
    order = request.GET.get("sort", "")
    order = order if order in ORDERS else "stuck"
    context = {
        "area": "class",
        "cohort": cohort,
        "runs_it": cohort.runs_it,  # type: ignore[attr-defined]  # annotated below
        "board": found,
        "rows": found.sorted_by(order),
        "order": order,
        "orders": ORDERS,
    }
    return render(request, "training/board.html", context)


@never_cache
@require_safe
def board_changes(request: Request, public_id: str) -> HttpResponse:
    """What has changed since a page was last told: cells out of band, or 204 while nothing has."""
    seen = seen_of(request.GET.get("since", ""))
    if seen is None:
        raise Http404("This is not what a board asks.")
    found = cohorts_visible_to(request.user).filter(public_id=public_id).values_list("pk", "version").first()
    if found is None:
        raise Http404("There is no such class, or it is not yours.")
    number, version = found
    follow_soon(number)
    if version == seen.version:
        return HttpResponse(status=204)
    cohort = seen_cohort(request, public_id, _cohorts(request))
    changes = changes_since(board_of(cohort), seen)
    context = {
        "cohort": cohort,
        "runs_it": cohort.runs_it,  # type: ignore[attr-defined]  # annotated below
        "board": changes.board,
        "changes": changes,
        "oob": True,
    }
    return render(request, "training/board_changes.html", context)


def _cohorts(request: Request) -> CohortQuerySet:
    """With whether this person runs the class, in the same query."""
    mine = cohorts_run_by(request.user).filter(pk=OuterRef("pk"))
    return with_room(cohorts_visible_to(request.user)).annotate(runs_it=Exists(mine))
