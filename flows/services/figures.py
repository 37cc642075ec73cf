"""Figures of the last minutes, for who watches an installation: computed from rows when asked, so that they are the
same whichever process answers, and nothing is counted in memory."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Max
from django.utils import timezone

from flows.models import ApiCall, Outcome, Run

WINDOW = timedelta(minutes=5)
_MOST_RUNS = 5_000  # of the window are read: more come to a site in five minutes than one box serves


@dataclass(frozen=True, slots=True)
class Figures:
    """Attributes:
    begun: how many runs there have ever been, deleted ones included: the newest one's number.
    runs: (outcome, flow, provider) -> how many of the window.
    refusals: error code -> how many of the window's runs it ended.
    seconds: (service, operation) -> how long its calls took, sorted.
    running: runs whose call is under way.
    """

    begun: int
    runs: dict[tuple[str, str, str], int]
    refusals: dict[str, int]
    seconds: dict[tuple[str, str], list[float]]
    running: int


def figures() -> Figures:
    """The figures of now, by five queries each of which reads an index."""
    since = timezone.now() - WINDOW
    recent = Run.objects.filter(created_at__gte=since).order_by("-created_at", "-pk")
    newest = recent.values_list("pk", flat=True)[:_MOST_RUNS]
    of_window = Run.objects.filter(pk__in=list(newest)).order_by()
    groups = of_window.values_list("outcome", "flow", "provider", "error_code").annotate(count=Count("pk"))
    runs: dict[tuple[str, str, str], int] = defaultdict(int)
    refusals: dict[str, int] = defaultdict(int)
    for outcome, flow, provider, code, count in groups:
        runs[outcome, flow, provider] += count
        if code:
            refusals[code] += count
    seconds: dict[tuple[str, str], list[float]] = defaultdict(list)
    calls = ApiCall.objects.filter(run__in=list(newest), duration_ms__isnull=False).order_by()
    for service, operation, duration in calls.values_list("service", "operation", "duration_ms"):
        seconds[service, operation].append((duration or 0) / 1000)
    return Figures(
        begun=Run.objects.aggregate(newest=Max("pk"))["newest"] or 0,
        runs=dict(runs),
        refusals=dict(refusals),
        seconds={name: sorted(values) for name, values in seconds.items()},
        running=Run.objects.filter(outcome=Outcome.RUNNING, lease_until__isnull=False).count(),
    )
