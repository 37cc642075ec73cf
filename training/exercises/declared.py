"""What an exercise does at an account, as data instead of Python: requests of the administrator, runs of a learner."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from training.exercises.format import BadExercise, Exercise, Probe, Table, Use, probe_of, use_of

_MOST_STEPS = 100


@dataclass(frozen=True, slots=True)
class Step:
    """One request of the administrator's, or one run."""

    request: Use | None = None
    run: Probe | None = None


Steps = tuple[Step, ...]


def read_steps(document: Mapping[str, Any], name: str) -> Steps:
    """The steps of a set_up.toml or solve.toml: `[[step]]` tables with a `request` or a `run`.

    Raises:
        BadExercise
    """
    top = Table(document, name)
    steps = _steps(top)
    top.finished()
    return steps


def read_fixes(document: Mapping[str, Any], exercise: Exercise) -> dict[str, tuple[Steps, tuple[str, ...]]]:
    """Wrong fixes by their id: their steps, and the checks that they leave open.

    Raises:
        BadExercise
    """
    top = Table(document, "wrong_fixes.toml")
    found = {}
    for table in top.tables("fix"):
        leaves = table.texts("leaves")
        if not set(leaves) <= {check.id for check in exercise.checks}:
            raise table.wrong("leaves", "names checks of the exercise")
        found[table.text("id")] = (_steps(table), leaves)
        table.finished()
    top.finished()
    return found


def _steps(table: Table) -> Steps:
    found = []
    for number, each in enumerate(table.tables("step"), start=1):
        request, run = each.mapping("request"), each.mapping("run")
        each.finished()
        if bool(request) == bool(run):
            raise BadExercise(f"step {number}: has a request or a run.")
        if request:
            found.append(Step(request=use_of(Table(request, f"step {number}"))))
        else:
            named = {"id": f"step-{number}", "title": "A run", **run}
            found.append(Step(run=replace(probe_of(Table(named, f"step {number}")), id="")))
    if len(found) > _MOST_STEPS:
        raise BadExercise(f"step: at most {_MOST_STEPS}.")
    return tuple(found)
