"""Runs that the system makes in one go, such as probes: nothing is stored before they have ended, and nothing rests.

A person's run is written call by call, since its page is looked at meanwhile and a call under way is not lost when the
process dies. Nobody waits at the page of these, and whoever made them begins anew; so their calls are kept in memory,
their secrets as well, and what is written at the end are some rows, redacted like all others, in a few statements.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.owners import Owner
from flows.exchange import clients, engine
from flows.exchange.context import Context
from flows.exchange.decisions import decisions_of
from flows.exchange.engine import Reply
from flows.exchange.pools import Pool
from flows.exchange.recorder import recording
from flows.exchange.steps import FLOWS
from flows.models import ApiCall, Origin, Outcome, Run
from flows.services.endings import tell_of_end
from flows.services.journal import know_context, know_credentials, log_call, redactor_for, state_of_call
from flows.services.runs import OUTCOMES, choice, progress, run_row, session_told
from flows.services.user_pool_tokens import SignedIn, sign_in_of
from providers.sign_in.artifacts import Artifact
from redaction import Redactor
from vault import services as vault

USER_POOLS = "cognito-idp"


@dataclass(frozen=True, slots=True)
class UseCall:
    """A call to make with the credentials of such a run. `step`: what it is called among the run's calls."""

    service: str
    operation: str
    params: Mapping[str, Any]
    step: str


@dataclass(frozen=True, slots=True)
class SignInCalls:
    """A sign-in by a user pool's API, before the exchange, as calls of the run.

    Attributes:
        client_id: an app client without a secret.
        calls: what the person then does about themselves, with their access token; a refusal stops nothing.
        step: what these calls are called among the run's.
    """

    client_id: str
    username: str
    password: str = field(repr=False)
    calls: Sequence[tuple[str, Mapping[str, Any]]]
    step: str


@dataclass
class MadeRun:
    """A run that has ended, and its calls. Neither is stored until `runs_write`."""

    run: Run
    calls: list[ApiCall] = field(default_factory=list)


def run_make(
    *,
    owner: Owner,
    access: str,
    flow: str,
    provider: str,
    pool: Pool,
    parameters: Mapping[str, str],
    origin: Origin,
    artifact: Artifact | None = None,
    subject: str = "",
    sign_in: SignInCalls | None = None,
    uses: Callable[[Run], Iterable[UseCall]] = lambda run: (),
) -> MadeRun:
    """Make all calls of a run, and then those that use its credentials, if it yielded any.

    Args:
        access, flow, provider, parameters: as `run_open`.
        artifact: what the sign-in yielded; it goes into the logins and nowhere else.
        subject: who signed in.
        sign_in: in place of an artifact, the calls that yield one.
        uses: the calls, of the run as it ended.

    Raises:
        ChoiceRefused: flow, provider and access do not go together, or the provider is not set up.
    """
    chosen, from_provider = choice(access, flow, provider, artifact, pool)
    run = run_row(
        owner=owner, access=access, flow=chosen, provider=from_provider, pool=pool, parameters=parameters, origin=origin
    )
    run.subject = subject
    made, redactor = MadeRun(run), redactor_for(run, artifact)
    if sign_in is not None:
        artifact = _signed_in(made, redactor, sign_in)
        if artifact is None:
            return made
    context = _exchange(made, redactor, artifact)
    if context.credentials is not None:
        know_credentials(redactor, context.credentials)
        for call in uses(run):
            client = clients.client_for(call.service, run.region, context.credentials, run.account_id)
            with recording():
                reply = engine.send(client, call.operation, call.params)
            row = _keep(made, redactor, reply, ApiCall.Kind.USE, call.step)
            run.assumed_role_arn = session_told(row, reply) or run.assumed_role_arn
    return made


def runs_write(made: Sequence[MadeRun]) -> list[Run]:
    """Store them, with their calls at hand: `run.calls.all()` of what is returned asks for nothing more."""
    with transaction.atomic():
        runs = Run.objects.bulk_create([one.run for one in made])
        for run, one in zip(runs, made, strict=True):
            for call in one.calls:
                call.run = run
        ApiCall.objects.bulk_create([call for one in made for call in one.calls])
        for run in runs:
            tell_of_end(run)
    for run, one in zip(runs, made, strict=True):
        run.hold(one.calls)
        for call in one.calls:
            log_call(run, call)
    return runs


def runs_forget(runs: Sequence[Run]) -> None:
    """Delete such runs, with their calls."""
    with transaction.atomic():
        Run.objects.filter(pk__in=[run.pk for run in runs]).exclude(outcome=Outcome.RUNNING).delete()
        vault.discard(*(run.code for run in runs))  # of those that were made call by call


def _signed_in(made: MadeRun, redactor: Redactor, wanted: SignInCalls) -> Artifact | None:
    """Sign in, make the person's calls, and sign in once more; None where that did not work, and the run has ended."""
    run, client = made.run, clients.anonymous_client(USER_POOLS, made.run.region, made.run.account_id)

    def send(operation: str, params: Mapping[str, Any]) -> Reply:
        with recording():
            reply = engine.send(client, operation, params)
        _keep(made, redactor, reply, ApiCall.Kind.EXCHANGE, wanted.step)
        return reply

    def begin() -> SignedIn | None:
        told = {"USERNAME": wanted.username, "PASSWORD": wanted.password}
        asked = {"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": wanted.client_id, "AuthParameters": told}
        reply = send("InitiateAuth", asked)
        found = sign_in_of(reply.answer or {})
        if found is None:
            run.outcome, run.finished_at = OUTCOMES.get(reply.ending, Outcome.FAILED), timezone.now()
            call = made.calls[-1]
            run.error_code = call.error_code or reply.error_code or "NoTokens"
            run.error_message = call.error_message or reply.error_message or "The user pool asks for more."
        return found

    found = begin()
    if found is not None and wanted.calls:
        for operation, params in wanted.calls:
            send(operation, {"AccessToken": found.access_token, **params})
        found = begin()
    return found.artifact if found is not None else None


def _exchange(made: MadeRun, redactor: Redactor, artifact: Artifact | None) -> Context:
    """Make the steps of the flow until one is not answered; the context as it is then."""
    run = made.run
    context = Context(
        pool_id=run.pool_id,
        account_id=run.account_id,
        default_role_arn=run.role_arn,
        logins=artifact.logins if artifact is not None else {},
        parameters=run.parameters,
    )
    for step in FLOWS[run.flow].steps:
        know_context(redactor, run, context)
        with recording():
            reply, context = engine.perform(step, context, run.region)
        call = _keep(made, redactor, reply, ApiCall.Kind.EXCHANGE, step.key)
        for name, value in progress(run, step, context, reply, call).items():
            setattr(run, name, value)
        if reply.answer is None:
            run.outcome = OUTCOMES[reply.ending]
            run.error_code = call.error_code or reply.error_code
            run.error_message = call.error_message or reply.error_message
            break
    else:
        assert context.credentials is not None, "a flow ends with credentials"
        run.outcome = Outcome.SUCCEEDED
        run.access_key_id = context.credentials.access_key_id
        run.credentials_expire_at = context.credentials.expiration
    run.finished_at = timezone.now()
    return context


def _keep(made: MadeRun, redactor: Redactor, reply: Reply, kind: ApiCall.Kind, step: str) -> ApiCall:
    """The rows of what one step sent, made fit to be stored; that of the call itself."""
    rows = []
    for call in reply.calls:
        fields = redactor.finished(call, decisions_of(call, made.run.mode))
        position = len(made.calls) + 1
        rows.append(ApiCall(kind=kind, step=step, state=state_of_call(call), position=position, **fields))
        made.calls.append(rows[-1])
    made.run.scrubbed = made.run.scrubbed or any(row.scrubbed for row in rows)
    return rows[0]
