"""What an exercise's page shows, made of its folder and of how far somebody is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.db.models import BigIntegerField
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from flows.models import Run
from flows.pages.run.run_view import run_title
from training.exercises.format import Exercise, ExerciseCheck
from training.exercises.prose import rendered
from training.models import Attempt, AttemptRun, AttemptState, CheckResult, HelpRequest
from training.services.attempts import ExerciseEntry, HintOffer, Workplace, help_of, hint_offer, names_before, option_of
from training.services.checking import verdicts_of
from web import sandboxes
from web.prepared import Prepared

_MOST_RUNS = 12
_RESULTS = Prepared(
    lambda attempt: CheckResult.objects.filter(attempt_id=attempt).select_related("run"), BigIntegerField()
)
_RUNS = Prepared(
    lambda attempt: (
        AttemptRun.objects.filter(attempt_id=attempt).select_related("run").order_by("-run_id")[:_MOST_RUNS]
    ),
    BigIntegerField(),
)
_LEVELS = ("warm-up", "first steps", "needs some practice", "advanced")
# Icon, colour and word of each state, as the list and the head of the page show it.
_STATES = {
    AttemptState.SOLVED: ("check", "is-ok", "Solved"),
    AttemptState.WORKING: ("step", "is-open", "Started"),
    AttemptState.SETTING_UP: ("clock", "is-open", "Being set up"),
}


@dataclass(frozen=True, slots=True)
class CheckView:
    """One line of the list of checks."""

    check: ExerciseCheck
    done: bool
    waits: bool
    url: str

    @property
    def text(self) -> str:
        if self.done:
            return self.check.done
        return f"Answer the question: {self.check.todo}" if self.check.options else self.check.todo


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question with its answer, once there is one."""

    check: ExerciseCheck
    chosen: int

    @property
    def right(self) -> bool:
        return self.chosen == self.check.answer

    @property
    def options(self) -> list[tuple[int, str]]:
        return list(enumerate(self.check.options, start=1))


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run of the attempt."""

    run: Run
    kind: str
    counts: bool

    @property
    def title(self) -> str:
        """`Google, enhanced flow, as devi`."""
        return f"{run_title(self.run)}, as {self.run.subject}" if self.run.subject else run_title(self.run)


@dataclass(frozen=True)
class EntryView:
    """One exercise in the list."""

    entry: ExerciseEntry

    @property
    def exercise(self) -> Exercise:
        return self.entry.folder.exercise

    @property
    def level(self) -> str:
        return _LEVELS[self.exercise.level]

    @property
    def works_here(self) -> bool:
        return self.exercise.works_in(settings.APP_MODE)

    @property
    def state(self) -> tuple[str, str, str]:
        """Icon, colour and word."""
        if self.entry.attempt is not None:
            return _STATES.get(AttemptState(self.entry.attempt.state), ("step", "", "Not started"))
        if not self.works_here:
            return ("lock", "", "Needs the sandbox")
        return ("lock", "", "Locked") if self.entry.locked else ("step", "", "Not started")

    @property
    def icon(self) -> str:
        return f"icons/{self.state[0]}.svg"

    @property
    def tone(self) -> str:
        return self.state[1]

    @property
    def word(self) -> str:
        return self.state[2]


class ExerciseView(EntryView):
    """The page of one exercise."""

    def __init__(self, place: Workplace, entry: ExerciseEntry) -> None:
        super().__init__(entry)
        self.__dict__["place"] = place

    place: Workplace

    @property
    def attempt(self) -> Attempt | None:
        return self.entry.attempt

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What the texts call by a name in braces; before the exercise is begun as far as that is known."""
        if self.attempt is None:
            return names_before(self.place, self.exercise.slug)
        names = {name: str(value) for name, value in self.attempt.facts.items()}
        if self.attempt.account is not None:  # a laptop in another network has another address than when it was begun
            names["endpoint"] = sandboxes.of_account(self.attempt.account.account_id).cli_url
        return names

    @property
    def pool_key(self) -> str:
        """The identity pool to work in, as addresses name it: the exercise's own, or the one that all share on AWS."""
        return self.names.get("pool_key") or self.exercise.slug

    @property
    def guest_role(self) -> str:
        """The role of guests of a configured pool, where the settings say it."""
        row = next(iter(settings.IDENTITY_POOLS), {})
        return str(row.get("guest_role_arn", "")).rpartition("/")[2]

    @property
    def brief(self) -> SafeString:
        return self._html(self.entry.folder.brief)

    @property
    def solution(self) -> SafeString:
        return self._html(self.entry.folder.solution)

    @property
    def hints(self) -> list[SafeString]:
        used = self.attempt.hints_used if self.attempt else 0
        return [self._html(text) for text in self.entry.folder.hints[:used]]

    @property
    def next_hint(self) -> HintOffer | None:
        return hint_offer(self.place, self.attempt) if self.attempt else None

    @property
    def stands(self) -> bool:
        """Whether the environment is there, as far as the application knows."""
        attempt = self.attempt
        if attempt is None or attempt.state == AttemptState.SETTING_UP or self.lacks_opponent:
            return False
        return attempt.account is None or attempt.account.epoch == attempt.epoch

    @property
    def lacks_opponent(self) -> bool:
        """Whether the exercise has come to need a second account since it was set up."""
        attempt = self.attempt
        if attempt is None or attempt.account is None or not self.exercise.environment.opponent:
            return False
        return not attempt.facts.get("opponent")

    @property
    def under_way(self) -> bool:
        """Whether probes are being made."""
        until = self.attempt.lease_until if self.attempt else None
        return until is not None and until > timezone.now()

    @property
    def is_solved(self) -> bool:
        return self.attempt is not None and self.attempt.state == AttemptState.SOLVED

    @property
    def has_newer(self) -> bool:
        return self.attempt is not None and self.attempt.version < self.exercise.version

    @cached_property
    def results(self) -> list[CheckResult]:
        return _RESULTS.rows(self.attempt.pk) if self.attempt else []

    @cached_property
    def checks(self) -> list[CheckView]:
        if self.attempt is None:
            return [CheckView(check, False, bool(check.needs), "") for check in self.exercise.checks]
        runs = {result.run_id: result.run for result in self.results if result.run}
        found = []
        for verdict in verdicts_of(self.results, self.entry.folder):
            run = runs.get(verdict.run)
            url = _address(run, verdict.call) if run and (verdict.done or not verdict.waits) else ""
            found.append(CheckView(verdict.check, verdict.done, verdict.waits, url))
        return found

    @property
    def checks_now(self) -> list[CheckView]:
        """Those that are done, and those that can be worked at."""
        return [check for check in self.checks if check.done or not check.waits]

    @property
    def checks_later(self) -> list[CheckView]:
        """Those that are looked at when others are done."""
        return [check for check in self.checks if check.waits and not check.done]

    @property
    def passed(self) -> int:
        return sum(check.done for check in self.checks)

    @property
    def can_answer(self) -> bool:
        """Whether a question can be answered: before the exercise is begun, too, as an answer begins it."""
        return self.attempt is not None or (self.works_here and not self.entry.locked)

    @property
    def mended_first(self) -> bool:
        """Whether something was changed before what it hides was seen: then there may be nothing left to see.

        Where nothing is to be mended, a change is one of the steps, and only the runs that come first go before it.
        """
        attempt = self.attempt
        if attempt is None or attempt.changed_at is None or self.is_solved:
            return False
        runs = [one for one in self.checks if one.check.on in ("any_run", "last_run", "runs")]
        if all(one.check.stays for one in self.checks):
            names = {one.check.id for one in runs}
            runs = [one for one in runs if names.isdisjoint(one.check.needs)]
        return not all(one.done for one in runs) and any(check.waits for check in self.checks)

    @cached_property
    def questions(self) -> list[QuestionView]:
        if not self.exercise.questions:
            return []
        answers = {one.question: option_of(one.answer) for one in self.attempt.answers.all()} if self.attempt else {}
        return [QuestionView(check, answers.get(check.id, 0)) for check in self.exercise.questions]

    @cached_property
    def runs(self) -> list[RunLine]:
        if self.attempt is None:
            return []
        rows = _RUNS.rows(self.attempt.pk)
        return [RunLine(row.run, row.get_kind_display(), row.epoch == self.attempt.epoch) for row in rows]

    @cached_property
    def help(self) -> HelpRequest | None:
        return help_of(self.place)

    @property
    def can_ask(self) -> bool:
        return self.place.membership is not None and self.place.is_open

    def _html(self, text: str) -> SafeString:
        return mark_safe(rendered(text, dict(self.names)))  # noqa: S308 - HTML is off in the renderer


def following(entries: Sequence[ExerciseEntry], slug: str) -> ExerciseEntry | None:
    """The exercise after this one."""
    slugs = [entry.folder.slug for entry in entries]
    place = slugs.index(slug) + 1 if slug in slugs else len(slugs)
    return entries[place] if place < len(entries) else None


def _address(run: Run, call: int | None) -> str:
    page = reverse("flows:run_view", args=[run.code, "calls"])
    return f"{page}?call={call}#call-{call}" if call else page
