"""What a class has come to: who was there, who has solved what, and what went wrong most often.

Nobody's times, hints or refusals unless they are asked for. Of a class whose people were deleted, the counts that
stayed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Min, Q

from flows.models import ApiCall
from training.models import (
    Attempt,
    AttemptRun,
    AttemptState,
    CheckAggregate,
    CheckResult,
    Cohort,
    Feedback,
    Membership,
    Role,
    RunKind,
)
from training.services.board import FailedCheck, failed_check
from training.services.titles import title_of

_SHOWN = 10


@dataclass(frozen=True)
class SeatLine:
    """One seat. `cells`: for each exercise `solved`, `begun` or an empty text."""

    member: Membership
    names: tuple[str, ...]
    cells: tuple[str, ...]
    solved: int
    minutes: int | None
    hints: int
    refusals: tuple[str, ...]


@dataclass(frozen=True)
class Opinion:
    """How often an exercise was called clear, and unclear."""

    exercise: str
    clear: int
    unclear: int


@dataclass(frozen=True)
class ClassReport:
    cohort: Cohort
    titles: tuple[str, ...]
    lines: tuple[SeatLine, ...]
    totals: tuple[int, ...]  # how many have solved each exercise
    errors: tuple[tuple[str, str, int], ...]  # operation, error code, how often
    missed: tuple[FailedCheck, ...]
    opinions: tuple[Opinion, ...]  # of exercises about which somebody said something

    @property
    def people(self) -> int:
        return sum(max(len(line.names), 1) for line in self.lines)


@dataclass(frozen=True)
class KeptCount:
    """What stayed of one exercise. `minutes`: the median of those who solved it, where they were five or more."""

    exercise: str
    tried: int
    solved: int
    minutes: float | None


@dataclass(frozen=True)
class KeptReport:
    """What stayed of a class. `missed`: checks that people left open, most of them first."""

    cohort: Cohort
    counts: tuple[KeptCount, ...]
    missed: tuple[FailedCheck, ...]


def kept_report_of(cohort: Cohort) -> KeptReport:
    """The counts that stayed of a class whose people were deleted, in the order of its exercises: two queries."""
    found = list(CheckAggregate.objects.filter(cohort=cohort))
    places = {exercise: place for place, exercise in enumerate(_exercises(cohort))}
    found.sort(key=lambda row: places.get(row.exercise, len(places)))
    missed = [row for row in found if row.check_id and row.done < row.tried]
    missed.sort(key=lambda row: row.done - row.tried)
    checks = (
        failed_check({"exercise": r.exercise, "check": r.check_id, "missing": r.tried - r.done, "tried": r.tried})
        for r in missed[:_SHOWN]
    )
    return KeptReport(
        cohort=cohort,
        counts=tuple(
            KeptCount(title_of(row.exercise), row.tried, row.done, row.median_minutes)
            for row in found
            if not row.check_id
        ),
        missed=tuple(check for check in checks if check is not None),
    )


def report_of(cohort: Cohort) -> ClassReport:
    """The report of a class: six queries whatever its size."""
    exercises = _exercises(cohort)
    attempts: dict[int, dict[str, list[Attempt]]] = {}
    for attempt in Attempt.objects.filter(membership__cohort=cohort).defer("facts"):
        attempts.setdefault(attempt.membership_id or 0, {}).setdefault(attempt.exercise, []).append(attempt)
    members = cohort.memberships.filter(role=Role.LEARNER).order_by("seat").prefetch_related("seat_names")
    lines = tuple(_line(member, exercises, attempts.get(member.pk, {})) for member in members)
    return ClassReport(
        cohort=cohort,
        titles=tuple(title_of(exercise) for exercise in exercises),
        lines=lines,
        totals=tuple(sum(line.cells[number] == "solved" for line in lines) for number in range(len(exercises))),
        errors=_errors(cohort),
        missed=_missed(cohort),
        opinions=tuple(_opinions(exercises, attempts.values())),
    )


def _exercises(cohort: Cohort) -> list[str]:
    return list(cohort.assignments.order_by("position", "pk").values_list("exercise", flat=True))


def _line(member: Membership, exercises: list[str], attempts: dict[str, list[Attempt]]) -> SeatLine:
    cells = []
    for exercise in exercises:
        states = {attempt.state for attempt in attempts.get(exercise, [])}
        cells.append("solved" if AttemptState.SOLVED in states else "begun" if states else "")
    every = [attempt for found in attempts.values() for attempt in found]
    spent = [attempt.last_activity_at - attempt.started_at for attempt in every]
    refusals = (attempt.last_refusal for attempt in every if attempt.last_refusal)
    return SeatLine(
        member=member,
        names=tuple(name.name for name in member.seat_names.all()),
        cells=tuple(cells),
        solved=cells.count("solved"),
        minutes=round(sum(spent, timedelta()).total_seconds() / 60) if spent else None,
        hints=sum(attempt.hints_used for attempt in every),
        refusals=tuple(dict.fromkeys(refusals)),
    )


def _opinions(exercises: list[str], seats: Iterable[dict[str, list[Attempt]]]) -> Iterator[Opinion]:
    said = Counter(
        (exercise, attempt.feedback) for seat in seats for exercise, tries in seat.items() for attempt in tries
    )
    for exercise in exercises:
        clear, unclear = said[exercise, Feedback.CLEAR], said[exercise, Feedback.UNCLEAR]
        if clear or unclear:
            yield Opinion(title_of(exercise), clear, unclear)


def _errors(cohort: Cohort) -> tuple[tuple[str, str, int], ...]:
    runs = AttemptRun.objects.filter(
        attempt__membership__cohort=cohort, kind__in=[RunKind.LEARNER, RunKind.CLI, RunKind.CONFIGURE]
    )
    found = ApiCall.objects.filter(run__in=runs.values("run")).exclude(error_code="")
    counted = found.order_by().values("operation", "error_code").annotate(times=Count("pk"))
    rows: Any = counted.order_by("-times", "operation", "error_code")[:_SHOWN]
    return tuple((row["operation"], row["error_code"], row["times"]) for row in rows)


def _missed(cohort: Cohort) -> tuple[FailedCheck, ...]:
    found = (
        CheckResult.objects.filter(attempt__membership__cohort=cohort, attempt__current=True)
        .order_by()
        .values("attempt__exercise", "check_id")
        .annotate(missing=Count("pk", filter=Q(done=False)), tried=Count("pk"), first=Min("pk"))
        .filter(missing__gt=0)
        .order_by("-missing", "first")[:_SHOWN]
    )
    rows = (failed_check({"exercise": row["attempt__exercise"], "check": row["check_id"], **row}) for row in found)
    return tuple(row for row in rows if row is not None)
