"""Trainers read the runs of learners in their classes; that they did is written down, and the learner sees it."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from flows.models import Run
from flows.services.readers import RunReader
from training.models import Membership, Role, RunLook

WATCHING = (Role.TRAINER, Role.OBSERVER)
_ONE_LOOK = timedelta(minutes=10)


def reader_in_class(user: User, run: Run) -> RunReader | None:
    """As what somebody reads the run of a learner: as trainer or observer of the class in which it was made.

    Made in the class is what was made in the account of its seat, or belongs to an attempt there: who learns with an
    account of the site does other things with it too.
    """
    if run.user_id is None:
        return None
    seats = Membership.objects.filter(user_id=run.user_id, role=Role.LEARNER).filter(
        Q(sandbox_accounts__account_id=run.account_id) | Q(attempts__attempt_runs__run=run)
    )
    watching = (
        Membership.objects.filter(user=user, role__in=WATCHING, cohort__in=seats.values("cohort"))
        .select_related("cohort")
        .order_by("-role")  # a trainer's comes before an observer's
        .first()
    )
    if watching is None:
        return None
    _look(user, run, watching.shown_name)
    capacity = f"{'a trainer' if watching.role == Role.TRAINER else 'an observer'} of {watching.cohort.name}"
    return RunReader(capacity, notes=watching.role == Role.TRAINER)


def _look(user: User, run: Run, name: str) -> None:
    """Several pages of a run within ten minutes are one look."""
    since = timezone.now() - _ONE_LOOK
    if not RunLook.objects.filter(run=run, user=user, at__gt=since).exists():
        RunLook.objects.create(run=run, user=user, name=name or str(user))
