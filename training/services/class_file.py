"""A class as one JSON document: written, and read again into a class that is equal.

In it stand who sat where, which exercises there were and how far everybody came with each. Not in it are runs, notes,
requests for help, accounts and keys: runs are evidence of the site on which they were made (their owners export each),
free text is personal, and accounts are made anew.
"""

import secrets
from datetime import datetime
from typing import Annotated, Any

import msgspec
from django.db import IntegrityError, transaction
from django.utils import timezone
from msgspec import Meta, Struct

from accounts.models import SEAT, User
from training.models import (
    Assignment,
    AssignmentState,
    Attempt,
    AttemptState,
    CheckResult,
    Cohort,
    CohortState,
    Hints,
    HintUse,
    Membership,
    NameStyle,
    QuestionAnswer,
    Role,
    SeatName,
    Unlock,
)
from training.services.errors import Refused
from training.services.joining import keep_join_code
from training.services.sandbox_accounts import make_wanted_soon, want_accounts
from training.services.versions import touch
from web.brought_files import LARGEST_CLASS

FORMAT = "identity-pools-lab/class"
VERSION = 1

Time = Annotated[datetime, Meta(tz=True)]
Slug = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]*\Z", max_length=64)]
Count = Annotated[int, Meta(ge=0, le=32_000)]
Place = Annotated[int, Meta(ge=1, le=500)]
Short = Annotated[str, Meta(max_length=300)]


class _Part(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    pass


class CheckPart(_Part, frozen=True, kw_only=True):
    check_id: Slug
    done: bool = False
    done_at: Time | None = None
    evaluated_at: Time


class AnswerPart(_Part, frozen=True, kw_only=True):
    question: Slug
    answer: Short
    right: bool | None = None
    at: Time


class HintPart(_Part, frozen=True, kw_only=True):
    number: Annotated[int, Meta(ge=1, le=9)]
    at: Time


class AttemptPart(_Part, frozen=True, kw_only=True):
    """One attempt at an exercise."""

    exercise: Slug
    version: Count = 1
    digest: Annotated[str, Meta(max_length=64)] = ""
    number: Annotated[int, Meta(ge=1, le=1000)] = 1
    current: bool = True
    state: AttemptState = AttemptState.WORKING
    started_at: Time
    last_activity_at: Time
    last_progress_at: Time
    changed_at: Time | None = None
    checked_at: Time | None = None
    solved_at: Time | None = None
    checks_passed: Count = 0
    checks_total: Count = 0
    hints_used: Count = 0
    hints_open: Count = 0
    solution_seen_at: Time | None = None
    solved_for: bool = False
    last_refusal: Short = ""
    last_refusal_code: Annotated[str, Meta(max_length=64)] = ""
    feedback: Annotated[str, Meta(pattern=r"^(clear|unclear)?\Z")] = ""
    checks: list[CheckPart] = []
    answers: list[AnswerPart] = []
    hints: list[HintPart] = []


class Seat(_Part, frozen=True, kw_only=True):
    seat: Place
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    pseudonym: Annotated[str, Meta(max_length=40)] = ""
    names: Annotated[list[Annotated[str, Meta(min_length=1, max_length=60)]], Meta(max_length=3)] = []
    joined_at: Time
    attempts: Annotated[list[AttemptPart], Meta(max_length=2000)] = []


class Lesson(_Part, frozen=True, kw_only=True):
    """One exercise of the class. `unlocked_for`: numbers of seats."""

    exercise: Slug
    version: Count = 1
    digest: Annotated[str, Meta(max_length=64)] = ""
    position: Count = 0
    state: AssignmentState = AssignmentState.OPEN
    opens_at: Time | None = None
    unlocked_for: list[Place] = []


class ClassFile(_Part, frozen=True, kw_only=True):
    """The whole document."""

    format: str
    version: int
    name: Annotated[str, Meta(min_length=1, max_length=100)]
    state: CohortState = CohortState.OPEN
    seats_count: Place
    starts_at: Time
    ends_at: Time | None = None
    ended_at: Time | None = None
    preset: Annotated[str, Meta(max_length=16)] = ""
    names: NameStyle = NameStyle.NICKNAME
    hints: Hints = Hints.FREE
    hint_minutes: Count = 5
    names_on_projector: bool = False
    retention_days: Count = 30
    welcome: Short = ""
    exercises: Annotated[list[Lesson], Meta(max_length=200)] = []
    seats: Annotated[list[Seat], Meta(max_length=500)] = []


_COHORT = (
    *("name", "state", "starts_at", "ends_at", "ended_at", "preset", "names", "hints", "hint_minutes"),
    *("names_on_projector", "retention_days", "welcome"),
)
_LESSON = ("exercise", "version", "digest", "position", "state", "opens_at")
_TRY = (
    *("exercise", "version", "digest", "number", "current", "state", "started_at", "last_activity_at"),
    *("last_progress_at", "changed_at", "checked_at", "solved_at", "checks_passed", "checks_total", "hints_used"),
    *("hints_open", "solution_seen_at", "solved_for", "last_refusal", "last_refusal_code", "feedback"),
)


def class_export(cohort: Cohort) -> bytes:
    """The document of a class, as JSON: seven queries whatever its size."""
    members = list(cohort.memberships.filter(role=Role.LEARNER).order_by("seat").prefetch_related("seat_names"))
    seats = {member.pk: member.seat for member in members}
    tries: dict[int, list[AttemptPart]] = {}
    attempts = Attempt.objects.filter(membership__in=seats).order_by("exercise", "number", "pk")
    for attempt in attempts.defer("facts").prefetch_related("check_results", "answers", "hint_uses"):
        tries.setdefault(attempt.membership_id or 0, []).append(_try(attempt))
    document = ClassFile(
        format=FORMAT,
        version=VERSION,
        seats_count=cohort.seats,
        exercises=[
            Lesson(
                **_fields(row, _LESSON),
                unlocked_for=sorted(seats[one.membership_id] or 0 for one in row.unlocks.all()),
            )
            for row in cohort.assignments.order_by("position", "pk").prefetch_related("unlocks")
        ],
        seats=[
            Seat(
                seat=member.seat or 0,
                name=member.display_name,
                pseudonym=member.pseudonym,
                names=[name.name for name in member.seat_names.all()],
                joined_at=member.joined_at,
                attempts=tries.get(member.pk, []),
            )
            for member in members
        ],
        **_fields(cohort, _COHORT),
    )
    return msgspec.json.format(msgspec.json.encode(document), indent=1)


def class_import(document: bytes, *, trainer: User) -> Cohort:
    """A class made of a document, with `trainer` as its trainer. It has a join code and accounts of its own.

    Raises:
        Refused: the document is not one of a class, or does not hold together; the text says why.
    """
    found = _read(document)
    _hold_together(found)
    try:
        with transaction.atomic():
            cohort = _write(found, trainer)
    except IntegrityError:
        raise Refused("This file contradicts itself: something is in it twice.") from None
    if cohort.is_open and want_accounts(cohort):
        make_wanted_soon(cohort)
    return cohort


def _read(document: bytes) -> ClassFile:
    if len(document) > LARGEST_CLASS:
        raise Refused(f"The file is larger than {LARGEST_CLASS // 1024 // 1024} MB.")
    try:
        found = msgspec.json.decode(document, type=ClassFile)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise Refused(f"This is not the export of a class: {problem}.") from None
    if found.format != FORMAT or found.version != VERSION:
        raise Refused(f"This is not the export of a class of version {VERSION}.")
    return found


def _hold_together(found: ClassFile) -> None:
    seats = [seat.seat for seat in found.seats]
    if len(set(seats)) < len(seats) or max(seats, default=0) > found.seats_count:
        raise Refused("Two people have one seat, or a seat does not exist.")
    if any(number not in seats for lesson in found.exercises for number in lesson.unlocked_for):
        raise Refused("An exercise is unlocked for a seat that nobody has.")
    if found.ends_at is not None and found.ends_at <= found.starts_at:
        raise Refused("The class ends before it starts.")
    if found.state == CohortState.ARCHIVED and found.seats:
        raise Refused("The file says that the people of the class were deleted, and lists people.")
    _look_through(found)


def _look_through(part: object) -> None:
    """Times with which no date can be reckoned, and texts that no page and not every database takes."""
    if isinstance(part, datetime) and not 2000 <= part.year < 2200:
        raise Refused("A time in this file is not possible for a class.")
    if isinstance(part, str) and not all(character.isprintable() or character in "\t\r\n" for character in part):
        raise Refused("A text in this file has characters that cannot be shown.")
    if isinstance(part, _Part):
        for name in part.__struct_fields__:
            _look_through(getattr(part, name))
    elif isinstance(part, list):
        for each in part:
            _look_through(each)


def _write(found: ClassFile, trainer: User) -> Cohort:
    cohort = Cohort.objects.create(
        seats=found.seats_count,
        created_by=trainer,
        join_open=found.state == CohortState.OPEN,
        **{name: getattr(found, name) for name in _COHORT},
    )
    keep_join_code(cohort)
    Membership.objects.create(
        cohort=cohort,
        user=trainer,
        role=Role.TRAINER,
        display_name=str(trainer),
        last_seen_at=timezone.now(),
    )
    rows = Assignment.objects.bulk_create(
        Assignment(cohort=cohort, **{name: getattr(lesson, name) for name in _LESSON}) for lesson in found.exercises
    )
    assignments = {row.exercise: row for row in rows}
    members = _write_seats(cohort, found.seats)
    Unlock.objects.bulk_create(
        Unlock(assignment=assignments[lesson.exercise], membership=members[number], by=trainer)
        for lesson in found.exercises
        for number in lesson.unlocked_for
    )
    version = touch(cohort)
    for seat in found.seats:
        _write_tries(seat, members[seat.seat], assignments, version)
    return cohort


def _write_seats(cohort: Cohort, seats: list[Seat]) -> dict[int, Membership]:
    users = User.objects.bulk_create(
        # An unusable password begins with an exclamation mark and differs each time.
        User(username=f"{SEAT}{secrets.token_hex(8)}", first_name=seat.name[:150], password=f"!{secrets.token_hex(20)}")
        for seat in seats
    )
    members = Membership.objects.bulk_create(
        Membership(
            cohort=cohort,
            user=user,
            role=Role.LEARNER,
            seat=seat.seat,
            display_name=seat.name,
            pseudonym=seat.pseudonym,
            made_for_seat=True,
            joined_at=seat.joined_at,
        )
        for seat, user in zip(seats, users, strict=True)
    )
    SeatName.objects.bulk_create(
        SeatName(membership=member, position=position, name=name, joined_at=seat.joined_at)
        for seat, member in zip(seats, members, strict=True)
        for position, name in enumerate(seat.names, 1)
    )
    return {member.seat or 0: member for member in members}


def _write_tries(seat: Seat, member: Membership, assignments: dict[str, Assignment], version: int) -> None:
    attempts = Attempt.objects.bulk_create(
        Attempt(
            membership=member,
            user_id=member.user_id,
            assignment=assignments.get(one.exercise),
            changed_in=version,
            **{name: getattr(one, name) for name in _TRY},
        )
        for one in seat.attempts
    )
    pairs = list(zip(attempts, seat.attempts, strict=True))
    CheckResult.objects.bulk_create(
        CheckResult(attempt=row, **msgspec.structs.asdict(check)) for row, one in pairs for check in one.checks
    )
    QuestionAnswer.objects.bulk_create(
        QuestionAnswer(attempt=row, **msgspec.structs.asdict(answer)) for row, one in pairs for answer in one.answers
    )
    HintUse.objects.bulk_create(
        HintUse(attempt=row, **msgspec.structs.asdict(hint)) for row, one in pairs for hint in one.hints
    )


def _try(attempt: Attempt) -> AttemptPart:
    return AttemptPart(
        **_fields(attempt, _TRY),
        checks=[CheckPart(**_fields(row, CheckPart.__struct_fields__)) for row in attempt.check_results.all()],
        answers=[AnswerPart(**_fields(row, AnswerPart.__struct_fields__)) for row in attempt.answers.all()],
        hints=[HintPart(**_fields(row, HintPart.__struct_fields__)) for row in attempt.hint_uses.all()],
    )


def _fields(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
