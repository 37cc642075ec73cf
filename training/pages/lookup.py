"""A class or a member of it, for whoever may see or change it; else a 404."""

from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.http import Request
from training.models import Cohort, Membership, Role
from training.services.cohorts import cohorts_run_by, cohorts_visible_to
from training.services.own_accounts import active_membership
from web.logs import note


def cohort_seen(request: Request, public_id: str) -> Cohort:
    """A class that this person trains or observes. Raises Http404 for any other."""
    found = get_object_or_404(cohorts_visible_to(request.user), public_id=public_id)
    note(request, cohort=found.pk)
    return found


def cohort_run(request: Request, public_id: str) -> Cohort:
    """A class that this person trains. Raises Http404 for any other: an observer changes nothing."""
    found = get_object_or_404(cohorts_run_by(request.user), public_id=public_id)
    note(request, cohort=found.pk)
    return found


def seat_here(request: Request) -> Membership:
    """The seat that this person works at now. Raises Http404 where they have none."""
    member = active_membership(request.owner)
    if member is None or member.role != Role.LEARNER:
        raise Http404("You have no seat in a class.")
    note(request, cohort=member.cohort_id)
    return member
