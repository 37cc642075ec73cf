"""Runs of people who sign in: the sign-in before the exchange, and a sign-in that serves more than one run."""

from collections.abc import Mapping

from django.conf import settings
from django.db import transaction

from flows.exchange.pools import Pool
from flows.exchange.provider_trace import shown_subject
from flows.exchange.steps import FLOWS, flow_for
from flows.models import Outcome, Run
from flows.services import leases, run_secrets
from flows.services.errors import ChoiceRefused, RunBusy, RunOver, SignInNeeded
from flows.services.leases import Lease
from flows.services.provider_calls import provider_calls_write
from flows.services.runs import check_mode, run_open, run_row
from providers import services as sign_ins
from providers.models import SignIn
from providers.registry import PROVIDERS
from providers.sign_in.artifacts import Artifact, artifact_keep

# A sign-in that failed leaves the run without anything to send. What the provider's side answered is a refusal.
_ENDINGS: Mapping[str, Outcome] = {
    SignIn.Outcome.DECLINED: Outcome.CANCELLED,
    SignIn.Outcome.REFUSED: Outcome.REFUSED,
    SignIn.Outcome.FAILED: Outcome.REFUSED,
}


def run_sign_in(*, run: Run, return_path: str) -> str:
    """Begin the sign-in that an open run waits for, and return the path where the browser goes on.

    Args:
        return_path: where the browser comes back in the end, however the sign-in ends.

    Raises:
        OtherMode, RunBusy, RunOver: the run does not wait for one.
    """
    check_mode(run)
    if run.is_over:
        raise RunOver(run.get_outcome_display().lower())
    if run.outcome != Outcome.OPEN or run.position or run.access == "guest" or run.refused_here:
        raise RunBusy
    return sign_ins.sign_in_begin(
        owner=run.owner,
        provider=run.provider,
        run_code=run.code,
        return_path=return_path,
        account_id=run.account_id,
    )


def run_signed_in(*, run: Run) -> bool:
    """Take the outcome of the run's sign-in into it: its calls into the trace, then who it was, or the run's end.

    Returns:
        Whether the run can go on. False: its sign-in is not finished, or has ended the run.

    Raises:
        RunBusy, RunOver, RunGone: another request is doing the same, or the run has ended, or was deleted.
    """
    if run.access == "guest" or run.outcome != Outcome.OPEN or run.position or run.refused_here:
        return run.outcome == Outcome.OPEN
    owner = run.owner
    outcome = sign_ins.sign_in_outcome(owner=owner, run_code=run.code)
    artifact = sign_ins.artifact_for(owner=owner, run_code=run.code)
    if artifact is None and (outcome is None or outcome.outcome not in _ENDINGS):
        return False
    with leases.held(run) as lease:
        return _take_in(run, lease, artifact, outcome)


def _take_in(run: Run, lease: Lease, artifact: Artifact | None, outcome: sign_ins.SignInOutcome | None) -> bool:
    """The same, of a sign-in that has ended: with an artifact, or else with the outcome that says why not."""
    owner = run.owner
    transcript = sign_ins.transcript_for(owner=owner, run_code=run.code)
    spent = provider_calls_write(run=run, transcript=transcript, artifact=artifact) if transcript else 0
    fields = {"duration_ms": run.duration_ms + spent}
    if artifact is not None:
        lease.give_back(outcome=Outcome.OPEN, subject=_subject(artifact), **fields)
        return True
    assert outcome is not None
    lease.end(_ENDINGS[outcome.outcome], error_code=outcome.error_code, error_message=outcome.error_message, **fields)
    return False


def run_again(*, source: Run, variant: str, pool: Pool, parameters: Mapping[str, str] | None = None) -> Run:
    """Open a run that uses the still fresh sign-in of another, with the flow of its own choice.

    Args:
        variant: `enhanced` or `basic`.
        parameters: values for the calls of that flow, by their names; the others are as usual.

    Raises:
        SignInNeeded: the sign-in is not fresh any more, or may serve one run only (SAML).
        ChoiceRefused: there is no such flow, or the pool belongs to another account than the source's.
        RunGone: the source was deleted.
    """
    if pool.account_id != source.account_id:
        raise ChoiceRefused("This sign-in was for an identity pool of another account. Sign in for this one.")
    artifact = _fresh(source)
    try:
        flow = flow_for(variant, PROVIDERS[source.provider].kind)
    except KeyError as unknown:
        raise ChoiceRefused("Choose the enhanced flow or the basic flow.") from unknown
    with leases.noticing_deletion(source), transaction.atomic():
        run = run_open(
            owner=source.owner,
            access=source.access,
            flow=flow.key,
            provider=source.provider,
            pool=pool,
            parameters=dict(parameters or {}),
            artifact=artifact,
        )
        run.subject, run.reuses = _subject(artifact), source
        run.save(update_fields=["subject", "reuses"])
    return run


def run_link(*, source: Run, target: Run, pool: Pool) -> Run:
    """Open a run that links the login of one run to the identity of another.

    Args:
        source: whose sign-in is used; it has to be fresh.
        target: whose identity gets the login. Unless it is a guest's, its own sign-in has to be fresh as well: the
            identity pool wants one login that the identity owns.

    Raises:
        SignInNeeded: a sign-in is not fresh any more, or may serve one run only (SAML).
        ChoiceRefused: the two do not go together.
        RunGone: one of them was deleted.
    """
    if reason := link_refusal(source, target):
        raise ChoiceRefused(reason)
    artifact = _fresh(source)
    proof = _fresh(target) if target.access != "guest" else None
    of_developer = next((run for run in (source, target) if _is_of_developer(run)), None)
    owner = source.owner
    with leases.noticing_deletion(source, target), transaction.atomic():
        run = run_row(
            owner=owner,
            access=source.access,
            flow=FLOWS["developer-link" if of_developer else "link"],
            provider=PROVIDERS[source.provider],
            pool=pool,
            parameters={},
        )
        # A developer's person can be registered under one identity only, so the call has to name that one.
        run.identity_id = (of_developer or target).identity_id or target.identity_id
        run.subject, run.reuses, run.links = _subject(artifact), source, target
        run.save(force_insert=True)
        artifact_keep(owner, run_code=run.code, artifact=artifact)
        if proof is not None:
            run_secrets.keep_linked_login(run, proof)
    return run


def link_refusal(source: Run, target: Run) -> str:
    """Why the login of one run cannot be linked to the identity of another; empty when it can be tried."""
    if source.pk == target.pk or not target.identity_id:
        return "The other run has no identity to link to."
    if source.pool_id != target.pool_id or source.mode != target.mode:
        return "The two runs belong to different identity pools, and an identity belongs to one pool only."
    if source.identity_id == target.identity_id:
        return "Both runs already have the same identity."
    if target.access == "guest" and _is_of_developer(source):
        return "This person already has an identity, and a guest has no login that could be added to it."
    if source.provider == target.provider:
        return "A logins map holds only one login of each provider, and both runs used the same provider."
    return ""


def run_artifact(*, run: Run) -> Artifact | None:
    """The run's artifact while it may serve another run."""
    artifact = sign_ins.artifact_for(owner=run.owner, run_code=run.code)
    known = PROVIDERS.get(run.provider)
    return artifact if artifact and known and known.is_reusable else None


def runs_linkable(*, run: Run) -> list[Run]:
    """The latest runs of the same person to whose identity this run's login can be linked, one for each identity."""
    found: dict[str, Run] = {}
    recent = Run.objects.owned_by(run.owner).by_people().filter(pool_id=run.pool_id).exclude(identity_id="")[:50]
    for other in recent:
        if other.identity_id in found or link_refusal(run, other):
            continue
        if other.access == "guest" or run_artifact(run=other):
            found[other.identity_id] = other
    return list(found.values())


def _is_of_developer(run: Run) -> bool:
    return PROVIDERS[run.provider].kind == "developer"


def _subject(artifact: Artifact) -> str:
    """Who signed in, fit for a trace that people show to others: an e-mail address is masked like any other claim."""
    return (artifact.subject if settings.KEEP_PERSONAL_CLAIMS else shown_subject(artifact.subject))[:512]


def _fresh(run: Run) -> Artifact:
    check_mode(run)
    artifact = run_artifact(run=run)
    if artifact is None:
        raise SignInNeeded
    return artifact
