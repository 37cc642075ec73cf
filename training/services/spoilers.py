"""What would spoil an exercise: who gets in, of a pool whose fault somebody is still to find."""

from accounts.owners import Owner
from flows.exchange.pool import Pool
from training.exercises import catalogue
from training.models import Attempt, AttemptState, CheckResult
from training.services.checking import attempt_catch_up


def veil_of_exercise(owner: Owner, pool: Pool) -> str:
    """Why the judgement on an exercise's pool waits: it names the fault that the learner is to see with their own eyes.

    That is so in exercises that have something to mend, until everything was seen that has to be seen before.
    """
    folder = catalogue.find(pool.key)
    if folder is None or not any(check.on in ("probe", "state") for check in folder.exercise.checks):
        return ""
    attempt = (
        Attempt.objects.owned_by(owner)
        .filter(exercise=folder.slug, current=True, account__account_id=pool.account_id)
        .exclude(state=AttemptState.SOLVED)
        .select_related("account", "membership")
        .first()
    )
    if attempt is None:
        return ""
    attempt_catch_up(attempt=attempt)
    seen = {check.id for check in folder.exercise.checks if check.on in ("any_run", "last_run", "runs")}
    done = set(CheckResult.objects.filter(attempt=attempt, done=True).values_list("check_id", flat=True))
    if seen <= done:
        return ""
    return (
        "This page would tell you what the exercise asks you to find: who gets a role that is not theirs, and by which "
        "condition. It opens by itself when you have seen it in a run of yours."
    )
