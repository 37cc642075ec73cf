"""Three charts of some runs: outcomes over time, reasons of refusals, times by operation.

The history and the admin's dashboard draw the same ones. Laid out here; `flows/_charts.html` writes them as SVG. They
are drawn of the newest runs, so that a hundred thousand cost what a few hundred cost.
"""

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from flows.models import ApiCall, Outcome, RunQuerySet

NEWEST = 500  # runs that are counted and drawn
_TIMED = 100  # the newest of them, whose calls are timed
WIDTH = 360
_BARS_HEIGHT, _BARS_TOP = 92, 6
_ROW, _MOST_ROWS = 33, 4
_LONGEST_LABEL = 50  # characters that WIDTH holds
_MOST_BARS = 24
_STEPS = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 720, 1440, 10_080, 43_200, 129_600, 525_600)
)
_EPOCH = datetime(2000, 1, 3, tzinfo=UTC)  # a Monday, so that weeks begin with one

# Each kind of bar: its outcomes, bottom first. What has not ended yet is no result, and is left out.
_KINDS: tuple[tuple[str, str, tuple[Outcome, ...]], ...] = (
    ("ok", "Succeeded", (Outcome.SUCCEEDED,)),
    ("no", "Refused", (Outcome.REFUSED,)),
    ("warn", "Failed", (Outcome.FAILED, Outcome.INTERRUPTED)),
    ("rest", "Cancelled", (Outcome.CANCELLED,)),
)


class Sampled(NamedTuple):
    """What is counted of a run."""

    pk: int
    outcome: str
    created_at: datetime
    error_code: str
    error_message: str


def newest(runs: RunQuerySet) -> list[Sampled]:
    """The newest NEWEST of `runs`: one query, which enters the index of the history."""
    found = runs.order_by("-created_at", "-pk").values_list(*Sampled._fields)[:NEWEST]
    return [Sampled(*row) for row in found]


@dataclass(frozen=True, slots=True)
class Bar:
    """What fell into one step of time, in words; the whole height of the drawing answers for it."""

    x: float
    width: float
    title: str


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """One entry of the legend. `path`: its pieces of all bars, as an SVG path."""

    kind: str
    label: str
    count: int
    path: str


@dataclass(frozen=True, slots=True)
class OverTime:
    """Runs by outcome over time: a stacked bar for each step."""

    bars: tuple[Bar, ...]
    kinds: tuple[LegendEntry, ...]
    most: int
    begins: str
    ends: str
    step: str

    @property
    def bars_height(self) -> int:
        return _BARS_HEIGHT

    @property
    def top(self) -> int:
        return _BARS_TOP

    @property
    def base(self) -> int:
        """Where the bars stand."""
        return _BARS_TOP + _BARS_HEIGHT

    @property
    def height(self) -> int:
        return self.base + 18


@dataclass(frozen=True, slots=True)
class ChartBar:
    """A labelled bar. `mark`: where a second value of it stands, if it has one."""

    label: str
    value: str
    y: int
    length: float
    mark: float | None = None
    title: str = ""

    @property
    def bar_y(self) -> int:
        return self.y + 6


@dataclass(frozen=True, slots=True)
class Lines:
    """Labelled bars below each other, the longest first."""

    lines: tuple[ChartBar, ...]

    @property
    def height(self) -> int:
        return _ROW * len(self.lines)


@dataclass(frozen=True, slots=True)
class Charts:
    """What `flows/_charts.html` draws. `counted` is how many runs it is about, `all_of_them` whether there are more."""

    over_time: OverTime
    reasons: Lines
    times: Lines
    counted: int
    all_of_them: bool
    width: int = WIDTH


def charts(sampled: Sequence[Sampled]) -> Charts | None:
    """The charts of these runs; None where none has ended. One query, for the times of their calls."""
    ended = [run for run in sampled if run.outcome not in (Outcome.OPEN, Outcome.RUNNING)]
    if not ended:
        return None
    return Charts(
        over_time=_over_time(ended),
        reasons=_reasons(ended),
        times=_times([run.pk for run in ended[:_TIMED]]),
        counted=len(sampled),
        all_of_them=len(sampled) < NEWEST,
    )


# --- Over time --------------------------------------------------------------------------------------------------------


def _over_time(runs: Sequence[Sampled]) -> OverTime:
    first, last = min(run.created_at for run in runs), max(run.created_at for run in runs)
    step = next((step for step in _STEPS if _place(last, step) - _place(first, step) < _MOST_BARS), _STEPS[-1])
    begin = _place(first, step)
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for run in runs:
        counts[_place(run.created_at, step) - begin][run.outcome] += 1
    places = _place(last, step) - begin + 1
    most = max(sum(counted.values()) for counted in counts.values())
    pitch = WIDTH / max(places, 12)
    pieces: dict[str, list[str]] = defaultdict(list)
    bars = []
    for place, counted in sorted(counts.items()):
        x, width = round(place * pitch, 1), round(max(pitch - 2, 1), 1)
        y, told = float(_BARS_TOP + _BARS_HEIGHT), []
        for kind, label, outcomes in _KINDS:
            if number := sum(counted[outcome] for outcome in outcomes):
                height = number / most * _BARS_HEIGHT
                y -= height
                pieces[kind].append(f"M{x} {y:.1f}h{width}v{max(height - 1, 0.5):.1f}h-{width}z")
                told.append(f"{number} {label.lower()}")
        when = _moment(_EPOCH + (begin + place) * step, step)
        bars.append(Bar(x, width, f"{when}: {', '.join(told)}"))
    totals = Counter(run.outcome for run in runs)
    kinds = tuple(
        LegendEntry(kind, label, sum(totals[outcome] for outcome in outcomes), "".join(pieces[kind]))
        for kind, label, outcomes in _KINDS
        if kind in pieces
    )
    return OverTime(tuple(bars), kinds, most, _moment(first, step), _moment(last, step), _words(step))


def _place(moment: datetime, step: timedelta) -> int:
    """Which step of time a moment is in, counted from the epoch."""
    return (moment - _EPOCH) // step


def _moment(moment: datetime, step: timedelta) -> str:
    return moment.strftime("%Y-%m-%d" if step >= timedelta(days=1) else "%Y-%m-%d %H:%M")


def _words(step: timedelta) -> str:
    """`5 minutes`, `day`: what one bar stands for."""
    minutes = step // timedelta(minutes=1)
    for size, word in ((525_600, "year"), (43_200, "month"), (10_080, "week"), (1440, "day"), (60, "hour")):
        if minutes >= size:
            return word if minutes == size else f"{minutes // size} {word}s"
    return "minute" if minutes == 1 else f"{minutes} minutes"


# --- Reasons and times ------------------------------------------------------------------------------------------------


def _reasons(runs: Iterable[Sampled]) -> Lines:
    refused = Counter(
        (run.error_code, _said(run.error_message)) for run in runs if run.outcome == Outcome.REFUSED and run.error_code
    )
    most = max(refused.values(), default=1)
    return Lines(
        tuple(
            ChartBar(
                label=_short(said or code),
                value=str(number),
                y=row * _ROW + 12,
                length=round(number / most * WIDTH, 1),
                title=f"{code}: {said}" if said else code,
            )
            for row, ((code, said), number) in enumerate(refused.most_common(_MOST_ROWS))
        )
    )


def _said(message: str) -> str:
    """AWS's sentence; nothing where it names somebody's ARN, for then each refusal would be a reason of its own."""
    return "" if "arn:" in message else message.split(". ")[0].rstrip(".")


def _times(runs: Sequence[int]) -> Lines:
    asked = ApiCall.objects.filter(run__in=runs, kind=ApiCall.Kind.EXCHANGE, duration_ms__isnull=False)
    taken: dict[str, list[float]] = defaultdict(list)
    for operation, duration in asked.order_by().values_list("operation", "duration_ms"):
        taken[operation].append(duration or 0.0)
    rows = sorted(((statistics.median(times), name, sorted(times)) for name, times in taken.items()), reverse=True)
    rows = rows[:_MOST_ROWS]
    slow = [times[math.ceil(0.95 * len(times)) - 1] for _, _, times in rows]
    longest = max(slow, default=0) or 1
    return Lines(
        tuple(
            ChartBar(
                label=_short(name),
                value=f"{_ms(middle)} ms",
                y=row * _ROW + 12,
                length=round(middle / longest * WIDTH, 1),
                mark=round(slow[row] / longest * (WIDTH - 2), 1),
                title=f"{name}: median {_ms(middle)} ms, 95th percentile {_ms(slow[row])} ms, {len(times)} calls",
            )
            for row, (middle, name, times) in enumerate(rows)
        )
    )


def _ms(duration: float) -> str:
    return f"{duration:.0f}" if duration >= 10 else f"{duration:.1f}"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_LABEL else f"{text[: _LONGEST_LABEL - 1]}…"
