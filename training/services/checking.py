"""“Check my work”: stored runs are judged at once; probes are made beside the request, and judged when they are done.

One process makes the probes of two attempts at a time, so that a class that checks together does not hold up everybody
else's pages. If it dies meanwhile, the lease on the attempt runs out, and the next press of the button begins anew.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from django.db import connection, transaction
from django.db.models import BigIntegerField, IntegerField, Max, Q, QuerySet
from django.utils import timezone

from flows.exchange.sandbox_requests import NotDone
from flows.models import ApiCall, Origin, Run
from flows.services import RunError, runs_forget, runs_write
from flows.traces.writing import trace_of
from training.exercises.catalogue import Folder
from training.exercises.checks import Evidence, RecordedRun, Verdict, judge, solved
from training.exercises.format import ExerciseCheck
from training.models import Attempt, AttemptRun, AttemptState, CheckResult, QuestionAnswer, RunKind
from training.services import beside
from training.services.account_state import State, state_of
from training.services.attempts import (
    ask_for_probes,
    changed,
    claim,
    folder_of,
    ground_of,
    hold_on,
    names_of,
    option_of,
    question_answer,
    release,
    release_unless_asked,
)
from training.services.belonging import COUNTED, take, take_missed, take_probes
from training.services.cli_calls import bring_in
from training.services.errors import Refused
from training.services.exercise_work import Hands, solve
from training.services.probing import probe_all
from web.prepared import Prepared, insert, update

log = logging.getLogger("lab.training")

_MOST_RUNS = 60  # of an attempt, the latest
_MOST_LOOKS = 3  # at an account that is changed meanwhile
# Operations that change nothing begin so; of others it is not known.
_READS = ("Get", "List", "Describe", "Head", "Query", "Scan", "BatchGet", "TransactGet", "AssumeRole")


def _counted_keys(attempt: Any, epoch: Any) -> "QuerySet[AttemptRun, int]":
    mine = AttemptRun.objects.filter(attempt_id=attempt, kind__in=COUNTED, epoch=epoch)
    return mine.order_by("-run_id").values_list("run_id", flat=True)[:_MOST_RUNS]


_RUNS = Prepared(
    lambda attempt, epoch: Run.objects.filter(pk__in=_counted_keys(attempt, epoch)).order_by("pk"),
    BigIntegerField(),
    IntegerField(),
)
_CALLS = Prepared(
    lambda attempt, epoch: ApiCall.objects.filter(run_id__in=_counted_keys(attempt, epoch)).order_by("position"),
    BigIntegerField(),
    IntegerField(),
)
_CHANGES = Prepared(
    lambda attempt, epoch: AttemptRun.objects.filter(
        attempt_id=attempt, kind__in=(RunKind.CONFIGURE, RunKind.CLI), epoch=epoch
    ).order_by()[:1],
    BigIntegerField(),
    IntegerField(),
)
_RESULTS = Prepared(lambda attempt: CheckResult.objects.filter(attempt_id=attempt), BigIntegerField())
_ANSWERS = Prepared(lambda attempt: QuestionAnswer.objects.filter(attempt_id=attempt), BigIntegerField())
_HELD = Prepared(lambda key: Attempt.objects.select_for_update().filter(pk=key), BigIntegerField())


def attempt_check(*, attempt: Attempt) -> list[Verdict]:
    """Judge what is stored; how things stand in the account is not looked at here.

    Raises:
        Refused: the exercise is not there any more.
    """
    folder = folder_of(attempt)
    if attempt.account is not None:
        bring_in(attempt.owner, at_once=True)
        take_missed(attempt)
    return _judge(attempt, folder, probes={}, state=None)


def attempt_follow(*, attempt: Attempt) -> None:
    """Judge what is stored though nobody pressed anything: what runs prove is noted, what is missing is not.

    Raises:
        Refused: the exercise is not there any more.
    """
    _judge(attempt, folder_of(attempt), probes={}, state=None, asked=False)


def attempt_catch_up(*, attempt: Attempt) -> None:
    """Judge what is stored if something was done since that was judged last. The sandbox is not asked, and what cannot
    be judged stays as it stands."""
    is_judged = attempt.checked_at is not None and attempt.checked_at >= attempt.last_activity_at
    if attempt.state != AttemptState.WORKING or is_judged or not _RUNS.rows(attempt.pk, attempt.epoch):
        return
    with suppress(Refused):
        attempt_follow(attempt=attempt)


def needs_probes(attempt: Attempt, verdicts: Sequence[Verdict]) -> bool:
    """Whether the account has to be looked at: not before everything is seen that has to come first, unless something
    was changed already, and not any more once it is solved."""
    if attempt.account is None or attempt.state == AttemptState.SOLVED:
        return False
    done = {verdict.check.id for verdict in verdicts if verdict.done}
    checks = {verdict.check.id: verdict.check for verdict in verdicts}

    def can_be_judged(check: ExerciseCheck) -> bool:
        needed = [checks[id] for id in check.needs]
        return all(one.id in done if one.stays else can_be_judged(one) for one in needed)

    standing = [check for check in checks.values() if not check.stays]
    return any(can_be_judged(check) for check in standing) or bool(standing and _changes(attempt))


def probes_beside(*, attempt: Attempt, seconds: float) -> bool:
    """Have the probes made beside the request, and wait for them a moment; returns whether they are done.

    Where they are being made already, they were begun before this was asked: then they are made once more.
    """
    ask_for_probes(attempt)
    return claim(attempt) and beside.done_within(seconds, _beside, attempt.pk, failed=_let_go)


def probes_make(*, attempt: Attempt) -> list[Verdict]:
    """Make the exercise's probes, look at the account, and judge all of it.

    Checks are to pass at the same time, so that what was found while something changed there proves nothing: it is
    looked for once more.

    Raises:
        Refused: the sandbox does not answer, the exercise is not there any more, or the account does not keep still.
    """
    folder, ground = folder_of(attempt), ground_of(attempt)
    exercise = folder.exercise
    for _ in range(_MOST_LOOKS):
        change = _last_change(attempt)
        try:
            made = probe_all(owner=attempt.owner, ground=ground, exercise=exercise, probes=exercise.probes)
            state = state_of(ground) if any(check.on == "state" for check in exercise.checks) else None
        except (NotDone, RunError) as failed:
            raise Refused(f"Your account could not be looked at: {failed}") from None
        bring_in(attempt.owner, at_once=True)
        if _last_change(attempt) == change:
            break
    else:
        raise Refused("Your account was changed each time it was looked at. Check again when nothing changes it.")
    before = _probe_runs(attempt)
    runs = runs_write(made)
    take_probes(runs, attempt)
    recorded = [RecordedRun(run.pk, trace_of(run)) for run in runs]
    probes = {probe.id: found for probe, found in zip(exercise.probes, recorded, strict=True)}
    verdicts = _judge(attempt, folder, probes=probes, state=state)
    runs_forget(before)  # what they proved was judged anew
    return verdicts


def attempt_solve(*, attempt: Attempt) -> list[Verdict]:
    """Do the exercise in the learner's place, with runs that say so; then judge it.

    Raises:
        Refused: the sandbox does not answer, or somebody else is at it.
    """
    if attempt.account is None:
        raise Refused("On AWS nobody is solved for.")
    folder = folder_of(attempt)
    if not claim(attempt):
        raise Refused("This exercise is being set up or checked just now. Try again in a moment.")

    def begun(run: Run) -> None:
        _mark_solved_for(attempt)
        take(run, attempt, RunKind.SOLVE)

    def answered(question: str, option: int) -> None:
        _mark_solved_for(attempt)
        question_answer(attempt=attempt, question=question, option=option)

    try:
        hands = Hands(
            attempt.owner,
            ground_of(attempt),
            folder,
            begun=begun,
            answered=answered,
            origin=Origin.SOLUTION,
        )
        solve(folder, hands)
        return probes_make(attempt=attempt)
    except (NotDone, RunError) as failed:
        raise Refused(f"It could not be solved: {failed}") from None
    finally:
        release(attempt)


def _mark_solved_for(attempt: Attempt) -> None:
    """Before the first thing that is done in the learner's place. What they have solved themselves stays theirs."""
    if Attempt.objects.filter(pk=attempt.pk).exclude(state=AttemptState.SOLVED).update(solved_for=True):
        attempt.solved_for = True


def verdicts_of(results: Iterable[CheckResult], folder: Folder) -> list[Verdict]:
    """How the checks stood when they were judged last."""
    stored = {result.check_id: result for result in results}
    found = []
    for check in folder.exercise.checks:
        result = stored.get(check.id)
        waits = any(needed not in stored or not stored[needed].done for needed in check.needs)
        if result is None:
            found.append(Verdict(check, False, waits=waits))
        else:
            found.append(Verdict(check, result.done, result.run_id, result.call, waits=waits and not result.done))
    return found


# --- Judging ----------------------------------------------------------------------------------------------------------


def _judge(
    attempt: Attempt, folder: Folder, *, probes: dict[str, RecordedRun], state: State | None, asked: bool = True
) -> list[Verdict]:
    """How every check stands now. `asked`: by somebody who wants to know what is missing."""
    stored = _RESULTS.rows(attempt.pk)
    evidence = Evidence(
        runs=_counted(attempt),
        probes=probes,
        state=state,
        answers={answer.question: option_of(answer.answer) for answer in _ANSWERS.rows(attempt.pk)},
        names=names_of(attempt),
        done=frozenset(result.check_id for result in stored if result.done),
    )
    verdicts = judge(folder.exercise, evidence)
    if attempt.state == AttemptState.SOLVED:
        return [Verdict(v.check, True, v.run, v.call) for v in verdicts]
    looked = bool(probes) or state is not None
    _store(
        attempt,
        verdicts,
        looked=looked,
        asked=asked,
        is_solved=solved(verdicts) and (looked or not folder.exercise.probes),
    )
    if looked:
        return verdicts
    standing = {verdict.check.id: verdict for verdict in verdicts_of(stored, folder)}
    return [verdict if verdict.check.stays else standing[verdict.check.id] for verdict in verdicts]


def _store(attempt: Attempt, verdicts: Sequence[Verdict], *, looked: bool, asked: bool, is_solved: bool) -> None:
    """Write down what was found, on the row as it is now: runs, probes and a board's look may be judged side by side.

    What is missing is written down where somebody asked, and of checks whose turn it is: nobody misses one that waits
    for others.

    Raises:
        Refused: the attempt is gone.
    """
    now = timezone.now()
    with transaction.atomic():
        held = _HELD.first(attempt.pk)
        if held is None:
            raise Refused("This exercise was started again in the meantime.")
        before = (held.state, held.checks_passed, held.checks_total)
        if held.state != AttemptState.SOLVED:
            done = _store_results(held, verdicts, looked=looked, asked=asked)
            if done > held.checks_passed:
                held.last_progress_at = now
            held.checks_passed, held.checks_total = done, len(verdicts)
            if is_solved:
                held.state, held.solved_at = AttemptState.SOLVED, now
        held.checked_at = now
        if asked:
            held.last_activity_at = now
        names = ("checks_passed", "checks_total", "checked_at", "last_activity_at", "last_progress_at")
        fields = {name: getattr(held, name) for name in (*names, "state", "solved_at")}
        update(Attempt, {"pk": held.pk}, fields)
        for name, value in fields.items():
            setattr(attempt, name, value)
        if asked or before != (held.state, held.checks_passed, held.checks_total):
            changed(attempt)


def _store_results(held: Attempt, verdicts: Sequence[Verdict], *, looked: bool, asked: bool) -> int:
    """Returns how many checks are done."""
    now = timezone.now()
    stored = {result.check_id: result for result in _RESULTS.rows(held.pk)}
    for verdict in verdicts:
        check, result = verdict.check, stored.get(verdict.check.id)
        if not check.stays and not looked:
            continue  # as it stood when it was looked at last
        if result is not None and result.done and check.stays and (result.run_id or not verdict.done):
            continue  # what proved it first stays its proof
        if not verdict.done and (verdict.waits or not asked):
            if result is not None and verdict.waits:
                stored.pop(check.id).delete()
            continue
        done_at = ((result.done_at if result else None) or now) if verdict.done else None
        found = {"done": verdict.done, "run_id": verdict.run, "call": verdict.call, "done_at": done_at}
        stored[check.id] = _stored_result(held, check.id, result, found | {"evaluated_at": now})
    return sum(stored[verdict.check.id].done for verdict in verdicts if verdict.check.id in stored)


def _stored_result(held: Attempt, check: str, result: CheckResult | None, fields: Mapping[str, Any]) -> CheckResult:
    """The row of a check as it stands now; made if there is none."""
    if result is None:
        made = CheckResult(attempt=held, check_id=check, **fields)
        insert(made)
        return made
    update(CheckResult, {"pk": result.pk}, fields)
    for name, value in fields.items():
        setattr(result, name, value)
    return result


def _counted(attempt: Attempt) -> list[RecordedRun]:
    """The attempt's runs, the oldest first: those of the account as it is now."""
    runs, calls = _RUNS.rows(attempt.pk, attempt.epoch), defaultdict[int, list[ApiCall]](list)
    for call in _CALLS.rows(attempt.pk, attempt.epoch) if runs else ():
        calls[call.run_id].append(call)
    for run in runs:
        run.hold(calls[run.pk])
    return [RecordedRun(run.pk, trace_of(run)) for run in runs]


def _changes(attempt: Attempt) -> bool:
    return bool(_CHANGES.rows(attempt.pk, attempt.epoch))


def _last_change(attempt: Attempt) -> int:
    """The number of the latest call with which somebody may have changed the account; 0 without one."""
    theirs = AttemptRun.objects.filter(attempt=attempt, epoch=attempt.epoch, kind__in=COUNTED)
    reads = Q()
    for beginning in _READS:
        reads |= Q(operation__startswith=beginning)
    calls = ApiCall.objects.filter(run__in=theirs.values("run")).exclude(reads)
    return int(calls.aggregate(last=Max("pk"))["last"] or 0)


def _probe_runs(attempt: Attempt) -> Sequence[Run]:
    made = AttemptRun.objects.filter(attempt=attempt, kind=RunKind.PROBE)
    return list(Run.objects.filter(pk__in=made.values("run")))


# --- Beside the request -----------------------------------------------------------------------------------------------


def _beside(pk: int) -> bool:
    """The probes of an attempt that is claimed already, in a thread or process of its own.

    Returns whether they are to be made once more: somebody has asked since these were begun.
    """
    try:
        attempt = Attempt.objects.select_related("account", "membership").get(pk=pk)
        try:
            hold_on(attempt)
            probes_make(attempt=attempt)
            Attempt.objects.filter(pk=pk).update(failure="")
        except Refused as refused:
            Attempt.objects.filter(pk=pk).update(failure=str(refused)[:300])
        except BaseException:
            release(attempt)
            raise
        return not release_unless_asked(attempt)
    except Exception:  # a thread's exception would be seen by nobody
        log.exception("The probes of attempt %s could not be made", pk)
        return False
    finally:
        beside.done_with_database()


def _let_go(pk: int) -> None:
    """Whoever made the probes is gone: they can be asked for again."""
    try:
        Attempt.objects.filter(pk=pk).update(lease_until=None, failure="The probes were interrupted. Check again.")
    finally:
        connection.close()
