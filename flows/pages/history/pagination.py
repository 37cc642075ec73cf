"""The history, one page at a time."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q

from flows.models import Run, RunQuerySet

PAGE_SIZE = 25
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
    """Runs, newest first. `newer` and `older` say where the neighbouring pages begin; None where there is none."""

    runs: list[Run]
    newer: Cursor | None
    older: Cursor | None


def history_page(runs: RunQuerySet, *, before: Cursor | None = None, after: Cursor | None = None) -> HistoryPage:
    """The page of `runs` that lies before (is older than) or after (is newer than) a cursor; else the newest one.

    Nothing is counted and nothing skipped, so the hundred-thousandth run costs what the first one costs.
    """
    if after:
        near = list(_newer_than(runs, after).order_by("created_at", "pk")[: PAGE_SIZE + 1])
        if len(near) > PAGE_SIZE:
            return _page(near[:PAGE_SIZE][::-1], newer=True, older=True)
    # With less than a page after the cursor, the newest page is the one that is meant, and it is shown whole.
    begin = before if not after else None
    near = list((_older_than(runs, begin) if begin else runs).order_by("-created_at", "-pk")[: PAGE_SIZE + 1])
    return _page(near[:PAGE_SIZE], newer=begin is not None, older=len(near) > PAGE_SIZE)


def _page(runs: list[Run], *, newer: bool, older: bool) -> HistoryPage:
    """Without any run there is no place to go on from, and the way back leads to the newest ones."""
    return HistoryPage(
        runs, Cursor.at(runs[0]) if newer and runs else None, Cursor.at(runs[-1]) if older and runs else None
    )


def _older_than(runs: RunQuerySet, place: Cursor) -> RunQuerySet:
    # The first condition repeats what the second one implies, because an index can be entered by it alone.
    same = Q(created_at=place.created_at, pk__lt=place.pk)
    return runs.filter(Q(created_at__lt=place.created_at) | same, created_at__lte=place.created_at)


def _newer_than(runs: RunQuerySet, place: Cursor) -> RunQuerySet:
    same = Q(created_at=place.created_at, pk__gt=place.pk)
    return runs.filter(Q(created_at__gt=place.created_at) | same, created_at__gte=place.created_at)
