"""One's own work: taken along as a file, or deleted. And what retention deletes when nobody does."""

from collections.abc import Iterable
from datetime import timedelta
from statistics import median
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from flows.models import Outcome, Run
from flows.services import runs_delete_in_batches
from flows.traces.writing import trace_of
from training.models import (
    Attempt,
    AttemptRun,
    CheckAggregate,
    CheckResult,
    Cohort,
    CohortState,
    HelpRequest,
    Membership,
    Role,
    RunLook,
    SandboxAccount,
)
from training.services.sandbox_accounts import (
    make_wanted_soon,
    remove_retired,
    remove_retired_soon,
    retire,
    want_accounts,
)
from training.services.versions import touch
from vault import services as vault
from web.batches import Turns

FORMAT = "identity-pools-lab/own-work"
_LEAST_PEOPLE = 5  # whose counts may stay


def runs_of(member: Membership) -> "QuerySet[Run]":
    """The runs of a seat: all of an account that was made for it; of a site's account those in this class."""
    if member.made_for_seat:
        return Run.objects.filter(user_id=member.user_id)
    numbers = SandboxAccount.objects.filter(membership=member).values("account_id")
    attempts = AttemptRun.objects.filter(attempt__membership=member).values("run_id")
    return Run.objects.filter(user_id=member.user_id).filter(Q(account_id__in=numbers) | Q(pk__in=attempts))


def looks_at(member: Membership) -> "QuerySet[RunLook]":
    """Who has opened a run of the seat, the latest first."""
    return RunLook.objects.filter(run__in=runs_of(member)).select_related("run")


def work_of(member: Membership) -> dict[str, Any]:
    """Everything that is kept of a seat, as JSON can hold it. No secret is among it, as none rests."""
    attempts = Attempt.objects.filter(membership=member).prefetch_related("check_results", "answers", "hint_uses")
    runs = runs_of(member).order_by("pk").prefetch_related("calls")
    return {
        "format": FORMAT,
        "version": 1,
        "class": member.cohort.name,
        "seat": member.seat,
        "names": list(member.seat_names.values_list("name", flat=True)),
        "joined": member.joined_at.isoformat(),
        "attempts": [_attempt(attempt) for attempt in attempts],
        "helpRequests": [
            {"text": one.text, "state": one.state, "at": one.at.isoformat()}
            for one in HelpRequest.objects.filter(membership=member)
        ],
        "looks": [{"run": look.run_id, "who": look.name, "at": look.at.isoformat()} for look in looks_at(member)],
        "runs": [trace_of(run) for run in runs],
    }


def leave(member: Membership) -> None:
    """Delete what a seat has done and free it: runs, attempts, names, and the account of the sandbox with all in it."""
    cohort = member.cohort
    with transaction.atomic():
        _forget([member])
        want_accounts(cohort)
        if cohort.is_open:
            make_wanted_soon(cohort)
        else:
            remove_retired_soon()
        touch(cohort)


def purge_classes() -> int:
    """Delete what people did in classes whose time is over, and keep counts of five or more; returns how many classes.

    Accounts that nobody can enter any more are removed from the sandbox on the way.
    """
    now, deleted = timezone.now(), 0
    for cohort in Cohort.objects.exclude(state=CohortState.ARCHIVED).exclude(ended_at=None, ends_at=None):
        ended = cohort.ended_at or cohort.ends_at
        if ended is not None and ended + timedelta(days=cohort.retention_days) <= now:
            cohort_delete_people(cohort, by_hand=False)
            deleted += 1
    if settings.APP_MODE == "sandbox":
        remove_retired()
    return deleted


def cohort_delete_people(cohort: Cohort, *, by_hand: bool) -> None:
    """Delete everything of a class that names a learner; its name, its trainers and its counts stay.

    Runs, which are most of it, go in batches before the rest: the results of checks, of which the counts are made, stay
    without them. Of a class whose people are gone already, the counts are left as they are.

    Args:
        by_hand: whether a trainer asks for it, or the class's time is over.
    """
    cohort.refresh_from_db()
    if cohort.state == CohortState.ARCHIVED:
        return
    learners, turns = Membership.objects.filter(cohort=cohort, role=Role.LEARNER), Turns()
    for member in learners:
        runs_delete_in_batches(_to_delete(member).order_by("pk"), turns)
    with transaction.atomic():
        _count(cohort)
        _forget(learners)
        retire(SandboxAccount.objects.filter(cohort=cohort))
        ended = cohort.ended_at or timezone.now()
        gone = {"state": CohortState.ARCHIVED, "join_open": False, "join_digest": None, "ended_at": ended}
        gone["deleted_by_hand"] = by_hand
        Cohort.objects.filter(pk=cohort.pk).update(**gone)
        cohort.broadcasts.all().delete()
        remove_retired_soon()
        touch(cohort)
    cohort.refresh_from_db()


def _forget(members: Iterable[Membership]) -> None:
    members = list(members)
    for member in members:
        vault.discard(*runs_of(member).values_list("code", flat=True))
        _to_delete(member).delete()
    numbers = [member.pk for member in members]
    retire(SandboxAccount.objects.filter(membership__in=numbers))
    users = [member.user_id for member in members if member.made_for_seat]
    retire(SandboxAccount.objects.filter(user__in=users))  # what the browser had before it joined
    Membership.objects.filter(pk__in=numbers).delete()
    User.objects.filter(pk__in=users).delete()


def _to_delete(member: Membership) -> "QuerySet[Run]":
    """The runs of a seat. One whose call is under way is left to its lease; it goes with the account of the site, or
    with the purge."""
    runs = runs_of(member)
    return runs if member.made_for_seat else runs.exclude(outcome=Outcome.RUNNING)


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "exercise": attempt.exercise,
        "version": attempt.version,
        "number": attempt.number,
        "state": attempt.state,
        "started": attempt.started_at.isoformat(),
        "solved": attempt.solved_at.isoformat() if attempt.solved_at else None,
        "checks": {check.check_id: check.done for check in attempt.check_results.all()},
        "answers": {answer.question: answer.answer for answer in attempt.answers.all()},
        "hints": [hint.number for hint in attempt.hint_uses.all()],
    }


def _count(cohort: Cohort) -> None:
    """What may stay: per exercise and per check how many tried and did it, where five or more tried."""
    CheckAggregate.objects.filter(cohort=cohort).delete()
    attempts = list(Attempt.objects.filter(membership__cohort=cohort))
    checks = list(CheckResult.objects.filter(attempt__membership__cohort=cohort).select_related("attempt"))
    rows = []
    for exercise in {attempt.exercise for attempt in attempts}:
        of_it = [attempt for attempt in attempts if attempt.exercise == exercise]
        tried = {attempt.membership_id for attempt in of_it}
        if len(tried) < _LEAST_PEOPLE:
            continue
        solved = {attempt.membership_id: attempt for attempt in of_it if attempt.solved_at}
        minutes = [(one.solved_at - one.started_at).total_seconds() / 60 for one in solved.values() if one.solved_at]
        middle = round(median(minutes), 1) if len(minutes) >= _LEAST_PEOPLE else None
        rows.append(_aggregate(cohort, exercise, "", len(tried), len(solved), middle))
        for check_id in {one.check_id for one in checks if one.attempt.exercise == exercise}:
            met = [one for one in checks if (one.attempt.exercise, one.check_id) == (exercise, check_id)]
            done = {one.attempt.membership_id for one in met if one.done}
            rows.append(_aggregate(cohort, exercise, check_id, len(tried), len(done), None))
    CheckAggregate.objects.bulk_create(rows)


def _aggregate(
    cohort: Cohort, exercise: str, check_id: str, tried: int, done: int, minutes: float | None
) -> CheckAggregate:
    return CheckAggregate(
        cohort=cohort, exercise=exercise, check_id=check_id, tried=tried, done=done, median_minutes=minutes
    )
