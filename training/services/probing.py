"""Probes: exchanges that the system makes at a learner's account to see how things stand there."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from accounts.owners import Owner
from flows.exchange.sandbox_requests import NotDone
from flows.exchange.steps import flow_for
from flows.models import Origin, Run
from flows.services import MadeRun, SignInCalls, UseCall, run_make
from providers.registry import PROVIDERS
from providers.sign_in.artifacts import Artifact
from training.exercises import user_pools
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
    own = _OwnUserPool(ground, exercise.environment.user_pool)
    return [_made(owner, ground, exercise, probe, origin, signed_in, own) for probe in probes]


class _OwnUserPool:
    """The exercise's own user pool, and its app clients by their names; looked for once."""

    def __init__(self, ground: Ground, name: str) -> None:
        self._ground, self._name = ground, name

    @cached_property
    def pool_id(self) -> str:
        if not (found := user_pools.find(self._ground, self._name)):
            raise NotDone(f"The user pool {self._name} is gone. Set the environment back.")
        return found

    @cached_property
    def _clients(self) -> dict[str, str]:
        return user_pools.clients_of(self._ground, self.pool_id)

    def calls(self, probe: Probe) -> SignInCalls:
        """The sign-in that a probe asks for.

        Raises:
            NotDone: its app client is gone.
        """
        if probe.client not in self._clients:
            raise NotDone(f"The app client {probe.client} is gone. Set the environment back.")
        asked = [(call.operation, call.params) for call in probe.before]
        return SignInCalls(self._clients[probe.client], probe.person, probe.password, asked, STEP)

    @contextmanager
    def left_alone(self, probe: Probe) -> Iterator[None]:
        """Put back what the probe changes about the person."""
        if not probe.before:
            yield
            return
        try:
            held = user_pools.attributes_of(self._ground, self.pool_id, probe.person)
            yield
            user_pools.put_back(self._ground, self.pool_id, probe.person, held)
        except (BotoCoreError, ClientError) as failed:
            raise NotDone(f"{probe.person.capitalize()} of the user pool {self._name}: {failed}") from None


def _made(
    owner: Owner,
    ground: Ground,
    exercise: Exercise,
    probe: Probe,
    origin: Origin,
    signed_in: dict[_SignIn, Artifact],
    own: _OwnUserPool,
) -> MadeRun:
    with own.left_alone(probe):
        return _run(owner, ground, exercise, probe, origin, signed_in, own)


def _run(
    owner: Owner,
    ground: Ground,
    exercise: Exercise,
    probe: Probe,
    origin: Origin,
    signed_in: dict[_SignIn, Artifact],
    own: _OwnUserPool,
) -> MadeRun:
    of_pool, pool = ground.pool(exercise, probe.pool)
    provider = PROVIDERS[probe.provider or "guest"]
    role = "RoleArn" if probe.flow == "basic" else "CustomRoleArn"
    by_page = provider.key != "guest" and not probe.client
    return run_make(
        owner=owner,
        access=provider.access,
        flow=flow_for(probe.flow, provider.kind).key,
        provider=provider.key,
        pool=pool,
        parameters={role: ground.role_arn(probe.role)} if probe.role else {},
        origin=origin,
        artifact=_sign_in(of_pool, probe, signed_in) if by_page else None,
        sign_in=own.calls(probe) if probe.client else None,
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
