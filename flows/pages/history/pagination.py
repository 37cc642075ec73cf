"""The history, one page at a time."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q

from flows.models import Run, RunQuerySet

PAGE_SIZE = 25
LOOKED_THROUGH = 5_000  # runs, for one page of those that fit
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_CURSOR = re.compile(r"(\d{1,17})\.(\d{1,18})")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two runs of the history, as an address can carry it: microseconds since 1970, and a run's key."""

    created_at: datetime
    pk: int

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        """None for an empty or malformed text: the history then begins at its newest run."""
        found = _CURSOR.fullmatch(text)
        if not found:
            return None
        try:
            return cls(_EPOCH + int(found[1]) * _MICROSECOND, int(found[2]))
        except OverflowError:
            return None

    @classmethod
    def at(cls, run: Run) -> "Cursor":
        return cls(run.created_at, run.pk)

    def __str__(self) -> str:
        return f"{(self.created_at - _EPOCH) // _MICROSECOND}.{self.pk}"


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Runs, newest first. `newer` and `older` say where the neighbouring pages begin; None where there is none.

    `stopped` is when the last run was made that was looked at, where it is left to the next page to look further.
    """

    runs: list[Run]
    newer: Cursor | None
    older: Cursor | None
    stopped: datetime | None = None


def history_page(
    runs: RunQuerySet,
    *,
    among: RunQuerySet | None = None,
    before: Cursor | None = None,
    after: Cursor | None = None,
) -> HistoryPage:
    """The page of `runs` that lies before (is older than) or after (is newer than) a cursor; else the newest one.

    Nothing is counted, so the hundred-thousandth run costs what the first one costs.

    Args:
        among: where few may fit: of which runs `runs` are, all of which an index finds. No more than LOOKED_THROUGH of
            them are looked at, and the neighbouring page goes on from there.
    """
    if after and (
        page := _newer_page(_newer_than(runs, after), None if among is None else _newer_than(among, after), after)
    ):
        return page
    # With less than a page after the cursor, the newest page is the one that is meant, and it is shown whole.
    begin = before if not after else None
    if begin:
        runs, among = _older_than(runs, begin), None if among is None else _older_than(among, begin)
    end = last_looked_at(among)
    near = list(looked_at(runs, end).order_by("-created_at", "-pk")[: PAGE_SIZE + 1])
    shown, more = near[:PAGE_SIZE], len(near) > PAGE_SIZE
    # Without any run there is no place to go on from, and the way back leads to the newest ones.
    newer = Cursor.at(shown[0]) if begin and shown else None
    if more or end is None:
        return HistoryPage(shown, newer, Cursor.at(shown[-1]) if more else None)
    return HistoryPage(shown, newer or begin, end, stopped=end.created_at)


def last_looked_at(among: RunQuerySet | None) -> Cursor | None:
    """The last of the newest LOOKED_THROUGH runs; None where there are no more."""
    return None if among is None else _last(among.order_by("-created_at", "-pk"))


def looked_at(runs: RunQuerySet, end: Cursor | None) -> RunQuerySet:
    """Those of `runs` that are not older than `end`."""
    if end is None:
        return runs
    same = Q(created_at=end.created_at, pk__gte=end.pk)
    return runs.filter(Q(created_at__gt=end.created_at) | same, created_at__gte=end.created_at)


def _newer_page(runs: RunQuerySet, among: RunQuerySet | None, after: Cursor) -> HistoryPage | None:
    """Of runs that are newer than the cursor those next to it; None where the newest page is meant."""
    end = None if among is None else _last(among.order_by("created_at", "pk"))
    if end:
        runs = runs.filter(
            Q(created_at__lt=end.created_at) | Q(created_at=end.created_at, pk__lte=end.pk),
            created_at__lte=end.created_at,
        )
    near = list(runs.order_by("created_at", "pk")[: PAGE_SIZE + 1])
    shown = near[:PAGE_SIZE][::-1]
    if len(near) > PAGE_SIZE:
        return HistoryPage(shown, Cursor.at(shown[0]), Cursor.at(shown[-1]))
    if end is None:
        return None
    # The run at the cursor itself is on the older page.
    older = Cursor.at(shown[-1]) if shown else Cursor(after.created_at, after.pk + 1)
    return HistoryPage(shown, end, older, stopped=end.created_at)


def _last(in_order: RunQuerySet) -> Cursor | None:
    found = list(in_order.values_list("created_at", "pk")[LOOKED_THROUGH - 1 : LOOKED_THROUGH + 1])
    return Cursor(*found[0]) if len(found) == 2 else None


def _older_than(runs: RunQuerySet, place: Cursor) -> RunQuerySet:
    # The first condition repeats what the second one implies, because an index can be entered by it alone.
    same = Q(created_at=place.created_at, pk__lt=place.pk)
    return runs.filter(Q(created_at__lt=place.created_at) | same, created_at__lte=place.created_at)


def _newer_than(runs: RunQuerySet, place: Cursor) -> RunQuerySet:
    same = Q(created_at=place.created_at, pk__gt=place.pk)
    return runs.filter(Q(created_at__gt=place.created_at) | same, created_at__gte=place.created_at)
