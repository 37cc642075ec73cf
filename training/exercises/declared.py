"""What an exercise does at an account, as data instead of Python: requests of the administrator, runs and answers of a
learner."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from training.exercises.format import (
    OPPONENT,
    BadExercise,
    Exercise,
    Probe,
    TomlTable,
    Use,
    is_opponents,
    probe_of,
    use_of,
)
from training.exercises.states import is_file_name

_MOST_STEPS = 100


@dataclass(frozen=True, slots=True)
class DeclaredStep:
    """One request of the administrator's, one run, or one answer to a question.

    Attributes:
        opponent: whether the request is made in the second account.
        answer: the question's id, and the number of the option.
    """

    request: Use | None = None
    run: Probe | None = None
    opponent: bool = False
    answer: tuple[str, int] | None = None


Steps = tuple[DeclaredStep, ...]


def read_set_up(document: Mapping[str, Any], exercise: Exercise) -> tuple[str, Steps]:
    """A set_up.toml: the name of the file with the saved state, where it has one, and the steps after it.

    Raises:
        BadExercise
    """
    top = TomlTable(document, "set_up.toml")
    state = top.text("state", default="")
    if state and not is_file_name(state):
        raise top.wrong("state", "names a file beside this one, such as state.json")
    steps = _steps(top, exercise)
    top.finished()
    if any(step.request is None for step in steps):
        raise BadExercise("set_up.toml: a step is a request; nobody does the exercise yet.")
    return state, steps


def read_solve(document: Mapping[str, Any], exercise: Exercise) -> Steps:
    """The steps of a solve.toml: `[[step]]` tables with a `request`, a `run` or an `answer`.

    Raises:
        BadExercise
    """
    top = TomlTable(document, "solve.toml")
    steps = _steps(top, exercise)
    top.finished()
    return steps


def read_fixes(document: Mapping[str, Any], exercise: Exercise) -> dict[str, tuple[Steps, tuple[str, ...]]]:
    """Wrong fixes by their id: their steps, and the checks that they leave open.

    Raises:
        BadExercise
    """
    top = TomlTable(document, "wrong_fixes.toml")
    found = {}
    for table in top.tables("fix"):
        leaves = table.texts("leaves")
        if not set(leaves) <= {check.id for check in exercise.checks}:
            raise table.wrong("leaves", "names checks of the exercise")
        found[table.text("id")] = (_steps(table, exercise), leaves)
        table.finished()
    top.finished()
    return found


def _steps(table: TomlTable, exercise: Exercise) -> Steps:
    found = []
    for number, each in enumerate(table.tables("step"), start=1):
        name = f"step {number}"
        kinds = {kind: each.mapping(kind) for kind in ("request", "run", "answer")}
        account = each.one_of("account", ("own", OPPONENT), "own")
        each.finished()
        if sum(map(bool, kinds.values())) != 1:
            raise BadExercise(f"{name}: has a request, a run or an answer.")
        if account == OPPONENT and not (kinds["request"] and exercise.environment.opponent):
            raise BadExercise(f"{name}: account is for requests, where there is a second account.")
        found.append(replace(_step(kinds, name, exercise), opponent=account == OPPONENT))
    if len(found) > _MOST_STEPS:
        raise BadExercise(f"step: at most {_MOST_STEPS}.")
    return tuple(found)


def _step(kinds: Mapping[str, Mapping[str, Any]], name: str, exercise: Exercise) -> DeclaredStep:
    if kinds["request"]:
        return DeclaredStep(request=use_of(TomlTable(kinds["request"], name)))
    if kinds["answer"]:
        table = TomlTable(kinds["answer"], name)
        question, option = table.text("question"), table.integer("option")
        table.finished()
        asked = next((one for one in exercise.questions if one.id == question), None)
        if asked is None or not 1 <= option <= len(asked.options):
            raise BadExercise(f"{name}: answer names a question of the exercise, and one of its options.")
        return DeclaredStep(answer=(question, option))
    run = probe_of(TomlTable({"id": name.replace(" ", "-"), "title": "A run", **kinds["run"]}, name))
    if is_opponents(run.pool) and not exercise.environment.opponent:
        raise BadExercise(f"{name}: there is no second account.")
    return DeclaredStep(run=replace(run, id=""))
