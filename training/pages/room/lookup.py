"""Look-up and permission in one: a class, and what is in it, for whoever may see or change it; else a 404."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from accounts.http import Request
from accounts.models import User
from training.models import Cohort, CohortQuerySet, Membership, Role
from training.services.cohorts import cohorts_run_by, cohorts_visible_to
from training.services.errors import Refused
from web.logs import note


def seen_cohort(request: Request, public_id: str, cohorts: CohortQuerySet | None = None) -> Cohort:
    """A class that this person trains or observes. Raises Http404 for any other."""
    return _found(request, cohorts_visible_to(request.user) if cohorts is None else cohorts, public_id)


def run_cohort(request: Request, public_id: str) -> Cohort:
    """A class that this person trains. Raises Http404 for any other: an observer changes nothing."""
    return _found(request, cohorts_run_by(request.user), public_id)


def seat_of(cohort: Cohort, number: int) -> Membership:
    """A learner's seat in a class. Raises Http404 where there is none."""
    seats = Membership.objects.filter(cohort=cohort, role=Role.LEARNER).select_related("cohort")
    found = seats.filter(pk=number).first()
    if found is None:
        raise Http404("There is no such seat in this class.")
    return found


def own_seat(request: Request, public_id: str) -> Membership:
    """This person's own seat in a class. Raises Http404 where they have none."""
    found = (
        Membership.objects.filter(cohort__public_id=public_id, user=acting(request), role=Role.LEARNER)
        .select_related("cohort")
        .first()
    )
    if found is None:
        raise Http404("You have no seat in this class.")
    note(request, cohort=found.cohort_id)
    return found


def acting(request: Request) -> User:
    """Who is signed in, where somebody has to be."""
    if not isinstance(request.user, User):
        raise Http404("Sign in first.")
    return request.user


def number_in(text: str) -> int:
    """A row's number as a form sends it. Raises Http404 for anything else."""
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        raise Http404("This is not a valid number.")
    return int(text)


def back(
    request: Request, cohort: Cohort, *, refused: Refused | None = None, seat: Membership | None = None
) -> HttpResponse:
    """To where the form was: the board, or the page of a seat. With the reason where it was not done."""
    if refused is not None:
        messages.error(request, str(refused))
    if request.POST.get("next") == "seat" and seat is not None:
        return redirect("training:seat", cohort.public_id, seat.pk)
    return redirect("training:board", cohort.public_id)


def context_of(request: Request, cohort: Cohort) -> dict[str, Any]:
    """What the pages of a class share. `runs_it`: whether this person may change it."""
    runs_it = cohorts_run_by(request.user).filter(pk=cohort.pk).exists()
    return {"area": "class", "cohort": cohort, "runs_it": runs_it}


def _found(request: Request, cohorts: CohortQuerySet, public_id: str) -> Cohort:
    found = cohorts.filter(public_id=public_id).first()
    if found is None:
        raise Http404("There is no such class, or it is not yours.")
    note(request, cohort=found.pk)
    return found
