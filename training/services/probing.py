"""Probes: exchanges that the system makes at a learner's account to see how things stand there."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from accounts.owners import Owner
from flows.exchange.steps import flow_for
from flows.models import Origin, Run
from flows.services import MadeRun, UseCall, run_make
from providers.registry import PROVIDERS
from providers.sign_in.artifacts import Artifact
from training.exercises.format import Exercise, Probe, Use
from training.exercises.paths import filled_in
from training.services.exchanges import STEP, artifact_of
from training.services.grounds import Ground

_SignIn = tuple[str, str, str, str]  # account, provider, person, claims


def probe_all(
    *, owner: Owner, ground: Ground, exercise: Exercise, probes: Sequence[Probe], origin: Origin = Origin.PROBE
) -> list[MadeRun]:
    """Make these probes with their calls, in their order; a refusal is a result. Nothing is stored yet.

    Who signs in for several of them does so once, as people do.

    Raises:
        RunError, NotDone: one could not even begin.
    """
    signed_in: dict[_SignIn, Artifact] = {}
    return [_made(owner, ground, exercise, probe, origin, signed_in) for probe in probes]


def _made(
    owner: Owner, ground: Ground, exercise: Exercise, probe: Probe, origin: Origin, signed_in: dict[_SignIn, Artifact]
) -> MadeRun:
    of_pool, pool = ground.pool(exercise, probe.pool)
    provider = PROVIDERS[probe.provider or "guest"]
    role = "RoleArn" if probe.flow == "basic" else "CustomRoleArn"
    return run_make(
        owner=owner,
        access=provider.access,
        flow=flow_for(probe.flow, provider.kind).key,
        provider=provider.key,
        pool=pool,
        parameters={role: ground.role_arn(probe.role)} if probe.role else {},
        origin=origin,
        artifact=_sign_in(of_pool, probe, signed_in) if provider.key != "guest" else None,
        subject=probe.person if provider.key != "guest" else "",
        uses=_calls(probe, ground),
    )


def _sign_in(ground: Ground, probe: Probe, signed_in: dict[_SignIn, Artifact]) -> Artifact:
    key = (ground.number, probe.provider, probe.person, repr(probe.claims))
    if key not in signed_in or signed_in[key].kind == "saml_response":  # which is for one use
        signed_in[key] = artifact_of(ground, probe.provider, probe.person, probe.claims)
    return signed_in[key]


def _calls(probe: Probe, ground: Ground) -> Callable[[Run], Iterable[UseCall]]:
    return lambda run: (
        UseCall(one.service, one.operation, one.params, STEP) for one in uses_for(probe.uses, ground, run)
    )


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
