"""An exercise in somebody's hands: begun, set back, helped along, answered. Whether it is done, says checking.py."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import (
    BigIntegerField,
    BooleanField,
    CharField,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
)
from django.utils import timezone

from accounts.owned import PreparedOfOwner, belonging_to
from accounts.owners import Owner
from flows.exchange.sandbox_requests import NotDone
from flows.services import holders
from training.exercises import catalogue
from training.exercises.catalogue import Folder
from training.exercises.format import MOST_HINTS, OPPONENT, ExerciseCheck
from training.models import (
    Assignment,
    AssignmentState,
    Attempt,
    AttemptState,
    Feedback,
    HelpRequest,
    HelpState,
    Hints,
    HintUse,
    Membership,
    Purpose,
    QuestionAnswer,
    Role,
    SandboxAccount,
    Unlock,
)
from training.services.errors import Refused
from training.services.exercise_work import clear, set_up
from training.services.grounds import NAMES, Ground, configured_names
from training.services.own_accounts import active_membership, sandbox_accounts_of
from training.services.sandbox_accounts import open_own_account, ready_account
from training.services.versions import touch
from web.prepared import Prepared, update

_LEASE = timedelta(seconds=60)
_OF_SEAT = Prepared(
    lambda member, slug: Attempt.objects.filter(membership_id=member, current=True, exercise=slug).select_related(
        "account"
    ),
    BigIntegerField(),
    CharField(),
)
_OUTSIDE = PreparedOfOwner(
    lambda whose, slug: Attempt.objects.filter(whose, membership=None, current=True, exercise=slug).select_related(
        "account"
    ),
    CharField(),
)
_ASSIGNED = Prepared(
    lambda cohort, member, now, slug: _assignments(cohort, member, now).filter(exercise=slug),
    BigIntegerField(),
    BigIntegerField(),
    DateTimeField(),
    CharField(),
)
_HELP = Prepared(
    lambda member: HelpRequest.objects.filter(membership_id=member, state__in=[HelpState.WAITING, HelpState.TAKEN])[:1],
    BigIntegerField(),
)
MOST_ATTEMPTS = 100  # of one exercise by one seat or person: each is a row that stays


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where somebody works: in the class chosen last, or on their own."""

    owner: Owner
    membership: Membership | None

    @property
    def is_open(self) -> bool:
        """Whether something can be done there now, or only read."""
        return self.membership is None or self.membership.cohort.is_open


@dataclass(frozen=True, slots=True)
class ExerciseEntry:
    """One exercise as somebody meets it. `locked`: it is there, and not open for them yet."""

    folder: Folder
    attempt: Attempt | None
    assignment: Assignment | None
    locked: bool


def place_of(owner: Owner) -> Workplace:
    return Workplace(owner, active_membership(owner))


def entries_for(place: Workplace) -> list[ExerciseEntry]:
    """The exercises of the class in its order, or all of them; each with how far this person is. Three queries."""
    folders = catalogue.folders()
    attempts = {attempt.exercise: attempt for attempt in _attempts(place).filter(current=True)}
    if place.membership is None:
        return [ExerciseEntry(folder, attempts.get(slug), None, False) for slug, folder in folders.items()]
    trains = place.membership.role != Role.LEARNER
    rows = _assignments(place.membership.cohort_id, place.membership.pk, timezone.now())
    return [
        ExerciseEntry(folders[row.exercise], attempts.get(row.exercise), row, not trains and not row.is_open_for_seat)  # type: ignore[attr-defined]
        for row in rows
        if row.exercise in folders
    ]


def entry_for(place: Workplace, slug: str) -> ExerciseEntry | None:
    """One of them; None where there is no such exercise for this person."""
    folder = catalogue.find(slug)
    if folder is None:
        return None
    member = place.membership
    if member is None:
        return ExerciseEntry(folder, next(iter(_OUTSIDE.rows(place.owner, slug)), None), None, False)
    attempt = _OF_SEAT.first(member.pk, slug)
    if attempt is not None:
        attempt.membership = member
    row = _ASSIGNED.first(member.cohort_id, member.pk, timezone.now(), slug)
    if row is None:
        return None
    trains = member.role != Role.LEARNER
    return ExerciseEntry(folder, attempt, row, not trains and not row.is_open_for_seat)  # type: ignore[attr-defined]


def attempt_begin(*, place: Workplace, entry: ExerciseEntry) -> Attempt:
    """Begin an exercise, or go on with it: its environment is set up in the person's account.

    Raises:
        Refused: it is locked, the class has ended, it needs the sandbox, or the sandbox does not answer.
    """
    if entry.attempt is not None:
        return attempt_set_up(attempt=entry.attempt)
    _check_open(place, entry)
    number = _attempts(place).filter(exercise=entry.folder.slug).count() + 1
    if number > MOST_ATTEMPTS:
        raise Refused("You have started this exercise very often. Reset everything in your account to start again.")
    account = _account(place.owner, place.membership)
    attempt = Attempt(
        **_whose(place),
        membership=place.membership,
        assignment=entry.assignment,
        account=account,
        exercise=entry.folder.slug,
        version=entry.folder.exercise.version,
        digest=entry.folder.digest,
        number=number,
        state=AttemptState.SETTING_UP,
        epoch=account.epoch if account else 1,
        checks_total=len(entry.folder.exercise.checks),
    )
    try:
        with transaction.atomic():
            attempt.save(force_insert=True)
    except IntegrityError:  # in another tab, just now
        return _attempts(place).get(current=True, exercise=entry.folder.slug)
    changed(attempt)
    return attempt_set_up(attempt=attempt)


def attempt_set_up(*, attempt: Attempt, again: bool = False) -> Attempt:
    """Have the exercise's environment in the account: what is missing, or with `again` everything as it was.

    What was done stays done. Runs that were made before the account was emptied do not count any more.

    Raises:
        Refused: the sandbox did not do it, or it is being done.
    """
    folder = folder_of(attempt)
    if attempt.account is None:
        attempt.facts = {**attempt.facts, **configured_names()}
        return _working(attempt)
    account = _ready(attempt)
    opponent = _opponent(attempt, folder)
    stands = attempt.state != AttemptState.SETTING_UP and attempt.epoch == account.epoch
    number = opponent.account_id if opponent else ""
    if stands and not again and attempt.facts.get("opponent", "") == number:
        return attempt
    attempt.facts = {**attempt.facts, "opponent": number}
    with leased(attempt):
        ground = ground_of(attempt)
        try:
            if again:
                clear(folder, ground)
            set_up(folder, ground)
        except (NotDone, ClientError, BotoCoreError) as failed:
            attempt.failure = str(failed)[:300]
            attempt.save(update_fields=["failure"])
            raise Refused(f"The exercise could not be set up: {failed}") from None
        _add_pool(account, ground, folder)
        if opponent is not None and ground.opponent is not None:
            _add_pool(opponent, ground.opponent, folder)
        attempt.epoch = account.epoch
        attempt.facts = {**attempt.facts, **ground.names}
        attempt.changed_at = None
    return _working(attempt)


def attempt_take_up(*, attempt: Attempt) -> None:
    """Note that somebody works at this exercise now.

    On AWS all exercises share one identity pool, so that a run belongs to the one that was taken up last.
    """
    if attempt.account_id is None and attempt.state == AttemptState.WORKING:
        attempt.last_activity_at = timezone.now()
        attempt.save(update_fields=["last_activity_at"])


def require_open(place: Workplace) -> None:
    """Pass where something can be done.

    Raises:
        Refused: the class has ended.
    """
    if not place.is_open:
        raise Refused("This class has ended: you can read everything, and change nothing.")


def attempt_restart(*, place: Workplace, attempt: Attempt) -> None:
    """Leave this attempt, so that the exercise can be begun anew, in its present version."""
    require_open(place)
    attempt.current = False
    if attempt.state != AttemptState.SOLVED:
        attempt.state = AttemptState.GIVEN_UP
    attempt.save(update_fields=["current", "state"])
    changed(attempt)


# --- Help along the way -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HintOffer:
    """Which hint comes next, and why it cannot be had yet; `number` is 0 when all were shown."""

    number: int
    wait: str = ""


def hint_offer(place: Workplace, attempt: Attempt) -> HintOffer:
    """What is offered after the hints that were shown."""
    number = attempt.hints_used + 1
    if number > MOST_HINTS:
        return HintOffer(0)
    cohort = place.membership.cohort if place.membership else None
    if cohort is None or number <= attempt.hints_open or cohort.hints == Hints.FREE:
        return HintOffer(number)
    if cohort.hints == Hints.TRAINER:
        return HintOffer(number, "Your trainer opens hints in this class.")
    ready = attempt.started_at + timedelta(minutes=cohort.hint_minutes * number)
    minutes = -(-(ready - timezone.now()).total_seconds() // 60)
    if minutes <= 0:
        return HintOffer(number)
    return HintOffer(number, f"In {minutes:.0f} minute{'' if minutes == 1 else 's'}.")


def hint_take(*, place: Workplace, attempt: Attempt) -> None:
    """Show the next hint; that it was shown is recorded, and costs nothing.

    Raises:
        Refused: there is none, or not yet.
    """
    offer = hint_offer(place, attempt)
    if not offer.number:
        raise Refused("You have seen all hints of this exercise.")
    if offer.wait:
        raise Refused(f"This hint is not open yet. {offer.wait}")
    with transaction.atomic():
        HintUse.objects.get_or_create(attempt=attempt, number=offer.number)
        attempt.hints_used = max(attempt.hints_used, offer.number)
        attempt.save(update_fields=["hints_used"])
        changed(attempt)


def solution_see(*, attempt: Attempt) -> None:
    """Show the solution from now on."""
    if attempt.solution_seen_at is None:
        attempt.solution_seen_at = timezone.now()
        attempt.save(update_fields=["solution_seen_at"])
        changed(attempt)


def question_answer(*, attempt: Attempt, question: str, option: int) -> None:
    """Answer a question; once, so that it says what was expected.

    Raises:
        Refused: there is no such question or option.
    """
    asked = _asked(folder_of(attempt), question, option)
    QuestionAnswer.objects.get_or_create(
        attempt=attempt, question=question, defaults={"answer": str(option), "right": option == asked.answer}
    )


def question_answer_first(*, place: Workplace, entry: ExerciseEntry, question: str, option: int) -> Attempt:
    """Answer a question, and begin the exercise with that where it was not begun: what one expects comes first.

    Raises:
        Refused: there is no such question or option, or the exercise cannot be begun.
    """
    _asked(entry.folder, question, option)
    attempt = entry.attempt or attempt_begin(place=place, entry=entry)
    question_answer(attempt=attempt, question=question, option=option)
    return attempt


def _asked(folder: Folder, question: str, option: int) -> ExerciseCheck:
    """The question, which has such an option. Raises Refused."""
    asked = next((one for one in folder.exercise.questions if one.id == question), None)
    if asked is None or not 1 <= option <= len(asked.options):
        raise Refused("Choose one of the answers.")
    return asked


def option_of(answer: str) -> int:
    """The number of the option that was chosen; 0 where a class came with an answer that is none."""
    return int(answer) if answer.isdecimal() and len(answer) < 3 else 0


def feedback_give(*, attempt: Attempt, word: str) -> None:
    """Whether the exercise was clear."""
    if word in Feedback.values:
        attempt.feedback = word
        attempt.save(update_fields=["feedback"])


def help_of(place: Workplace) -> HelpRequest | None:
    """The request that waits for an answer."""
    if place.membership is None:
        return None
    return _HELP.first(place.membership.pk)


# --- What others of this package ask ----------------------------------------------------------------------------------


def folder_of(attempt: Attempt) -> Folder:
    """The folder of the attempt's exercise.

    Raises:
        Refused: the exercise is not there any more.
    """
    folder = catalogue.find(attempt.exercise)
    if folder is None:
        raise Refused("This exercise is not there any more.")
    return folder


def names_of(attempt: Attempt) -> dict[str, str]:
    """What texts and checks of the attempt's exercise call by a name in braces."""
    return ground_of(attempt).names if attempt.account is not None else configured_names()


def names_before(place: Workplace, slug: str) -> dict[str, str]:
    """The same of an exercise that is not begun: of the account that the person has, else as AWS's manuals do."""
    if settings.APP_MODE != "sandbox":
        return configured_names()
    rows = sandbox_accounts_of(place.owner)
    names = Ground(rows[0].account_id, rows[0].region, slug).names if rows else {}
    unknown = [*NAMES, *(f"{OPPONENT}_{name}" for name in NAMES)]
    return {name: name.upper() for name in unknown} | {"region": settings.AWS_REGION} | names


def ground_of(attempt: Attempt) -> Ground:
    """The account of the attempt, as its administrator.

    Raises:
        Refused: the exercise has a second account now, and had none when it was set up.
    """
    assert attempt.account is not None
    number, region = attempt.account.account_id, attempt.account.region
    other = str(attempt.facts.get("opponent", ""))
    if not other and folder_of(attempt).exercise.environment.opponent:
        raise Refused("This exercise has a second account now. Set it up first.")
    opponent = Ground(other, region, attempt.exercise) if other else None
    return Ground(number, region, attempt.exercise, opponent)


class leased:
    """Around what is done with an attempt by one request at a time.

    Raises:
        Refused: another one is at it.
    """

    def __init__(self, attempt: Attempt) -> None:
        self.attempt = attempt

    def __enter__(self) -> None:
        if not claim(self.attempt):
            raise Refused("This exercise is being set up or checked just now. Try again in a moment.")

    def __exit__(self, *_: object) -> None:
        release(self.attempt)


def claim(attempt: Attempt) -> bool:
    """Take the attempt for a while, unless somebody has it."""
    now = timezone.now()
    free = Attempt.objects.filter(pk=attempt.pk).filter(Q(lease_until=None) | Q(lease_until__lt=now))
    return bool(free.update(lease_until=now + _LEASE, lease_holder=holders.this_process()))


def ask_for_probes(attempt: Attempt) -> None:
    """Note that the account is to be looked at as it stands now, also where somebody is at it already."""
    Attempt.objects.filter(pk=attempt.pk).update(checks_asked=F("checks_asked") + 1)


def hold_on(attempt: Attempt) -> None:
    """Whoever has the attempt goes on with it, and has the time for it again."""
    update(Attempt, {"pk": attempt.pk}, {"lease_until": timezone.now() + _LEASE})


def release_unless_asked(attempt: Attempt) -> bool:
    """Let it go, if nobody has asked for probes since this row was read; else it stays taken. Returns whether it went.

    One statement does both, so that whoever asks either has it looked at once more or can take it.
    """
    mine = Attempt.objects.filter(pk=attempt.pk, checks_asked=attempt.checks_asked)
    return bool(mine.update(lease_until=None)) or not Attempt.objects.filter(pk=attempt.pk).exists()


def is_being_probed(owner: Owner, slug: str) -> bool:
    """Whether somebody has an attempt of this exercise by this person, in whichever class: one small query."""
    theirs = Attempt.objects.owned_by(owner).filter(exercise=slug, current=True, lease_until__gt=timezone.now())
    return theirs.order_by().exists()


def release(attempt: Attempt) -> None:
    update(Attempt, {"pk": attempt.pk}, {"lease_until": None})
    attempt.lease_until = None


def changed(attempt: Attempt) -> None:
    """Tell the class, if there is one, that somebody's page shows something else now."""
    if attempt.membership_id is None or attempt.membership is None:
        return
    with transaction.atomic(savepoint=False):
        attempt.changed_in = touch(attempt.membership.cohort_id)
        update(Attempt, {"pk": attempt.pk}, {"changed_in": attempt.changed_in})


def _attempts(place: Workplace) -> QuerySet[Attempt]:
    if place.membership is not None:
        return Attempt.objects.filter(membership=place.membership).select_related("membership")
    return Attempt.objects.owned_by(place.owner).filter(membership=None)


def _whose(place: Workplace) -> Mapping[str, object]:
    if place.membership is not None:
        return {"user_id": place.membership.user_id}
    return belonging_to(place.owner)


def _assignments(cohort: Any, member: Any, now: Any) -> QuerySet[Assignment]:
    """Of a class, each with whether it is open for one seat: by keys and a moment, or by placeholders for them."""
    is_open = Q(state=AssignmentState.OPEN) & (Q(opens_at=None) | Q(opens_at__lte=now))
    opened = Exists(Unlock.objects.filter(assignment=OuterRef("pk"), membership_id=member))
    return Assignment.objects.filter(cohort_id=cohort).annotate(
        is_open_for_seat=ExpressionWrapper(is_open | opened, output_field=BooleanField())
    )


def _check_open(place: Workplace, entry: ExerciseEntry) -> None:
    require_open(place)
    if entry.locked:
        raise Refused("This exercise is locked. Your trainer opens it.")
    if not entry.folder.exercise.works_in(settings.APP_MODE):
        raise Refused("This exercise needs the sandbox, and this site works with AWS.")


def _account(owner: Owner, membership: Membership | None, purpose: Purpose = Purpose.OWN) -> SandboxAccount | None:
    """The account of a seat, or of somebody outside of classes; None against AWS."""
    return ready_account(membership, purpose) if membership is not None else open_own_account(owner, purpose)


def _opponent(attempt: Attempt, folder: Folder) -> SandboxAccount | None:
    """The second account, where the exercise asks for one: made now if it has to be."""
    if not folder.exercise.environment.opponent:
        return None
    return _account(attempt.owner, attempt.membership, Purpose.OPPONENT)


def _ready(attempt: Attempt) -> SandboxAccount:
    """The attempt's account, in the sandbox's present start."""
    found = _account(attempt.owner, attempt.membership)
    assert found is not None
    if found.pk != attempt.account_id:
        attempt.account = found
        attempt.save(update_fields=["account"])
    return found


def _add_pool(account: SandboxAccount, ground: Ground, folder: Folder) -> None:
    """Have the exercise's pool listed among those of the account."""
    row = ground.pool_row(folder.exercise)
    with transaction.atomic():
        account.refresh_from_db(fields=["more_pools"])
        others = [one for one in account.more_pools if one["key"] != row["key"]]
        account.more_pools = [*others, row]
        account.save(update_fields=["more_pools"])


def _working(attempt: Attempt) -> Attempt:
    attempt.failure = ""
    if attempt.state != AttemptState.SOLVED:
        attempt.state = AttemptState.WORKING
    attempt.last_activity_at = timezone.now()
    attempt.save(update_fields=["failure", "state", "epoch", "facts", "changed_at", "last_activity_at"])
    changed(attempt)
    return attempt
