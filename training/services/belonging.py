"""Which exercise a run belongs to: the one whose identity pool it used, whatever page it was made on."""

from collections.abc import Iterable

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import CharField, DateTimeField
from django.utils import timezone

from accounts.owned import PreparedOfOwner
from flows.models import Origin, Outcome, Run
from training.models import Attempt, AttemptRun, AttemptState, RunKind
from training.services.attempts import changed
from web.prepared import insert, update

_CONFIGURE = "configure"
# Of these an attempt's checks are judged: what its learner did, and what was done in their place.
_BEGUN = PreparedOfOwner(
    lambda whose, until: (
        Attempt.objects.filter(
            whose, current=True, state__in=[AttemptState.WORKING, AttemptState.SOLVED], started_at__lte=until
        )
        .select_related("account", "membership")
        .order_by("-last_activity_at")
    ),
    DateTimeField(),
)
_MISSED = PreparedOfOwner(
    lambda whose, pool, other, since: (
        Run.objects.filter(whose, pool_id__in=[pool, other], created_at__gte=since)
        .exclude(pk__in=AttemptRun.objects.values("run"))
        .exclude(outcome__in=[Outcome.OPEN, Outcome.RUNNING])
        .exclude(origin=Origin.PROBE)[:100]
    ),
    CharField(),
    CharField(),
    DateTimeField(),
)
COUNTED = (RunKind.LEARNER, RunKind.CLI, RunKind.CONFIGURE, RunKind.SOLVE)


def run_take(run: Run) -> None:
    """Note which of its owner's exercises a run belongs to, when it has ended; of most runs none."""
    if run.origin == Origin.PROBE:
        return  # who makes probes says what they are for
    if run.origin != Origin.PAGES and AttemptRun.objects.filter(run=run).exists():
        return  # who solves says so at the beginning, and the CLI's runs end more than once
    attempt = _attempt_of(run)
    if attempt is None or (attempt.account is not None and attempt.epoch != attempt.account.epoch):
        return
    with transaction.atomic():
        if take(run, attempt, kind_of(run)):
            _note(run, attempt)


def take(run: Run, attempt: Attempt, kind: RunKind) -> bool:
    """The run belongs to this attempt from now on; one that belongs to another stays there, which returns False."""
    try:
        with transaction.atomic():
            insert(AttemptRun(run=run, attempt=attempt, kind=kind, epoch=attempt.epoch))
    except IntegrityError:
        return False
    return True


def take_probes(runs: Iterable[Run], attempt: Attempt) -> None:
    """The same of probes that were made just now, for this attempt."""
    AttemptRun.objects.bulk_create(
        AttemptRun(run=run, attempt=attempt, kind=RunKind.PROBE, epoch=attempt.epoch) for run in runs
    )


def take_missed(attempt: Attempt) -> None:
    """Take in what nobody told of: runs of the exercise's pool that have come since it was begun."""
    pools = _pools_of(attempt)
    if not pools:
        return
    for run in _MISSED.rows(attempt.owner, pools[0], pools[-1], attempt.started_at):
        take(run, attempt, kind_of(run))


def kind_of(run: Run) -> RunKind:
    if run.origin == Origin.SOLUTION:
        return RunKind.SOLVE
    if run.origin == Origin.PROBE:
        return RunKind.PROBE
    if run.origin == Origin.CLI:
        return RunKind.CLI
    return RunKind.CONFIGURE if run.flow == _CONFIGURE else RunKind.LEARNER


def _attempt_of(run: Run) -> Attempt | None:
    """By the pool; else, as a wrong pool may be the point, the exercise in which the owner did something last."""
    if run.mode == "sandbox" and run.account_id == settings.SANDBOX_ACCOUNT_ID:
        return None  # the account that is there for everybody: exercises take place in ones of their own
    candidates = [one for one in _BEGUN.rows(run.owner, run.created_at) if _is_there(one, run)]
    of_pool = [one for one in candidates if run.pool_id in _pools_of(one)]
    open_ones = [attempt for attempt in candidates if attempt.state == AttemptState.WORKING]
    # On AWS all exercises have one pool: there a run belongs to the one that was taken up last and is not solved.
    at_hand = [one for one in of_pool if one in open_ones]
    return next(iter([*at_hand, *of_pool, *open_ones]), None)


def _pools_of(attempt: Attempt) -> list[str]:
    """IDs of the exercise's pools, in one account or in both."""
    return [str(attempt.facts[name]) for name in ("pool_id", "opponent_pool_id") if attempt.facts.get(name)]


def _is_there(attempt: Attempt, run: Run) -> bool:
    """Whether the run was made where the attempt takes place: in its account, or on AWS without one."""
    if attempt.account is None:
        return run.mode != "sandbox"
    return run.account_id in (attempt.account.account_id, attempt.facts.get("opponent"))


def _note(run: Run, attempt: Attempt) -> None:
    """When something was done last, and what stopped it, as boards show it."""
    more: dict[str, object] = {"last_activity_at": timezone.now()}
    if run.flow == _CONFIGURE and attempt.changed_at is None and run.outcome == Outcome.SUCCEEDED:
        more["changed_at"] = timezone.now()
    if run.outcome in (Outcome.REFUSED, Outcome.FAILED):
        last = run.calls.last()
        denied = [entry for entry in (last.decisions if last else []) if entry.get("verdict") == "deny"]
        more["last_refusal"] = (run.error_message or run.error_code)[:300]
        more["last_refusal_code"] = str(denied[-1].get("code", ""))[:64] if denied else ""
    update(Attempt, {"pk": attempt.pk}, more)
    changed(attempt)
