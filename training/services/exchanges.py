"""Exchanges that the system makes for somebody: the steps of a solution. They are runs like all others."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.owners import Owner
from flows.exchange.pool import Pool
from flows.exchange.steps import flow_for
from flows.models import ApiCall, Origin, Run
from flows.services import RunError, run_all, run_open, run_use
from lessons.sample_calls import Sample
from providers.registry import PROVIDERS
from providers.sign_in.artifacts import Artifact
from providers.sign_in.registration import registration_for
from training.exercises.format import Use
from training.services.grounds import Ground

_LIFE = timedelta(hours=1)  # of a login that does not say itself how long it is good
STEP = "exercise"  # what recorded calls of an exercise's own are called


def exchange(
    *,
    owner: Owner,
    ground: Ground,
    pool: Pool,
    flow: str,
    provider: str = "guest",
    person: str = "",
    claims: Mapping[str, Any] | None = None,
    misbehaviour: str = "",
    parameters: Mapping[str, str] | None = None,
    origin: Origin,
) -> Run:
    """Make one exchange to its end, and return the run: succeeded, refused or failed.

    Args:
        ground: the account of the pool, at whose stand-ins the person signs in.
        flow: `enhanced` or `basic`.
        provider: a key of the registry; `guest` for nobody.
        misbehaviour: what goes wrong at the provider, as in docs/sandbox.md; empty for nothing.
        origin: what the run says of who made it.

    Raises:
        RunError: it could not even begin.
        NotDone: the sandbox does not answer.
    """
    artifact = artifact_of(ground, provider, person, claims or {}, misbehaviour) if provider != "guest" else None
    run = run_open(
        owner=owner,
        access=PROVIDERS[provider].access,
        flow=flow_for(flow, PROVIDERS[provider].kind).key,
        provider=provider,
        pool=pool,
        parameters=parameters or {},
        artifact=artifact,
        origin=origin,
    )
    if artifact is not None:
        run.subject = person
        run.save(update_fields=["subject"])
    return run_all(run=run)


def use(run: Run, call: Use) -> ApiCall | None:
    """Make a call with the run's credentials; None where it yielded none."""
    sample = Sample(
        key=STEP,
        title="A call of the exercise",
        service=call.service,
        operation=call.operation,
        purpose="",
        explanation="",
        expected="by role",
        doc="",
        parameters=lambda identity_id: dict(call.params),
        python_lines=lambda identity_id: "",
        javascript_lines=lambda identity_id: "",
        javascript_package="",
        javascript_client="",
        javascript_command="",
    )
    try:
        return run_use(run=run, sample=sample)
    except RunError:
        return None


def artifact_of(
    ground: Ground, provider: str, person: str, claims: Mapping[str, Any], misbehaviour: str = ""
) -> Artifact:
    """Have somebody sign in at one of the account's stand-ins; what that yields.

    Raises:
        NotDone: the sandbox does not answer.
    """
    told = ground.login(provider, person, claims, misbehaviour)
    ((name, value),) = told["Logins"].items()
    until = datetime.fromtimestamp(told["expires"], UTC) if told.get("expires") else timezone.now() + _LIFE
    known = PROVIDERS[provider]
    return Artifact(
        provider=provider,
        kind=known.artifact_kind,
        provider_name=known.provider_name(registration_for(ground.number)) or str(name),
        value=str(value),
        expires_at=until,
        subject=person,
        verified_by="the sandbox, which signed it on request",
    )
