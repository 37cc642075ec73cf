"""Probes: exchanges that the system makes at a learner's account to see how things stand there."""

from collections.abc import Callable, Iterable
from typing import Any

from accounts.owners import Owner
from flows.models import Run
from training.exercises.format import Exercise, Probe, Use
from training.exercises.paths import filled_in
from training.services.exchanges import exchange, use
from training.services.grounds import Ground


def probe_make(
    *, owner: Owner, ground: Ground, exercise: Exercise, probe: Probe, begun: Callable[[Run], None] = lambda run: None
) -> Run:
    """Make one probe with its calls; a refusal is a result.

    Args:
        begun: told of the run when its exchange has ended, before its calls.

    Raises:
        RunError, NotDone: it could not even begin.
    """
    of_pool, pool = ground.pool(exercise, probe.pool)
    role = "RoleArn" if probe.flow == "basic" else "CustomRoleArn"
    run = exchange(
        owner=owner,
        ground=of_pool,
        pool=pool,
        flow=probe.flow,
        provider=probe.provider or "guest",
        person=probe.person,
        claims=probe.claims,
        parameters={role: ground.role_arn(probe.role)} if probe.role else {},
    )
    begun(run)
    for call in uses_for(probe.uses, ground, run):
        if use(run, call) is None:
            break
    return run


def uses_for(uses: Iterable[Use], ground: Ground, run: Run) -> Iterable[Use]:
    """The calls with what they name in braces filled in: `{identity_id}` is the run's."""
    names = {**ground.names, "identity_id": run.identity_id}
    for each in uses:
        yield Use(each.service, each.operation, _filled(each.params, names))


def _filled(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, str):
        return filled_in(value, names)
    if isinstance(value, dict):
        return {name: _filled(each, names) for name, each in value.items()}
    return [_filled(each, names) for each in value] if isinstance(value, list) else value
