"""How much a run was: its calls, and how long they took. Every page that says it, says it from here.

A run's calls are those that led to its result, those of the sign-in apart; what the credentials are used for later
counts as neither, and its time as no part of the run's.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from flows.models import ApiCall, Run
from web.counted import counted


@dataclass(frozen=True, slots=True)
class Counts:
    """How many requests a run's sign-in took, and how many calls to AWS came after it."""

    sign_in: int
    calls: int

    @property
    def words(self) -> str:
        """`5 sign-in requests, 2 AWS calls`"""
        said = [counted(self.sign_in, "sign-in request")] if self.sign_in else []
        return ", ".join([*said, counted(self.calls, "AWS call")])


def counts_of(runs: Iterable[Run]) -> dict[int, Counts]:
    """Those of each run, by its key.

    A query of its own cannot tempt the database to group all the runs there are.
    """
    found: defaultdict[int, dict[str, int]] = defaultdict(dict)
    keys = [run.pk for run in runs]
    rows = ApiCall.objects.filter(run__in=keys).order_by().values_list("run", "kind").annotate(Count("pk"))
    for run, kind, count in rows:
        found[run][kind] = count
    return {key: _of_kinds(found[key]) for key in keys}


def counts_in(calls: Iterable[ApiCall]) -> Counts:
    """Those of the run that has these calls."""
    kinds: defaultdict[str, int] = defaultdict(int)
    for call in calls:
        kinds[call.kind] += 1
    return _of_kinds(kinds)


def with_calls(runs: QuerySet[Run]) -> QuerySet[Run]:
    """The same, each with its count as `call_count`: for all runs there are, one after the other."""
    calls = ApiCall.objects.filter(run=OuterRef("pk"), kind=ApiCall.Kind.EXCHANGE).order_by().values("run")
    return runs.annotate(call_count=Coalesce(Subquery(calls.annotate(n=Count("pk")).values("n")), 0))


def measured(run: Run, counts: Counts) -> str:
    """`5 sign-in requests, 2 AWS calls, 34 ms`; no time where nothing was sent."""
    return f"{counts.words}, {milliseconds(run.duration_ms)}" if counts.calls or counts.sign_in else counts.words


def milliseconds(value: float | None) -> str:
    """`9 ms`, `0.4 ms`, `1.2 s`; empty when nothing was measured."""
    if value is None:
        return ""
    if value >= 999.5:
        return f"{value / 1000:.1f} s"
    return f"{value:.0f} ms" if value >= 1 or not value else f"{value:.1f} ms"


def _of_kinds(kinds: dict[str, int]) -> Counts:
    return Counts(kinds.get(ApiCall.Kind.PROVIDER, 0), kinds.get(ApiCall.Kind.EXCHANGE, 0))
