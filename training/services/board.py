"""How a class stands: learners by exercises, with what stops them, in five queries whatever its size.

Rows and cells are compared with what a page has by short marks of their content, so that a page that asks again is sent
what has changed and nothing else.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from statistics import median_low
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from training.models import (
    Assignment,
    AssignmentState,
    Attempt,
    AttemptState,
    Broadcast,
    CheckResult,
    Cohort,
    CohortQuerySet,
    HelpRequest,
    HelpState,
    Membership,
    ReturnRequest,
    Role,
)
from training.services.titles import check_sentence, title_of
from web.counted import counted

SOLVED, NOT_STARTED = "solved", "not started"
STUCK_SECONDS = 600  # without progress
OPEN_HELP = (HelpState.WAITING, HelpState.TAKEN)
_NOT_AUTHORIZED = re.compile(
    r"User: \S+ is not authorized to perform: (?P<action>\S+)(?: on resource: \S+)?\s*(?P<why>.*)"
)
_IDENTITY = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d:[0-9a-f]{8}-[0-9a-f-]{27}")
_MARK = 4  # characters of a mark: 24 bits


def mark(*parts: Any) -> str:
    """A short mark of some values, that differs when they do."""
    return sha256(repr(parts).encode()).hexdigest()[: _MARK + 2]


@dataclass(frozen=True, slots=True)
class Column:
    """One exercise of the class."""

    pk: int
    exercise: str
    title: str
    state: str
    unlocked_for: frozenset[int]

    @property
    def locked(self) -> bool:
        return self.state == AssignmentState.LOCKED


@dataclass(frozen=True, slots=True)
class BoardCell:
    """One learner's state in one exercise. `icon` may be empty; `word` always says what it shows."""

    key: str
    word: str
    icon: str = ""
    tone: str = ""
    hints: int = 0
    solution: bool = False
    changed_in: int = 0
    title: str = ""

    @property
    def is_untouched(self) -> bool:
        return self.word == NOT_STARTED

    @property
    def mark(self) -> str:
        return mark(self.word, self.icon, self.tone, self.hints, self.solution)


@dataclass(frozen=True)
class BoardRow:
    """One seat."""

    member: Membership
    cells: tuple[BoardCell, ...]
    refusal: str  # the last one, in words
    since: datetime | None  # the last progress, of whoever has something to do; before any, when they joined
    idle: str  # why there is no progress to wait for, in words; empty for whoever is at an exercise, or through
    help: HelpRequest | None
    names: int
    asks_back: bool
    solved: int

    @property
    def name(self) -> str:
        return self.member.shown_name

    @cached_property
    def mark(self) -> str:
        facts = (self.name, self.refusal, self.since, self.idle, self.names, self.asks_back)
        return mark(*facts, self.help and self.help.state, *(cell.mark for cell in self.cells))

    @property
    def stuck_seconds(self) -> int:
        return int((timezone.now() - self.since).total_seconds()) if self.since else 0

    @property
    def is_stuck(self) -> bool:
        """Whoever has nothing in hand is not: they wait, or listen, or are away."""
        return not self.idle and self.stuck_seconds >= STUCK_SECONDS


@dataclass(frozen=True)
class Board:
    """The class as its trainers see it. `trainers`: who can be handed a request for help."""

    cohort: Cohort
    columns: tuple[Column, ...]
    rows: tuple[BoardRow, ...]
    help: tuple[HelpRequest, ...]
    trainers: tuple[Membership, ...]

    @property
    def waiting(self) -> int:
        return sum(request.state == HelpState.WAITING for request in self.help)

    @property
    def asking_back(self) -> int:
        return sum(row.asks_back for row in self.rows)

    @property
    def has_locked(self) -> bool:
        return any(column.locked for column in self.columns)

    @property
    def median_title(self) -> str:
        """The exercise at which half of the seats are, or beyond; empty in an empty class."""
        if not self.rows or not self.columns:
            return ""
        reached = median_low([row.solved for row in self.rows])
        return self.columns[reached].title if reached < len(self.columns) else "the end"

    @property
    def most_failed(self) -> "FailedCheck | None":
        """The check that is missing in most attempts that were checked."""
        return failed_check(self.cohort.most_failed)  # type: ignore[attr-defined]  # annotated by `with_room`

    @property
    def progress(self) -> list["Progress"]:
        """How many have solved each exercise, and how many are at it."""
        found = []
        for number, column in enumerate(self.columns):
            tones = [row.cells[number] for row in self.rows]
            solved = sum(cell.word == SOLVED for cell in tones)
            working = sum(bool(cell.tone) for cell in tones) - solved
            found.append(Progress(column.pk, column.title, column.locked, solved, working, len(self.rows)))
        return found

    def sorted_by(self, order: str) -> tuple[BoardRow, ...]:
        """The rows by `stuck` (longest first, and behind them who has nothing in hand), `name`, or `seat`."""
        if order == "stuck":
            return tuple(
                sorted(self.rows, key=lambda row: (row.since is None, bool(row.idle), row.since, row.member.seat))
            )
        if order == "name":
            return tuple(sorted(self.rows, key=lambda row: row.name.casefold()))
        return self.rows

    @property
    def facts_mark(self) -> str:
        failed = self.most_failed
        return mark(len(self.rows), self.median_title, failed, self.waiting, self.asking_back, self.cohort.state)

    @property
    def heads_mark(self) -> str:
        return mark(*((column.pk, column.state) for column in self.columns))

    @property
    def columns_mark(self) -> str:
        """Of which exercises there are, and in which order."""
        return mark(*(column.pk for column in self.columns))

    @property
    def token(self) -> str:
        """What a page that shows all this sends when it asks what has changed."""
        return self.token_of({row.member.pk: row.mark for row in self.rows}, self.columns_mark, "0-0-0")

    def token_of(self, shown: Mapping[int, str], columns: str, told: str) -> str:
        """The same of a page that shows these rows and columns, and was told of others: `Changes.told`."""
        rows = "".join(f"{pk:x}-{mark}_" for pk, mark in shown.items())
        requests = "".join(f"{request.pk:x}-{help_mark(request)}_" for request in self.help)
        return f"{self.cohort.version}.{self.facts_mark}.{self.heads_mark}.{columns}.{rows}.{requests}.{told}"


@dataclass(frozen=True, slots=True)
class Progress:
    """One exercise for the screen in front of everybody. `of`: seats."""

    pk: int
    title: str
    locked: bool
    solved: int
    working: int
    of: int


@dataclass(frozen=True, slots=True)
class FailedCheck:
    """A check that many miss. `sentence`: what it says while it is missing."""

    exercise: str
    sentence: str
    missing: int
    tried: int


@dataclass(frozen=True)
class Seen:
    """What a page has: the token that came with it, read again."""

    version: int
    facts: str
    heads: str
    columns: str
    rows: Mapping[int, str]
    help: Mapping[int, str]
    told: str


@dataclass(frozen=True)
class Changes:
    """What such a page lacks. `appeared`, `vanished`: rows, which it is told of instead of being given them."""

    board: Board
    seen: Seen
    cells: tuple[BoardCell, ...]
    rows: tuple[BoardRow, ...]
    appeared: int
    vanished: int
    help_new: tuple[HelpRequest, ...]
    help_changed: tuple[HelpRequest, ...]
    help_gone: tuple[int, ...]
    facts: bool
    heads: bool
    columns: bool  # others than the page has, or in another order

    @property
    def told(self) -> str:
        """How many rows the page lacks, how many it has that are gone, and whether the columns are others."""
        return f"{self.appeared}-{self.vanished}-{self.columns:d}"

    @property
    def told_in_words(self) -> str:
        """What the button that shows all of it says; empty where there is nothing to show."""
        if self.appeared:
            return f"{counted(self.appeared, 'new learner')}: show"
        if self.vanished:
            return "Somebody left: refresh"
        return "The exercises were changed: refresh" if self.columns else ""

    @property
    def token(self) -> str:
        """What the page sends next: rows that it was only told of are still not among those that it shows."""
        now = {row.member.pk: row.mark for row in self.board.rows}
        shown = {pk: now.get(pk, mark) for pk, mark in self.seen.rows.items()}
        return self.board.token_of(shown, self.seen.columns, self.told)


def with_room(cohorts: CohortQuerySet) -> CohortQuerySet:
    """Classes with what the board says of the class as a whole: the check most often missed, the last broadcast."""
    missed = (
        CheckResult.objects.filter(attempt__assignment__cohort=OuterRef("pk"), attempt__current=True)
        .values("attempt__exercise", "check_id")
        .annotate(missing=Count("pk", filter=Q(done=False)), tried=Count("pk"), first=Min("pk"))
        .filter(missing__gt=0)
        .order_by("-missing", "first")  # where as many miss two, the one that comes first in the exercise
    )
    said = live_broadcasts().filter(cohort=OuterRef("pk"))
    return cohorts.annotate(
        most_failed=Subquery(
            missed.values(
                found=JSONObject(
                    exercise=F("attempt__exercise"), check=F("check_id"), missing=F("missing"), tried=F("tried")
                )
            )[:1]
        ),
        broadcast_text=Subquery(said.values("text")[:1]),
    )


def live_broadcasts() -> Any:
    """What is being said now, the newest first."""
    now = timezone.now()
    return Broadcast.objects.filter(Q(until=None) | Q(until__gt=now), withdrawn_at=None).order_by("-at", "-pk")


def board_of(cohort: Cohort) -> Board:
    """The board of a class that came through `with_room`: four queries."""
    back = ReturnRequest.objects.filter(seat_name__membership=OuterRef("pk"), state=ReturnRequest.State.WAITING)
    members = list(
        Membership.objects.filter(cohort=cohort)
        .exclude(role=Role.OBSERVER)
        .annotate(names=Count("seat_names"), asks_back=Exists(back))
        .order_by("seat", "pk")
    )
    columns = _columns(cohort)
    attempts: dict[tuple[int, str], Attempt] = {
        (attempt.membership_id or 0, attempt.exercise): attempt
        for attempt in Attempt.objects.filter(membership__cohort=cohort, current=True).defer("facts")
    }
    requests = tuple(
        HelpRequest.objects.filter(membership__cohort=cohort, state__in=OPEN_HELP).select_related(
            "membership", "attempt", "taken_by", "run"
        )
    )
    asked = {request.membership_id: request for request in requests}
    rows = tuple(
        _row(member, columns, attempts, asked.get(member.pk)) for member in members if member.role == Role.LEARNER
    )
    trainers = tuple(member for member in members if member.role == Role.TRAINER)
    return Board(cohort, columns, rows, requests, trainers)


def seen_of(token: str) -> Seen | None:
    """A page's token read again; None for one that nobody was given."""
    parts = token.split(".")
    if len(parts) != 7 or not parts[0].isascii() or not parts[0].isdigit() or len(parts[0]) > 18:
        return None
    try:
        facts, heads, columns, rows, requests, told = parts[1:]
        return Seen(int(parts[0]), facts, heads, columns, _marks(rows), _marks(requests), told)
    except ValueError:
        return None


def changes_since(board: Board, seen: Seen) -> Changes:
    """What has changed since a page was last told."""
    rows = [row for row in board.rows if row.member.pk in seen.rows and seen.rows[row.member.pk] != row.mark]
    cells: list[BoardCell] = []
    for row in rows:
        changed = [cell for cell in row.cells if cell.changed_in > seen.version]
        # A row may differ by what is no attempt of its own: an exercise was unlocked.
        cells += changed or row.cells
    there = {row.member.pk for row in board.rows}
    requests = {request.pk: request for request in board.help}
    return Changes(
        board=board,
        seen=seen,
        cells=tuple(cells),
        rows=tuple(rows),
        appeared=len(there - seen.rows.keys()),
        vanished=len(seen.rows.keys() - there),
        help_new=tuple(request for pk, request in requests.items() if pk not in seen.help),
        help_changed=tuple(
            request for pk, request in requests.items() if pk in seen.help and seen.help[pk] != help_mark(request)
        ),
        help_gone=tuple(pk for pk in seen.help if pk not in requests),
        facts=seen.facts != board.facts_mark,
        heads=seen.heads != board.heads_mark,
        columns=seen.columns != board.columns_mark,
    )


def help_mark(request: HelpRequest) -> str:
    return mark(request.state, request.taken_by_id, request.text)


def failed_check(found: Mapping[str, Any] | None) -> FailedCheck | None:
    """A check that was missed, with its sentence, from what the database counted."""
    if not found:
        return None
    exercise = str(found["exercise"])
    sentence = check_sentence(exercise, str(found["check"]))
    return FailedCheck(title_of(exercise), sentence, int(found["missing"]), int(found["tried"]))


def _columns(cohort: Cohort) -> tuple[Column, ...]:
    """With whom each is unlocked for, in one query: a row for every unlock, or one without."""
    found: dict[int, dict[str, Any]] = {}
    unlocked: dict[int, set[int]] = {}
    fields = ("pk", "exercise", "state", "unlocks__membership_id")
    for row in Assignment.objects.filter(cohort=cohort).order_by("position", "pk").values(*fields):
        found[row["pk"]] = row
        unlocked.setdefault(row["pk"], set()).add(row["unlocks__membership_id"] or 0)
    return tuple(
        Column(pk, row["exercise"], title_of(row["exercise"]), row["state"], frozenset(unlocked[pk]))
        for pk, row in found.items()
    )


def _row(
    member: Any, columns: Sequence[Column], attempts: Mapping[tuple[int, str], Attempt], asked: HelpRequest | None
) -> BoardRow:
    own = {column.exercise: attempts.get((member.pk, column.exercise)) for column in columns}
    begun = [attempt for attempt in own.values() if attempt is not None]
    working = [attempt for attempt in begun if attempt.state in (AttemptState.WORKING, AttemptState.SETTING_UP)]
    latest = max(working, key=lambda attempt: attempt.last_activity_at, default=None)
    solved = sum(attempt.state == AttemptState.SOLVED for attempt in begun)
    since, idle = None, ""
    if latest:
        since = latest.last_progress_at
    elif solved < len(columns):
        since = max((attempt.last_progress_at for attempt in begun), default=member.joined_at)
        idle = "between exercises" if begun else "nothing begun"
    return BoardRow(
        member=member,
        cells=tuple(_cell(member, column, own[column.exercise]) for column in columns),
        refusal=_in_words(latest.last_refusal) if latest else "",
        since=since,
        idle=idle,
        help=asked,
        names=member.names,
        asks_back=member.asks_back,
        solved=solved,
    )


def _in_words(refusal: str) -> str:
    """A refusal as it is told from across a room: AWS begins with long names, and says what was refused behind them."""
    if found := _NOT_AUTHORIZED.match(refusal):
        return f"Not authorized: {found['action']}. {found['why'][:1].upper()}{found['why'][1:]}".strip()
    return _IDENTITY.sub(lambda found: f"…{found[0][-4:]}", refusal)


def _cell(member: Membership, column: Column, attempt: Attempt | None) -> BoardCell:
    key = f"c-{member.pk}-{column.pk}"
    if attempt is None:
        shut = column.locked and member.pk not in column.unlocked_for
        return BoardCell(key, "locked" if shut else NOT_STARTED, "lock" if shut else "", title=column.title)
    word, icon, tone = _state(attempt)
    return BoardCell(
        key=key,
        word=word,
        icon=icon,
        tone=tone,
        hints=attempt.hints_used,
        solution=attempt.solution_seen_at is not None,
        changed_in=attempt.changed_in,
        title=column.title,
    )


def _state(attempt: Attempt) -> tuple[str, str, str]:
    """Word, icon and tone."""
    if attempt.state == AttemptState.SOLVED:
        return SOLVED, "check", "is-ok"
    if attempt.state == AttemptState.GIVEN_UP:
        return "given up", "minus", ""
    if attempt.failure:
        return "set-up failed", "warning", "is-no"
    if attempt.state == AttemptState.SETTING_UP:
        return "setting up", "clock", ""
    if attempt.checks_total:
        return f"{attempt.checks_passed} of {attempt.checks_total}", "step", "is-warn"
    return "begun", "step", "is-open"


def _marks(text: str) -> dict[int, str]:
    pairs: Iterable[list[str]] = (entry.split("-") for entry in text.split("_") if entry)
    return {int(number, 16): found for number, found in pairs}
