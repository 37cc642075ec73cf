"""What our server refused at a sign-in, sent to the identity pool all the same: to see what the service says about it.

The artifact stays apart from those that were accepted (providers.sign_in.artifacts), so it serves this run alone: none
can use it again, link it or compose a call with it. Nobody counts as signed in by it.
"""

from django.db import transaction

from flows.models import Outcome, Run
from flows.services.errors import NothingRefused
from flows.services.runs import check_mode, run_all
from providers.sign_in.artifacts import refused_artifact_for, refused_artifact_forget


def can_be_sent_anyway(*, run: Run) -> bool:
    """Whether the run ended with a refusal by our server of something that the pool can still be asked about."""
    return _ended_here(run) and refused_artifact_for(owner=run.owner, run_code=run.code) is not None


def run_send_anyway(*, run: Run) -> Run:
    """Make the run's calls with what our server refused, and return it as it ended.

    The run keeps both judgements: ours in `refused_here`, the service's as that of any run.

    Raises:
        OtherMode: the run was made in the other mode.
        NothingRefused: there is nothing to send, or it was sent before.
        RunBusy, RunOver, RunGone, SignInNeeded: as `run_all`.
    """
    check_mode(run)
    if not can_be_sent_anyway(run=run):
        raise NothingRefused
    ours = {"code": run.error_code, "message": run.error_message}
    with transaction.atomic():
        # One conditional UPDATE: of two requests at the same moment only one goes on.
        open_again = Run.objects.filter(pk=run.pk, outcome=Outcome.REFUSED, position=0, refused_here={}).update(
            outcome=Outcome.OPEN, refused_here=ours, error_code="", error_message="", finished_at=None
        )
        if not open_again:
            raise NothingRefused
    run.refresh_from_db()
    try:
        return run_all(run=run)
    finally:
        refused_artifact_forget(run_code=run.code)


def _ended_here(run: Run) -> bool:
    return (
        run.outcome == Outcome.REFUSED
        and run.access != "guest"
        and not run.position
        and not run.subject
        and not run.refused_here
        and not run.calls.filter(kind="exchange").exists()
    )
