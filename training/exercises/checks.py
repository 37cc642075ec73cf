"""Whether a learner has done what an exercise asks: its checks, judged on stored traces, on probes, on the account."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from training.exercises.format import Exercise, ExerciseCheck
from training.exercises.paths import Path, filled_in

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """One run of the learner's or of the system: what names it elsewhere, and its exported trace."""

    key: int
    trace: Document


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that checks may look at.

    Attributes:
        runs: the learner's own, the oldest first.
        probes: by the probe's id; one that was not made is missing.
        state: the account as it is; None where nobody looked.
        answers: by the question's id, the number of the chosen option.
        names: what `{account_id}`, `{pool_id}` and `{region}` stand for.
        done: ids of checks that were done before.
    """

    runs: Sequence[RecordedRun] = ()
    probes: Mapping[str, RecordedRun] = field(default_factory=dict)
    state: Document | None = None
    answers: Mapping[str, int] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    done: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one check came out.

    Attributes:
        run: the key of the run that proves it, or that shows what is missing.
        call: position of the call in that run.
        waits: whether it is looked at only when the checks that it needs are done.
        ahead: whether it is so already, before those are.
    """

    check: ExerciseCheck
    done: bool
    run: int | None = None
    call: int | None = None
    waits: bool = False
    ahead: bool = False

    @property
    def text(self) -> str:
        return self.check.done if self.done else self.check.todo


def judge(exercise: Exercise, evidence: Evidence) -> list[Verdict]:
    """Every check of the exercise, in its order. What was seen to be done stays so; how things stand is judged anew."""
    verdicts: dict[str, Verdict] = {}
    for check in exercise.checks:
        if check.stays and check.id in evidence.done:
            verdicts[check.id] = _found(check, evidence) or Verdict(check, True)
            continue
        verdict = _found(check, evidence) or _not_found(check, evidence)
        if not all(verdicts[needed].done for needed in check.needs):
            verdict = Verdict(check, False, waits=True, ahead=verdict.done)
        verdicts[check.id] = verdict
    return list(verdicts.values())


def solved(verdicts: Sequence[Verdict]) -> bool:
    return all(verdict.done for verdict in verdicts)


def _found(check: ExerciseCheck, evidence: Evidence) -> Verdict | None:
    if check.on == "question":
        return Verdict(check, True) if check.id in evidence.answers else None
    if check.on == "state":
        return Verdict(check, True) if evidence.state and _holds(check, evidence.state, evidence) else None
    if check.on == "runs":
        return Verdict(check, True) if _holds(check, [run.trace for run in evidence.runs], evidence) else None
    for run in _candidates(check, evidence):
        if _holds(check, run.trace, evidence):
            return Verdict(check, True, run.key, _call(check, run.trace, evidence))
    return None


def _not_found(check: ExerciseCheck, evidence: Evidence) -> Verdict:
    """Open, with the probe that shows why: of the learner's own runs none is to be blamed."""
    made = evidence.probes.get(check.probe) if check.on == "probe" else None
    if made is None:
        return Verdict(check, False)
    return Verdict(check, False, made.key, _last_call(made.trace))


def _candidates(check: ExerciseCheck, evidence: Evidence) -> Iterator[RecordedRun]:
    if check.on == "probe":
        yield from (made for made in (evidence.probes.get(check.probe),) if made is not None)
        return
    runs = [run for run in reversed(evidence.runs) if check.where is None or _true(check.where, run.trace, evidence)]
    yield from runs[:1] if check.on == "last_run" else runs


def _holds(check: ExerciseCheck, document: Any, evidence: Evidence) -> bool:
    assert check.path is not None
    found, names = check.path.find(document, evidence.names), evidence.names
    wanted = check.value
    if isinstance(wanted, str):
        wanted = Path(wanted[1:]).find(document, names) if wanted.startswith("@") else filled_in(wanted, names)
    return _compare(check.op, found, wanted)


def _compare(op: str, found: Any, wanted: Any) -> bool:
    match op:
        case "some":
            return bool(found)
        case "none":
            return not found
        case "eq":
            return found is not None and isinstance(found, bool) == isinstance(wanted, bool) and bool(found == wanted)
        case "ne":
            return found is not None and bool(found != wanted)
        case "has":
            return (
                isinstance(found, list) or (isinstance(found, str | dict) and isinstance(wanted, str))
            ) and wanted in found
        case "in":
            return isinstance(wanted, list) and found in wanted
        case "startswith":
            return isinstance(found, str) and isinstance(wanted, str) and found.startswith(wanted)
        case "ge" | "le":
            return _ordered(op, found, wanted)
    raise AssertionError(op)


def _ordered(op: str, found: Any, wanted: Any) -> bool:
    if not isinstance(found, int | float) or not isinstance(wanted, int | float):
        return False
    return found >= wanted if op == "ge" else found <= wanted


def _true(path: Path, document: Any, evidence: Evidence) -> bool:
    return bool(path.find(document, evidence.names))


def _call(check: ExerciseCheck, trace: Document, evidence: Evidence) -> int | None:
    """The position of the first call that the check shows: what its paths find has to be calls for that."""
    for path in (check.show, check.path):
        found = path.find(trace, evidence.names) if path else None
        for entry in found if isinstance(found, list) else [found]:
            if isinstance(entry, dict) and isinstance(entry.get("position"), int):
                return int(entry["position"])
    return None


def _last_call(trace: Document) -> int | None:
    calls = trace.get("calls") or []
    return calls[-1]["position"] if calls else None
