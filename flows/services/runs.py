"""The life of a run: opened, advanced call by call or to its end, its credentials used."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.owned import belonging_to
from accounts.owners import Owner
from flows.exchange import clients, engine
from flows.exchange.chosen_role import chosen_role_arn
from flows.exchange.context import Context, TemporaryCredentials
from flows.exchange.engine import Ending, Reply
from flows.exchange.pools import Pool
from flows.exchange.steps import FLOWS, Flow, Step, flow_for
from flows.models import ApiCall, Origin, Outcome, Run
from flows.services import leases, run_secrets
from flows.services.errors import ChoiceRefused, CredentialsGone, OtherMode, RunBusy, SecretGone, SignInNeeded
from flows.services.journal import Journal, know_context, know_credentials, redactor_for, total_ms
from flows.services.leases import Lease
from lessons.sample_calls import Sample
from providers.registry import PROVIDERS
from providers.sign_in.artifacts import Artifact, artifact_keep
from providers.sign_in.provider import Provider
from providers.sign_in.registration import registration_for
from providers.sign_in.sign_ins import sign_ins_end, sign_ins_without_run
from vault import services as vault
from web.prepared import insert

OUTCOMES = {Ending.REFUSED: Outcome.REFUSED, Ending.FAILED: Outcome.FAILED, Ending.NOT_SENT: Outcome.FAILED}
_LONGEST_PARAMETER = 2048


def run_open(
    *,
    owner: Owner,
    access: str,
    flow: str,
    provider: str,
    pool: Pool,
    parameters: Mapping[str, str],
    artifact: Artifact | None = None,
    origin: Origin = Origin.PAGES,
) -> Run:
    """Write down what was chosen. Nothing is sent yet.

    Args:
        access: `guest` or `authenticated`.
        flow: a key of flows.exchange.steps.FLOWS.
        provider: a key of providers.registry.PROVIDERS.
        parameters: what the visitor sets, by parameter name (`RoleArn`, `RoleSessionName`, ...). Blank: the default.
        artifact: what the sign-in yielded; sealed in the vault for this run. None for guests, and where the sign-in is
            still to come (providers.sign_in.artifacts.artifact_keep).
        origin: who makes it, where that is no person on these pages.

    Raises:
        ChoiceRefused: flow, provider and access do not go together, or the provider is not set up.
    """
    chosen, from_provider = choice(access, flow, provider, artifact, pool)
    run = run_row(
        owner=owner,
        access=access,
        flow=chosen,
        provider=from_provider,
        pool=pool,
        parameters=parameters,
        origin=origin,
    )
    insert(run)
    if artifact is not None:
        artifact_keep(owner, run_code=run.code, artifact=artifact)
    return run


def run_row(
    *,
    owner: Owner,
    access: str,
    flow: Flow,
    provider: Provider,
    pool: Pool,
    parameters: Mapping[str, str],
    origin: Origin = Origin.PAGES,
) -> Run:
    """The row of a new run, from choices that were checked; not written yet."""
    given = _given(parameters, flow)
    takes_role = any(step.operation == "AssumeRoleWithWebIdentity" for step in flow.steps)
    return Run(
        **belonging_to(owner),
        mode=settings.APP_MODE,
        **pool.in_rows,
        access=access,
        flow=flow.key,
        provider=provider.key,
        origin=origin,
        parameters=given,
        role_arn=(given.get("RoleArn") or pool.role_arn(access)) if takes_role else given.get("CustomRoleArn", ""),
    )


def run_advance(*, run: Run, overrides: Mapping[str, str] | None = None, position: int | None = None) -> ApiCall:
    """Make the run's next call, a real one, and leave the run open, or ended if that was the last or did not go well.

    Args:
        overrides: parameters that the visitor changed in the preview, by name; they stay with the run.
        position: index of the step that the visitor saw, so that a form sent twice does not make two calls.

    Raises:
        OtherMode: the run was made in the other mode.
        RunBusy: another request is advancing this run, or it stands at another step.
        RunOver: there is no next call.
        RunGone: it was deleted.
        SignInNeeded: the call needs a sign-in; the run stays open.
        SecretGone: what the call needs has expired; the run has ended FAILED.
    """
    check_mode(run)
    if position is not None and position != run.position and not run.is_over:
        raise RunBusy
    with leases.held(run) as lease:
        if overrides:
            run.parameters |= _given(overrides, FLOWS[run.flow])
        call, _ = _step(run, lease, _context(run, lease), _journal(run, lease))
    return call


def run_all(*, run: Run) -> Run:
    """Make all calls that are left, and return the run as it ended.

    Raises:
        OtherMode, RunBusy, RunOver, RunGone, SignInNeeded, SecretGone: as `run_advance`.
    """
    check_mode(run)
    with leases.held(run) as lease:
        return _to_its_end(run, lease)


def run_through(
    *, owner: Owner, access: str, flow: str, provider: str, pool: Pool, parameters: Mapping[str, str]
) -> Run:
    """`run_open` and `run_all` in one, for guests, for whom nobody has to sign in first.

    Raises:
        ChoiceRefused: as `run_open`.
        RunGone: it was deleted.
    """
    chosen, from_provider = choice(access, flow, provider, None, pool)
    run = run_row(owner=owner, access=access, flow=chosen, provider=from_provider, pool=pool, parameters=parameters)
    with leases.begun(run) as lease:
        return _to_its_end(run, lease)


def run_use(*, run: Run, sample: Sample) -> ApiCall:
    """Make a sample call with the run's credentials. It joins the run's calls and does not change its outcome.

    Raises:
        OtherMode: the run was made in the other mode.
        CredentialsGone: the run yielded none, or they have expired.
        ChoiceRefused: the sample needs a setting that is not set, or another kind of access.
        RunGone: the run was deleted while the call was under way.
    """
    check_mode(run)
    credentials = run_credentials(run=run)
    if credentials is None:
        raise CredentialsGone
    if sample.missing_settings:
        raise ChoiceRefused(f"“{sample.title}” needs a setting: {', '.join(sample.missing_settings)}.")
    if sample.access not in ("any", run.access):
        raise ChoiceRefused(f"“{sample.title}” is not for this kind of access.")
    redactor = redactor_for(run)
    know_credentials(redactor, credentials)
    client = clients.client_for(sample.service, sample.region(run.region), credentials, run.account_id)
    with leases.noticing_deletion(run):
        with Journal(run, redactor).call(ApiCall.Kind.USE, sample.key) as entry:
            reply = engine.send(client, sample.operation, sample.parameters(run.identity_id))
        call = entry.store()
        _note_use(run, call, reply)
    return call


def run_credentials(*, run: Run) -> TemporaryCredentials | None:
    """What the run yielded, from the vault, while it has not expired."""
    return run_secrets.credentials_of(run) if run.outcome == Outcome.SUCCEEDED else None


def run_cancel(*, run: Run) -> None:
    """End an open run without another call.

    Raises:
        RunBusy, RunOver, RunGone: it is under way, has ended, or was deleted.
    """
    with leases.held(run) as lease:
        lease.end(Outcome.CANCELLED)
    sign_ins_end(run_code=run.code)
    vault.discard(run.code)


def run_delete(*, run: Run) -> None:
    """Delete the run with its calls and what the vault holds of it.

    Raises:
        RunBusy: a call of it is under way.
    """
    leases.interrupt(run)
    with transaction.atomic():
        Run.objects.filter(pk=run.pk).exclude(outcome=Outcome.RUNNING).delete()
        if Run.objects.filter(pk=run.pk).exists():
            raise RunBusy
        sign_ins_end(run_code=run.code)
        sign_ins_without_run(run_code=run.code)
        vault.discard(run.code)


def check_mode(run: Run) -> None:
    """A run of the sandbox must not go on at AWS, nor the other way round: its pool and identity are not there."""
    if run.mode != settings.APP_MODE:
        raise OtherMode(run.mode)


def _to_its_end(run: Run, lease: Lease) -> Run:
    context, journal = _context(run, lease), _journal(run, lease)
    while lease.holds:
        _, context = _step(run, lease, context, journal, keep=True)
    return run


# --- One step ---------------------------------------------------------------------------------------------------------


def _context(run: Run, lease: Lease) -> Context:
    """The context from the vault. Without a sign-in the run waits for one; without its token it cannot go on."""
    try:
        return run_secrets.context_of(run)
    except SignInNeeded:
        lease.give_back(outcome=Outcome.OPEN)
        raise
    except SecretGone as gone:
        lease.end(Outcome.FAILED, error_code="SecretExpired", error_message=str(gone))
        raise


def _journal(run: Run, lease: Lease) -> Journal:
    begins = run.access == "guest" and run.position == 0  # for whom nobody signed in before
    return Journal(run, redactor_for(run), on_retry=lease.renew, last=0 if begins else None)


def _step(run: Run, lease: Lease, context: Context, journal: Journal, *, keep: bool = False) -> tuple[ApiCall, Context]:
    """Make the next step's call and write what was answered; `keep` holds on to the run if a step is left."""
    flow = FLOWS[run.flow]
    step = flow.steps[run.position]
    know_context(journal.redactor, run, context)
    with journal.call(ApiCall.Kind.EXCHANGE, step.key) as entry:
        reply, after = engine.perform(step, context, run.region)
    with transaction.atomic():
        call = entry.store()
        fields = progress(run, step, after, reply, call)
        if reply.answer is None:
            fields |= {
                "error_code": call.error_code or reply.error_code,
                "error_message": call.error_message or reply.error_message,
            }
            lease.end(OUTCOMES[reply.ending], **fields)
        elif run.position + 1 == len(flow.steps):
            _succeed(run, lease, after, fields)
        elif keep:
            lease.go_on(**fields)
        elif lease.give_back(outcome=Outcome.OPEN, **fields) and after.open_id_token:
            # With the row, so that whoever takes the next step finds it.
            run_secrets.keep_token(run, after.open_id_token)
    return call, after


def progress(run: Run, step: Step, context: Context, reply: Reply, call: ApiCall) -> dict[str, Any]:
    """The fields of the run after a step's call. Its role is the one that was asked for, or that the pool chose."""
    sent = step.parameters(context)
    asked_for = sent.get("RoleArn") or sent.get("CustomRoleArn")
    return {
        "position": run.position + (reply.answer is not None),
        "parameters": run.parameters,
        "identity_id": context.identity_id,
        "role_arn": str(asked_for or chosen_role_arn(call.decisions) or run.role_arn),
        "assumed_role_arn": context.assumed_role_arn,
        "duration_ms": run.duration_ms + total_ms(reply.calls),
        "scrubbed": run.scrubbed or call.scrubbed,
    }


def _succeed(run: Run, lease: Lease, context: Context, fields: dict[str, Any]) -> None:
    credentials = context.credentials
    if credentials is None:
        raise AssertionError("a flow ends with credentials")
    fields |= {"access_key_id": credentials.access_key_id, "credentials_expire_at": credentials.expiration}
    if lease.end(Outcome.SUCCEEDED, **fields):
        # The token is for calls that its owner may want to compose with it.
        run_secrets.keep_result(run, credentials, context.open_id_token)


def _note_use(run: Run, call: ApiCall, reply: Reply) -> None:
    fields: dict[str, Any] = {}
    if arn := session_told(call, reply):
        fields["assumed_role_arn"] = arn
    if call.scrubbed:
        fields["scrubbed"] = True
    if fields:
        Run.objects.filter(pk=run.pk).update(**fields)
    run.refresh_from_db()


def session_told(call: ApiCall, reply: Reply) -> str:
    """Only GetCallerIdentity says which role session the enhanced flow's credentials are; empty of all other calls."""
    arn = str((reply.answer or {}).get("Arn", "")) if call.operation == "GetCallerIdentity" else ""
    return arn if ":assumed-role/" in arn else ""


# --- The choice -------------------------------------------------------------------------------------------------------


def choice(access: str, flow: str, provider: str, artifact: Artifact | None, pool: Pool) -> tuple[Flow, Provider]:
    """The flow and the provider of a choice.

    Raises:
        ChoiceRefused: they do not go together, or the provider is not set up.
    """
    if flow not in FLOWS:
        raise ChoiceRefused("Choose the enhanced flow or the basic flow.")
    if provider not in PROVIDERS or PROVIDERS[provider].access != access:
        raise ChoiceRefused("This provider does not offer that kind of access.")
    chosen = PROVIDERS[provider]
    if missing := chosen.missing_settings(registration_for(pool.account_id)):
        raise ChoiceRefused(f"{chosen.label} is not set up. Missing: {', '.join(missing)}.")
    if flow not in (flow_for("enhanced", chosen.kind).key, flow_for("basic", chosen.kind).key):
        raise ChoiceRefused("This flow cannot be used with that provider.")
    if artifact is not None and artifact.provider != chosen.key:
        raise ChoiceRefused("This sign-in is from another provider.")
    return FLOWS[flow], chosen


def _given(parameters: Mapping[str, str], flow: Flow) -> dict[str, str]:
    """Those of the parameters that the flow lets a visitor set, as text."""
    names = {editable.name for editable in flow.editable}
    return {name: str(value).strip()[:_LONGEST_PARAMETER] for name, value in parameters.items() if name in names}
