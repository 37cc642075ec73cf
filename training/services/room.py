"""What trainers do in the room, and what learners ask of them. Whoever calls has looked up whose class it is.

Every verb raises the class's version in the transaction of its change, so that each page that shows it is told.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from flows.models import Run, RunShare
from training.models import (
    Assignment,
    AssignmentState,
    Attempt,
    AttemptState,
    Broadcast,
    Cohort,
    HelpEvent,
    HelpRequest,
    HelpState,
    HintUse,
    Membership,
    Role,
    Unlock,
)
from training.services.errors import Refused
from training.services.versions import touch

HINTS = 3
MOST_IN_AN_HOUR = 30  # requests of one seat, each asked and taken back or answered
OPEN_HELP = (HelpState.WAITING, HelpState.TAKEN)
_ENDED = "This class has ended: you can read everything, and change nothing."


# --- Help -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def help_ask(
    *, membership: Membership, text: str, attempt: Attempt | None = None, run: Run | None = None
) -> HelpRequest:
    """Ask the trainers to come. Who asks already adds what is new to that request, and keeps the place in the queue.

    Raises:
        Refused: the class has ended, or this seat has asked very often.
    """
    require_open(membership.cohort)
    text = text.strip()[: HelpRequest._meta.get_field("text").max_length]
    fields = {"text": text, "attempt": attempt, "run": run}
    asked = _open_request(membership)
    if asked is None:
        lately = timezone.now() - timedelta(hours=1)
        if HelpRequest.objects.filter(membership=membership, at__gt=lately).count() >= MOST_IN_AN_HOUR:
            raise Refused("You have asked very often in this hour. Speak to a trainer.")
        try:
            with transaction.atomic():
                asked = HelpRequest.objects.create(membership=membership, **fields)
                HelpEvent.objects.create(request=asked, actor_id=membership.user_id, verb="asked")
        except IntegrityError:  # in another tab, just now
            asked = _open_request(membership)
    if asked is None:
        raise Refused("Try again: somebody has just answered your last request.")
    for name, value in fields.items():
        if value:
            setattr(asked, name, value)
    asked.save(update_fields=list(fields))
    touch(membership.cohort_id)
    return asked


@transaction.atomic
def help_withdraw(*, membership: Membership) -> bool:
    """It is solved without help; returns whether something was asked."""
    return _end_help(HelpRequest.objects.filter(membership=membership), HelpState.WITHDRAWN, membership.user_id)


@transaction.atomic
def help_take(*, request: HelpRequest, trainer: User) -> None:
    """Say that one comes. The first one who does has it.

    Raises:
        Refused: somebody else has, or it is over.
    """
    taken = HelpRequest.objects.filter(pk=request.pk, state=HelpState.WAITING).update(
        state=HelpState.TAKEN, taken_by=trainer, taken_at=timezone.now()
    )
    if not taken:
        request.refresh_from_db()
        if request.taken_by_id == trainer.pk and request.state == HelpState.TAKEN:
            return
        raise Refused("Somebody else has taken this one, or it is over.")
    HelpEvent.objects.create(request=request, actor=trainer, verb="took it")
    touch(request.membership.cohort_id)


@transaction.atomic
def help_hand_over(*, request: HelpRequest, by: User, to: Membership | None) -> None:
    """Give a request to another trainer of the class, or back to the queue (`to` None).

    Raises:
        Refused: there is no such trainer, or the request is over.
    """
    if to is not None and (to.cohort_id != request.membership.cohort_id or to.role != Role.TRAINER):
        raise Refused("Choose a trainer of this class.")
    fields = (
        {"state": HelpState.WAITING, "taken_by": None, "taken_at": None}
        if to is None
        else {"state": HelpState.TAKEN, "taken_by": to.user, "taken_at": timezone.now()}
    )
    if not HelpRequest.objects.filter(pk=request.pk, state__in=OPEN_HELP).update(**fields):
        raise Refused("This request is over.")
    words = f"to {to.shown_name}"[:16] if to else "back"
    HelpEvent.objects.create(request=request, actor=by, verb=words)
    touch(request.membership.cohort_id)


@transaction.atomic
def help_resolve(*, request: HelpRequest, by: User) -> bool:
    """Helped; returns whether it was still open."""
    return _end_help(HelpRequest.objects.filter(pk=request.pk), HelpState.RESOLVED, by.pk)


def _open_request(membership: Membership) -> HelpRequest | None:
    return HelpRequest.objects.filter(membership=membership, state__in=OPEN_HELP).first()


def _end_help(requests: QuerySet[HelpRequest], state: str, actor: int | None) -> bool:
    found = requests.filter(state__in=OPEN_HELP).select_related("membership").first()
    if found is None:
        return False
    HelpRequest.objects.filter(pk=found.pk).update(state=state, resolved_at=timezone.now())
    HelpEvent.objects.create(request=found, actor_id=actor, verb=state)
    touch(found.membership.cohort_id)
    return True


# --- What is said to all ----------------------------------------------------------------------------------------------


@transaction.atomic
def broadcast(
    *, cohort: Cohort, author: User, text: str, share: RunShare | None = None, until: datetime | None = None
) -> Broadcast:
    """Say something to everybody in the class; what was said before is over. It may point at a shared run.

    Raises:
        Refused: there is nothing in it, or the class has ended.
    """
    require_open(cohort)
    text = text.strip()
    if not text:
        raise Refused("Write what to say first.")
    broadcast_withdraw(cohort=cohort)
    said = Broadcast.objects.create(cohort=cohort, author=author, text=text[:500], share=share, until=until)
    touch(cohort)
    return said


@transaction.atomic
def broadcast_withdraw(*, cohort: Cohort) -> int:
    """Take back what is being said; returns how much that was."""
    gone = Broadcast.objects.filter(cohort=cohort, withdrawn_at=None).update(withdrawn_at=timezone.now())
    if gone:
        touch(cohort)
    return gone


# --- For one learner, or for all --------------------------------------------------------------------------------------


@transaction.atomic
def hint_give(*, attempt: Attempt, trainer: User) -> int:
    """Open the next hint of an attempt for the learner; returns its number.

    Raises:
        Refused: all are open, or the class has ended.
    """
    member = attempt.membership
    if member is None:
        raise Refused("This attempt belongs to no class.")
    require_open(member.cohort)
    number = max(attempt.hints_used, attempt.hints_open) + 1
    if number > HINTS:
        raise Refused("All hints of this exercise are open already.")
    HintUse.objects.get_or_create(attempt=attempt, number=number, defaults={"given_by": trainer})
    attempt.hints_open = attempt.hints_used = number
    _attempt_changed(attempt, "hints_open", "hints_used")
    return number


@transaction.atomic
def unlock(*, assignment: Assignment, by: User, membership: Membership | None = None) -> None:
    """Open a locked exercise, for one seat or for the whole class.

    Raises:
        Refused: the class has ended.
    """
    require_open(assignment.cohort)
    if membership is not None:
        Unlock.objects.get_or_create(assignment=assignment, membership=membership, defaults={"by": by})
    else:
        Assignment.objects.filter(pk=assignment.pk).update(state=AssignmentState.OPEN)
    touch(assignment.cohort_id)


@transaction.atomic
def lock(*, assignment: Assignment) -> None:
    """Lock an exercise for those who have not begun it.

    Raises:
        Refused: the class has ended.
    """
    require_open(assignment.cohort)
    Assignment.objects.filter(pk=assignment.pk).update(state=AssignmentState.LOCKED)
    Unlock.objects.filter(assignment=assignment).delete()
    touch(assignment.cohort_id)


@transaction.atomic
def unlock_next(*, cohort: Cohort, by: User) -> Assignment | None:
    """Open the first exercise that is locked, for the whole class; None where there is none."""
    first = cohort.assignments.filter(state=AssignmentState.LOCKED).order_by("position", "pk").first()
    if first is not None:
        unlock(assignment=first, by=by)
    return first


@transaction.atomic
def seat_tell(seat: Membership, sentence: str) -> None:
    """Have whoever is at a seat read what a trainer has just done there, on every page for a while."""
    Membership.objects.filter(pk=seat.pk).update(told=sentence, told_at=timezone.now())
    touch(seat.cohort_id)


@transaction.atomic
def attempt_forget(*, attempt: Attempt) -> None:
    """Let a learner begin an exercise anew: this attempt is kept, and is not the current one any more."""
    if attempt.membership is None:
        raise Refused("This attempt belongs to no class.")
    require_open(attempt.membership.cohort)
    if attempt.state != AttemptState.SOLVED:
        attempt.state = AttemptState.GIVEN_UP
    attempt.current = False
    _attempt_changed(attempt, "current", "state")


def _attempt_changed(attempt: Attempt, *fields: str) -> None:
    if attempt.membership is not None:
        attempt.changed_in = touch(attempt.membership.cohort_id)
    attempt.save(update_fields=[*fields, "changed_in"])


def require_open(cohort: Cohort) -> None:
    """Raise Refused where the class has ended."""
    if not cohort.is_open:
        raise Refused(_ENDED)
