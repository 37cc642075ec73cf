"""The proof that an exercise works: set up, every check open; each wrong fix leaves one open; solved, all are done."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import uuid4

from django.conf import settings

from accounts.owners import Owner
from flows.exchange.sandbox_requests import ask
from flows.models import Run
from flows.services import run_delete, runs_write
from flows.traces.writing import trace_of
from training.exercises.catalogue import Folder
from training.exercises.checks import Evidence, RecordedRun, Verdict, judge, solved
from training.services.account_state import state_of
from training.services.exercise_work import Hands, before_repair, clear, set_up, solve, wrong_fixes
from training.services.grounds import Ground
from training.services.probing import probe_all

LEAST_WRONG_FIXES = 2  # of an exercise that has something to repair


class NotProven(Exception):
    """The exercise does not do what it should; the text says where."""


@dataclass(slots=True)
class _Person:
    """Who tries the exercise: nobody's runs, which are deleted at the end."""

    owner: Owner
    runs: list[Run] = field(default_factory=list)
    all_runs: list[Run] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)

    def begun(self, run: Run) -> None:
        self.runs.append(run)
        self.all_runs.append(run)

    def answered(self, question: str, option: int) -> None:
        self.answers[question] = option

    def begin_again(self) -> None:
        self.runs.clear()
        self.answers.clear()


def has_repair(folder: Folder) -> bool:
    """Whether a change is asked for: then how things stand is judged."""
    return any(check.on == "state" or check.on == "probe" for check in folder.exercise.checks)


def prove(folder: Folder) -> Iterator[str]:
    """Go through the whole cycle in accounts made for it, telling what was seen; nothing of it stays.

    Raises:
        NotProven: a check came out otherwise than it should.
        NotDone: the sandbox does not answer.
    """
    with _accounts(folder) as ground:
        person = _Person(Owner(None, uuid4()))
        hands = Hands(person.owner, ground, folder, begun=person.begun, answered=person.answered)
        try:
            yield from _cycle(folder, ground, person, hands)
        finally:
            for run in person.all_runs:
                run_delete(run=run)


def _cycle(folder: Folder, ground: Ground, person: _Person, hands: Hands) -> Iterator[str]:
    set_up(folder, ground)
    done = [verdict.check.id for verdict in _judged(folder, ground, person) if verdict.done]
    if done:
        raise NotProven(f"after set-up, before anybody did anything, these are done: {', '.join(done)}")
    yield f"set up, and all {len(folder.exercise.checks)} checks are open"
    fixes = wrong_fixes(folder)
    if has_repair(folder) and len(fixes) < LEAST_WRONG_FIXES:
        raise NotProven(f"it has something to repair and {len(fixes)} wrong fixes; {LEAST_WRONG_FIXES} are asked for")
    for name, (mend, leaves) in fixes.items():
        person.begin_again()
        set_up(folder, ground)
        before_repair(folder, hands)
        mend(hands)
        still = [verdict.check.id for verdict in _judged(folder, ground, person) if not verdict.done]
        if not still or not set(leaves) <= set(still):
            raise NotProven(f"wrong fix {name} should leave {', '.join(leaves)} open; open: {', '.join(still) or '-'}")
        if seen := [id for id in still if folder.exercise.check(id).stays]:
            raise NotProven(f"wrong fix {name} leaves {', '.join(seen)} open, which solve.before should have done")
        yield f"wrong fix {name}: {', '.join(still)} open"
    person.begin_again()
    clear(folder, ground)
    set_up(folder, ground)
    solve(folder, hands)
    verdicts = _judged(folder, ground, person)
    if not solved(verdicts):
        raise NotProven(f"solved, and yet open: {', '.join(v.check.id for v in verdicts if not v.done)}")
    yield "solved, and every check is done"
    clear(folder, ground)
    set_up(folder, ground)
    person.begin_again()
    if any(verdict.done for verdict in _judged(folder, ground, person)):
        raise NotProven("after a reset some checks are done")
    yield "reset"


def _judged(folder: Folder, ground: Ground, person: _Person) -> Sequence[Verdict]:
    exercise = folder.exercise
    runs = runs_write(probe_all(owner=person.owner, ground=ground, exercise=exercise, probes=exercise.probes))
    person.all_runs += runs
    probes = {probe.id: RecordedRun(run.pk, trace_of(run)) for probe, run in zip(exercise.probes, runs, strict=True)}
    evidence = Evidence(
        runs=[RecordedRun(run.pk, trace_of(run)) for run in person.runs],
        probes=probes,
        state=state_of(ground),
        answers=dict(person.answers),
        names=ground.names,
    )
    return judge(exercise, evidence)


@contextmanager
def _accounts(folder: Folder) -> Iterator[Ground]:
    """New accounts for the exercise, removed at the end."""
    made: list[str] = []

    def make(name: str) -> str:
        made.append(str(ask("POST", "/_sandbox/accounts", {"action": "make", "name": name}, account="")["account"]))
        return made[-1]

    try:
        slug, region = folder.slug, settings.AWS_REGION
        opponent = Ground(make("opponent"), region, slug) if folder.exercise.environment.opponent else None
        yield Ground(make("exercise"), region, slug, opponent)
    finally:
        for number in made:
            ask("POST", "/_sandbox/accounts", {"action": "remove", "account": number}, account="")
