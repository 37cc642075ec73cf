"""What an exercise does at an account: set up, solve, mend wrongly, clear away. Its Python, or its requests as data."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from accounts.owners import Owner
from flows.exchange.sandbox_requests import NotDone
from flows.models import Origin, Run
from flows.services import call_send, runs_write
from training.exercises import building
from training.exercises.catalogue import Folder
from training.exercises.declared import DeclaredStep, Steps
from training.exercises.format import Probe, Use
from training.services.exchanges import exchange, use
from training.services.grounds import Ground
from training.services.probing import probe_all, uses_for

_THERE_ALREADY = {
    *("EntityAlreadyExists", "ResourceConflictException", "BucketAlreadyOwnedByYou", "BucketAlreadyExists"),
    *("ResourceInUseException", "ParameterAlreadyExists"),
}


def set_up(folder: Folder, ground: Ground) -> None:
    """Bring the exercise's part of the account to where it begins. Idempotent."""
    if folder.state is not None:
        names = ground.names
        building.restore(ground, folder.state.own.filled(names))
        if ground.opponent is not None and folder.state.opponent is not None:
            building.restore(ground.opponent, folder.state.opponent.filled(names))
    if "set_up" in folder.declared:
        for step in folder.declared["set_up"]:
            _request(step, ground)
    elif module := folder.module("set_up"):
        module.set_up(ground)


def clear(folder: Folder, ground: Ground) -> None:
    """Take away what set_up made, and what a learner made of it."""
    made = folder.exercise.environment
    roles = dict.fromkeys(name for name in (made.guest_role, made.user_role, *made.roles) if name)
    for each in filter(None, (ground, ground.opponent)):
        building.clear(each, roles=roles, buckets=made.buckets, tables=made.tables, user_pool=made.user_pool)


def before_repair(folder: Folder, hands: "Hands") -> None:
    """The part of the solution that comes before anything is changed, where it has one."""
    module = folder.module("solve")
    if module is not None and hasattr(module, "before"):
        module.before(hands)


def solve(folder: Folder, hands: "Hands") -> None:
    """Do all of the exercise, as a learner who knows how."""
    if "solve" in folder.declared:
        _take(folder.declared["solve"], hands)
    elif module := folder.module("solve"):
        module.solve(hands)


def wrong_fixes(folder: Folder) -> Mapping[str, tuple[Callable[["Hands"], None], tuple[str, ...]]]:
    """Name -> the wrong fix, and the checks that have to stay open with it."""
    found: dict[str, tuple[Callable[[Hands], None], tuple[str, ...]]] = {
        name: (partial(_take, steps), leaves) for name, (steps, leaves) in folder.fixes.items()
    }
    if module := folder.module("wrong_fixes"):
        for name, leaves in module.LEAVES.items():
            found[name] = (_by_name(module, name), tuple(leaves))
    return found


def _by_name(module: Any, name: str) -> Callable[["Hands"], None]:
    return lambda hands: getattr(module, name)(hands)


class Hands:
    """Somebody who does an exercise by program, with runs that are recorded as everybody's.

    Args:
        begun: told of each run that is made.
        answered: told of each answer to a question.
        origin: what the runs say of who made them.
    """

    def __init__(
        self,
        owner: Owner,
        ground: Ground,
        folder: Folder,
        *,
        begun: Callable[[Run], object],
        answered: Callable[[str, int], None],
        origin: Origin = Origin.PROBE,
    ) -> None:
        self.owner, self.account, self.folder = owner, ground, folder
        self._begun, self._answered, self._origin = begun, answered, origin

    def run(
        self,
        *,
        flow: str = "enhanced",
        provider: str = "guest",
        person: str = "",
        claims: Mapping[str, Any] | None = None,
        misbehaviour: str = "",
        pool: str = "",
        **parameters: str,
    ) -> "ExerciseRun":
        ground, chosen = self.account.pool(self.folder.exercise, pool)
        run = exchange(
            owner=self.owner,
            ground=ground,
            pool=chosen,
            flow=flow,
            provider=provider,
            person=person,
            claims=claims,
            misbehaviour=misbehaviour,
            parameters=parameters,
            origin=self._origin,
        )
        self._begun(run)
        return ExerciseRun(run)

    def send(self, service: str, operation: str, **params: Any) -> "ExerciseRun":
        _, pool = self.account.pool(self.folder.exercise)
        run = call_send(
            owner=self.owner, pool=pool, sender="nobody", service=service, operation=operation, params=params
        )
        Run.objects.filter(pk=run.pk).update(origin=self._origin)
        self._begun(run)
        return ExerciseRun(run)

    def answer(self, question: str, option: int) -> None:
        self._answered(question, option)

    def step(self, probe: Probe) -> None:
        """One run that is described as data."""
        exercise = self.folder.exercise
        made = probe_all(owner=self.owner, ground=self.account, exercise=exercise, probes=[probe], origin=self._origin)
        for run in runs_write(made):
            self._begun(run)


class ExerciseRun:
    """A run that was made, for whoever goes on with it."""

    def __init__(self, run: Run) -> None:
        self.row = run

    @property
    def number(self) -> int:
        return int(self.row.pk)

    @property
    def outcome(self) -> str:
        return str(self.row.outcome)

    @property
    def identity_id(self) -> str:
        return str(self.row.identity_id)

    def use(self, service: str, operation: str, **params: Any) -> str:
        call = use(self.row, Use(service, operation, params))
        return "NoCredentials" if call is None else str(call.error_code)


def _take(steps: Steps, hands: Hands) -> None:
    for step in steps:
        if step.run is not None:
            hands.step(step.run)
        elif step.answer is not None:
            hands.answer(*step.answer)
        else:
            _request(step, hands.account)


def _request(step: DeclaredStep, ground: Ground) -> None:
    assert step.request is not None
    ((service, operation, params),) = [
        (call.service, call.operation, call.params) for call in uses_for([step.request], ground, Run())
    ]
    account = ground.opponent if step.opponent and ground.opponent is not None else ground
    try:
        send = getattr(account.client(service), xform_name(operation), None)
        if send is None:
            raise NotDone(f"{service} has no operation {operation}.")
        send(**params)
    except ClientError as refused:
        if refused.response["Error"]["Code"] not in _THERE_ALREADY:
            raise
