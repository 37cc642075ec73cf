"""How far the class is, for the screen in front of everybody: no account numbers, and names only where chosen."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import Request
from training.pages.room.lookup import seen_cohort
from training.services.board import board_of, with_room
from training.services.cohorts import cohorts_visible_to
from training.services.following import follow_soon


@never_cache
@require_safe
def progress(request: Request, public_id: str) -> HttpResponse:
    """A bar for each exercise. With `since`, the class's version that a page shows: 204 while it is the same."""
    since = request.GET.get("since", "")
    if since:
        found = cohorts_visible_to(request.user).filter(public_id=public_id).values_list("pk", "version").first()
        if found is not None and str(found[1]) == since:
            follow_soon(found[0])
            return HttpResponse(status=204)
    cohort = seen_cohort(request, public_id, with_room(cohorts_visible_to(request.user)))
    follow_soon(cohort.pk)
    return render(request, "training/progress.html", {"area": "class", "cohort": cohort, "board": board_of(cohort)})
