"""Making a class, changing it, ending it, and who trains it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from training.models import Assignment, Attempt, Cohort, CohortState, Membership, ReturnRequest, Role, SandboxAccount
from training.services.errors import Refused
from training.services.joining import keep_join_code
from training.services.presets import exercises_of, preset_with, require_known, version_of
from training.services.sandbox_accounts import make_wanted_soon, retire, want_accounts
from training.services.versions import touch

MORE = timedelta(hours=10)  # that a class has when it is gone on with
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def cohort_make(
    *,
    trainer: User,
    name: str,
    seats: int,
    preset: str = "",
    exercises: Sequence[str] = (),
    seed_soon: bool = True,
    **fields: Any,
) -> Cohort:
    """Make a class, open, with its trainer, its exercises, and an account of the sandbox for each seat.

    Args:
        preset: whose exercises it has, or `all`, where `exercises` names none.
        exercises: slugs, in the order in which people meet them.
        seed_soon: have the accounts made beside this request; else the caller has them made.
        fields: of the Cohort.

    Raises:
        Refused: there is no such exercise.
    """
    slugs = require_known(exercises or exercises_of(preset))
    with transaction.atomic():
        cohort = Cohort.objects.create(name=name, seats=seats, preset=preset_with(slugs), created_by=trainer, **fields)
        keep_join_code(cohort)
        Membership.objects.create(
            cohort=cohort, user=trainer, role=Role.TRAINER, display_name=str(trainer), last_seen_at=timezone.now()
        )
        Assignment.objects.bulk_create(_assignment(cohort, slug, position) for position, slug in enumerate(slugs))
        want_accounts(cohort)
        if seed_soon:
            make_wanted_soon(cohort)
    return cohort


def exercises_choose(cohort: Cohort, slugs: Sequence[str]) -> None:
    """Have the class work at these exercises, in this order. What people did in others stays, and comes back with them.

    Raises:
        Refused: there is none, or there is no such exercise.
    """
    with transaction.atomic():
        there = {row.exercise: row for row in Assignment.objects.select_for_update().filter(cohort=cohort)}
        chosen = require_known(slugs, also=list(there))
        if chosen == [row.exercise for row in sorted(there.values(), key=lambda row: (row.position, row.pk))]:
            return
        for position, slug in enumerate(chosen):
            row = there.pop(slug, None)
            if row is None:
                row = _assignment(cohort, slug, position)
                row.save(force_insert=True)
                Attempt.objects.filter(membership__cohort=cohort, exercise=slug).update(assignment=row)
            elif row.position != position:
                row.position = position
                row.save(update_fields=["position"])
        Assignment.objects.filter(pk__in=[row.pk for row in there.values()]).delete()
        cohort.preset = preset_with(chosen)
        cohort.save(update_fields=["preset"])
        touch(cohort)


def cohort_change(cohort: Cohort, *, seed_soon: bool = True, **fields: Any) -> None:
    """Change what can be changed while a class runs.

    Args:
        seed_soon: have accounts for more seats made beside this request; else the caller has them made.

    Raises:
        Refused: fewer seats than are taken.
    """
    with transaction.atomic():
        seats = fields.get("seats", cohort.seats)
        highest = (
            Membership.objects.filter(cohort=cohort, seat__isnull=False)
            .order_by("-seat")
            .values_list("seat", flat=True)
        ).first()
        if highest is not None and seats < highest:
            raise Refused(f"Seat {highest} is taken. There can be no fewer seats than that.")
        for name, value in fields.items():
            setattr(cohort, name, value)
        cohort.save(update_fields=list(fields))
        retire(SandboxAccount.objects.filter(cohort=cohort, seat__gt=seats))
        if want_accounts(cohort) and seed_soon:
            make_wanted_soon(cohort)
        touch(cohort)


def cohort_prolong(cohort: Cohort, until: datetime) -> bool:
    """Have an open class end by itself, no earlier than that, and go on if it had; returns whether it had.

    One without an end gets it too: what never ends is never deleted.
    """
    if cohort.ends_at is not None and cohort.ends_at >= until:
        return False
    had_ended = not cohort.is_open
    cohort_change(cohort, ends_at=until)
    return had_ended


def cohort_end(cohort: Cohort) -> None:
    """End a class: from now on it is for reading."""
    with transaction.atomic():
        ended = Cohort.objects.filter(pk=cohort.pk, state__in=[CohortState.DRAFT, CohortState.OPEN])
        ended.update(state=CohortState.CLOSED, ended_at=timezone.now(), join_open=False)
        touch(cohort)
    cohort.refresh_from_db()


def cohort_reopen(cohort: Cohort) -> None:
    """Go on with a class that has ended and was not deleted; ten hours more, where its time is over."""
    now = timezone.now()
    with transaction.atomic():
        closed = Cohort.objects.filter(pk=cohort.pk, state=CohortState.CLOSED)
        closed.update(state=CohortState.OPEN, ended_at=None, join_open=True)
        # A time that is over would end it at once; and what never ends is never deleted.
        Cohort.objects.filter(pk=cohort.pk, ends_at__lte=now).update(ends_at=now + MORE)
        touch(cohort)
    cohort.refresh_from_db()


def deletion_date(cohort: Cohort) -> datetime | None:
    """When what people did here is deleted; None while nobody can know."""
    ended = cohort.ended_at or cohort.ends_at
    return ended + timedelta(days=cohort.retention_days) if ended is not None else None


def staff_add(cohort: Cohort, username: str, role: Role) -> Membership:
    """Make somebody with an account of the site a trainer or an observer of the class.

    Raises:
        Refused: there is no such account, or it learns here.
    """
    user = User.objects.filter(username__iexact=username.strip(), is_active=True).first()
    if user is None or not user.has_own_name:
        raise Refused("No account of this site has that name. People sign up first, then you add them.")
    try:
        with transaction.atomic():
            member, made = Membership.objects.get_or_create(
                cohort=cohort,
                user=user,
                # Nobody is taken out of the class in which they work by being added to another.
                defaults={"role": role, "display_name": str(user), "chosen_at": _NEVER},
            )
            touch(cohort)
    except IntegrityError:
        raise Refused("Somebody else is changing this just now. Try again.") from None
    if not made and member.role == Role.LEARNER:
        raise Refused(f"{member} has a seat in this class as a learner.")
    if not made and member.role != role:
        staff_change(member, role)
    return member


def staff_change(member: Membership, role: Role) -> None:
    """Make a trainer an observer, or the other way round.

    Raises:
        Refused: a class keeps a trainer.
    """
    with transaction.atomic():
        if member.role == Role.TRAINER and role != Role.TRAINER:
            _require_another_trainer(member)
        Membership.objects.filter(pk=member.pk).exclude(role=Role.LEARNER).update(role=role)
        touch(member.cohort_id)
    member.refresh_from_db()


def staff_remove(member: Membership) -> None:
    """Take a trainer or observer out of the class.

    Raises:
        Refused: a class keeps a trainer.
    """
    with transaction.atomic():
        if member.role == Role.TRAINER:
            _require_another_trainer(member)
        retire(SandboxAccount.objects.filter(membership=member))
        member.delete()
        touch(member.cohort_id)


def requests_to_return(cohort: Cohort) -> list[ReturnRequest]:
    """Who waits to be let back in, the longest first."""
    found = ReturnRequest.objects.filter(
        seat_name__membership__cohort=cohort, state=ReturnRequest.State.WAITING
    ).select_related("seat_name__membership")
    return list(found.order_by("asked_at"))


def _assignment(cohort: Cohort, slug: str, position: int) -> Assignment:
    version, digest = version_of(slug)
    return Assignment(cohort=cohort, exercise=slug, version=version, digest=digest, position=position)


def _require_another_trainer(member: Membership) -> None:
    others = Membership.objects.filter(cohort_id=member.cohort_id, role=Role.TRAINER).exclude(pk=member.pk)
    if not others.exists():
        raise Refused("A class keeps at least one trainer. Add another one first.")
