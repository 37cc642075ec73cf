"""An exercise in a visitor's hands, in an account of their own in a real sandbox."""

import threading
import time
from datetime import datetime
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.owners import Owner
from flows.exchange.pools import pool_for
from flows.models import ApiCall, Origin, Run
from flows.services import call_send, run_all, run_open, run_through, senders_for
from flows.services.veils import veil_over
from sandbox.testing import RunningSandbox
from training.exercises import catalogue
from training.models import Attempt, AttemptRun, AttemptState, CheckResult, RunKind
from training.services import attempts, beside, checking
from training.services.attempts import entry_for, ground_of, place_of
from training.services.errors import Refused
from training.services.sandbox_accounts import reset_environment

SLUG = "guest-takes-admin"


@pytest.fixture
def attempt(sandbox: RunningSandbox, visitor: Owner, transactional_db: None) -> Attempt:
    return begin(visitor, SLUG)


def begin(owner: Owner, slug: str) -> Attempt:
    place = place_of(owner)
    entry = entry_for(place, slug)
    assert entry is not None
    return attempts.attempt_begin(place=place, entry=entry)


def done(attempt: Attempt) -> set[str]:
    return set(CheckResult.objects.filter(attempt=attempt, done=True).values_list("check_id", flat=True))


def guest_run(owner: Owner, pool: str, flow: str = "basic", **parameters: str) -> Run:
    chosen = pool_for(owner, pool)
    return run_all(
        run=run_open(owner=owner, access="guest", flow=flow, provider="guest", pool=chosen, parameters=parameters)
    )


@pytest.mark.slow
def test_an_exercise_is_attacked_mended_and_solved(attempt: Attempt, visitor: Owner) -> None:
    assert attempt.state == AttemptState.WORKING
    run = guest_run(visitor, SLUG, RoleArn=ground_of(attempt).role_arn("TakesAdminAdmins"))
    # Whatever page it was made on, it belongs to the exercise whose pool it used.
    assert AttemptRun.objects.get(run=run).attempt == attempt
    key = {"Bucket": SLUG, "Key": "payroll.csv"}
    call_send(
        owner=visitor, pool=pool_for(visitor, SLUG), sender=str(run.pk), service="s3", operation="GetObject", params=key
    )
    attempts.question_answer(attempt=attempt, question="guess", option=1)
    checking.attempt_check(attempt=attempt)
    assert done(attempt) == {"guess", "attack-seen", "attack-used"}
    proof = CheckResult.objects.get(attempt=attempt, check_id="attack-seen")
    assert (proof.run, proof.call) == (run, 3)

    checking.probes_make(attempt=attempt)
    assert done(attempt) == {"guess", "attack-seen", "attack-used"}
    folder = catalogue.folders()[SLUG]
    assert len(AttemptRun.objects.filter(attempt=attempt, kind=RunKind.PROBE)) == len(folder.exercise.probes)
    # Probes are in nobody's history.
    assert not Run.objects.owned_by(visitor).by_people().filter(origin=Origin.PROBE).exists()

    account = ground_of(attempt)
    account.client("iam").delete_role_policy(RoleName="TakesAdminAdmins", PolicyName="Rights")
    checking.probes_make(attempt=attempt)
    assert "attack-closed" not in done(attempt)

    attempts.attempt_set_up(attempt=attempt, again=True)
    assert done(attempt) >= {"guess", "attack-seen", "attack-used"}
    checking.attempt_solve(attempt=attempt)
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.SOLVED
    assert attempt.checks_passed == attempt.checks_total == len(folder.exercise.checks)
    assert len(AttemptRun.objects.filter(attempt=attempt, kind=RunKind.PROBE)) == len(folder.exercise.probes)


def test_a_solved_exercise_stays_solved(sandbox: RunningSandbox, visitor: Owner, transactional_db: None) -> None:
    attempt = begin(visitor, "ready")
    checking.attempt_solve(attempt=attempt)
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.SOLVED
    Run.objects.all().delete()
    attempt.refresh_from_db()
    assert attempt.solved_for  # which no deleted run takes away
    Attempt.objects.filter(pk=attempt.pk).update(solved_for=False)
    attempt.refresh_from_db()
    checking.attempt_solve(attempt=attempt)
    attempt.refresh_from_db()
    assert not attempt.solved_for  # nor takes a trainer away what was solved before
    verdicts = checking.attempt_check(attempt=attempt)
    assert all(verdict.done for verdict in verdicts)


@pytest.mark.slow
def test_runs_from_before_a_reset_do_not_count(sandbox: RunningSandbox, visitor: Owner, transactional_db: None) -> None:
    attempt = begin(visitor, "ready")
    run = guest_run(visitor, "ready", "enhanced")
    assert attempt.account is not None
    pool = pool_for(visitor, "ready")
    assert str(run.pk) in {sender.key for sender in senders_for(visitor, pool, with_administrator=False)}
    reset_environment(attempt.account)
    # Its credentials open nothing any more, and are not offered.
    assert str(run.pk) not in {sender.key for sender in senders_for(visitor, pool, with_administrator=False)}
    attempt = begin(visitor, "ready")
    checking.attempt_check(attempt=attempt)
    assert done(attempt) == set()
    assert AttemptRun.objects.get(run=run).epoch < attempt.epoch


def test_only_runs_in_an_account_of_their_own_belong_to_an_exercise(attempt: Attempt, visitor: Owner) -> None:
    everybodys = pool_for(Owner(user_id=None, visitor=uuid4()), "lab")
    asked = {"access": "guest", "flow": "enhanced", "provider": "guest"}
    elsewhere = run_through(owner=visitor, pool=everybodys, parameters={}, **asked)
    own = run_through(owner=visitor, pool=pool_for(visitor, SLUG), parameters={}, **asked)
    assert [taken.run for taken in AttemptRun.objects.filter(run__in=[elsewhere, own])] == [own]


def test_the_same_exercise_begun_twice_is_one_attempt(attempt: Attempt, visitor: Owner) -> None:
    assert begin(visitor, SLUG) == attempt
    assert Attempt.objects.count() == 1


def test_an_answer_is_given_once(attempt: Attempt) -> None:
    attempts.question_answer(attempt=attempt, question="guess", option=1)
    attempts.question_answer(attempt=attempt, question="guess", option=2)
    assert attempt.answers.get().answer == "1"
    with pytest.raises(Refused, match="Choose one of the answers"):
        attempts.question_answer(attempt=attempt, question="guess", option=9)


@pytest.mark.slow
def test_probes_wait_until_the_attack_was_seen(attempt: Attempt) -> None:
    assert not checking.needs_probes(attempt, checking.attempt_check(attempt=attempt))


@pytest.mark.slow
def test_probes_are_made_beside_the_request_by_one_at_a_time(attempt: Attempt) -> None:
    assert attempts.claim(attempt)
    assert not checking.probes_beside(attempt=attempt, seconds=1)
    attempts.release(attempt)
    assert checking.probes_beside(attempt=attempt, seconds=60)
    attempt.refresh_from_db()
    assert attempt.checked_at is not None
    assert AttemptRun.objects.filter(attempt=attempt, kind=RunKind.PROBE).count() == 5
    assert attempts.claim(attempt)


def _slow_probes(sandbox: RunningSandbox, attempt: Attempt, seconds: float) -> None:
    """Have each of the five probes take so long."""
    key = ground_of(attempt).administrator
    slow = {"operation": "GetId", "delay": seconds}
    sandbox.switch("faults", slow, account=key.access_key_id, secret_key=key.secret_access_key)


def _quick_probes(sandbox: RunningSandbox, attempt: Attempt) -> None:
    """Have those that begin from now on take no longer than they do."""
    key = ground_of(attempt).administrator
    sandbox.switch("faults", method="DELETE", account=key.access_key_id, secret_key=key.secret_access_key)


def _put_an_object(owner: Owner) -> None:
    """Change something of the account, which harms nothing."""
    call_send(
        owner=owner,
        pool=pool_for(owner, SLUG),
        sender="administrator",
        service="s3",
        operation="PutObject",
        params={"Bucket": SLUG, "Key": "new.txt", "Body": "new"},
    )


def _first_call_of_probes(attempt: Attempt) -> datetime:
    calls = ApiCall.objects.filter(run__in=AttemptRun.objects.filter(attempt=attempt, kind=RunKind.PROBE).values("run"))
    return calls.earliest("started_at").started_at


def _wait_for_probes(attempt: Attempt) -> None:
    """Without a question to the database, in whose place in memory the other thread would find it locked."""
    end = time.monotonic() + 60
    while beside._under_way:
        assert time.monotonic() < end
        time.sleep(0.05)
    attempt.refresh_from_db()


@pytest.mark.slow
def test_who_asks_while_probes_are_made_has_them_made_once_more(sandbox: RunningSandbox, attempt: Attempt) -> None:
    _slow_probes(sandbox, attempt, seconds=2)
    assert not checking.probes_beside(attempt=attempt, seconds=0.1)
    asked = timezone.now()
    assert not checking.probes_beside(attempt=attempt, seconds=0.1)
    _quick_probes(sandbox, attempt)
    _wait_for_probes(attempt)
    assert not attempt.failure
    assert _first_call_of_probes(attempt) > asked
    assert AttemptRun.objects.filter(attempt=attempt, kind=RunKind.PROBE).count() == 5


@pytest.mark.slow
def test_what_is_changed_while_probes_are_made_is_looked_at_from_the_start(
    sandbox: RunningSandbox, attempt: Attempt, visitor: Owner
) -> None:
    _slow_probes(sandbox, attempt, seconds=2)
    assert not checking.probes_beside(attempt=attempt, seconds=0.1)
    changed = timezone.now()
    _put_an_object(visitor)
    _quick_probes(sandbox, attempt)
    _wait_for_probes(attempt)
    assert not attempt.failure
    assert _first_call_of_probes(attempt) > changed


@pytest.mark.slow
def test_an_account_that_does_not_keep_still_is_not_judged(sandbox: RunningSandbox, attempt: Attempt) -> None:
    _slow_probes(sandbox, attempt, seconds=0.3)
    key = ground_of(attempt).administrator
    s3 = sandbox.client("s3", access_key=key.access_key_id, secret_key=key.secret_access_key)
    over = threading.Event()

    def change_all_the_time() -> None:
        while not over.wait(0.1):
            s3.put_object(Bucket=SLUG, Key="new.txt", Body=b"new")

    changing = threading.Thread(target=change_all_the_time)
    changing.start()
    try:
        with pytest.raises(Refused, match="was changed each time it was looked at"):
            checking.probes_make(attempt=attempt)
    finally:
        over.set()
        changing.join()
    assert not AttemptRun.objects.filter(attempt=attempt, kind=RunKind.PROBE).exists()
    checking.probes_make(attempt=attempt)
    assert AttemptRun.objects.filter(attempt=attempt, kind=RunKind.PROBE).count() == 5


@pytest.mark.slow
def test_hints_come_one_after_the_other(attempt: Attempt, visitor: Owner) -> None:
    place = place_of(visitor)
    for _ in range(3):
        attempts.hint_take(place=place, attempt=attempt)
    with pytest.raises(Refused, match="all hints"):
        attempts.hint_take(place=place, attempt=attempt)
    assert list(attempt.hint_uses.values_list("number", flat=True)) == [1, 2, 3]


@pytest.mark.slow
def test_who_gets_in_does_not_name_the_fault_before_it_was_seen(attempt: Attempt, visitor: Owner) -> None:
    pool = pool_for(visitor, SLUG)
    assert "would tell you" in veil_over(visitor, pool)
    assert not veil_over(visitor, pool_for(visitor, "lab"))
    begin(visitor, "two-doors")
    assert not veil_over(visitor, pool_for(visitor, "two-doors")), "there is nothing to mend"
    checking.attempt_solve(attempt=attempt)
    assert not veil_over(visitor, pool)
