"""An exercise with a second account: made at set-up, set back and reset with the first, gone with it."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.owners import Owner
from flows.exchange.pools import pool_for, pools_for
from flows.exchange.sandbox_requests import ask
from flows.models import Run
from sandbox.testing import RunningSandbox
from tests.training.test_attempts import begin
from tests.training.test_class_pages import joined
from tests.training.test_joining import new_class
from training.models import Assignment, Attempt, AttemptRun, Purpose, RunKind, SandboxAccount
from training.services import attempts, checking, sandbox_accounts
from training.services.attempts import ground_of
from training.services.errors import Refused
from training.services.exercise_work import Hands
from training.services.grounds import Ground

pytestmark = pytest.mark.slow
SLUG = "trust-clinic"
OTHERS_POOL = f"opponent-{SLUG}"


@pytest.fixture
def attempt(sandbox: RunningSandbox, visitor: Owner, transactional_db: None) -> Attempt:
    return begin(visitor, SLUG)


def second(attempt: Attempt) -> Ground:
    found = ground_of(attempt).opponent
    assert found is not None
    return found


def trusted_by_clinic_a(attempt: Attempt) -> str:
    iam = ground_of(attempt).client("iam")
    statement = iam.get_role(RoleName="ClinicA")["Role"]["AssumeRolePolicyDocument"]["Statement"][0]
    return str(statement["Condition"]["StringEquals"]["cognito-identity.amazonaws.com:aud"])


def there(ground: Ground) -> bool:
    """Whether the account still has the exercise's pool."""
    found = ground.client("cognito-identity").list_identity_pools(MaxResults=60)["IdentityPools"]
    return ground.pool_id in [one["IdentityPoolId"] for one in found]


def test_the_other_account_is_there_and_its_people_get_in(attempt: Attempt, visitor: Owner) -> None:
    other = second(attempt)
    assert other.number != attempt.account.account_id  # type: ignore[union-attr]
    assert trusted_by_clinic_a(attempt) == other.pool_id
    assert {pool.account_id for pool in pools_for(visitor)} == {attempt.account.account_id, other.number}  # type: ignore[union-attr]
    pool = pool_for(visitor, OTHERS_POOL)
    assert (pool.pool_id, pool.whose) == (other.pool_id, "The other account")

    made: list[Run] = []
    folder = attempts.folder_of(attempt)
    hands = Hands(visitor, ground_of(attempt), folder, begun=made.append, answered=lambda *_: None)
    role = ground_of(attempt).role_arn("ClinicA")
    asked = {"flow": "basic", "provider": "user-pool", "person": "ana", "RoleArn": role}
    assert hands.run(**asked).outcome == "refused"  # type: ignore[arg-type]
    assert hands.run(**asked, pool="opponent").outcome == "succeeded"  # type: ignore[arg-type]
    assert hands.run(**asked, pool="opponent-lab").outcome == "refused"  # type: ignore[arg-type]


def test_a_run_from_the_other_account_belongs_to_the_exercise(
    client: Client, sandbox: RunningSandbox, transactional_db: None
) -> None:
    for slug in ("ready", SLUG):
        client.post(reverse("training:exercise_begin", args=[slug]))
    attempt = Attempt.objects.get(exercise=SLUG)
    Attempt.objects.get(exercise="ready").save()  # the one that was touched last
    chosen = {"provider": "guest", "access": "guest", "flow": "enhanced", "pool": OTHERS_POOL, "pace": "all"}
    client.post(reverse("flows:run_create"), chosen)
    run = Run.objects.get()
    assert run.account_id == second(attempt).number
    assert AttemptRun.objects.get(run=run).attempt == attempt

    page = client.get(reverse("training:exercise", args=[SLUG])).content.decode()
    assert "The other account" in page
    assert second(attempt).pool_id in page
    assert f"{reverse('flows:demo')}?pool={OTHERS_POOL}" in page
    account = client.get(reverse("training:account")).content.decode()
    assert "It is reset with the first." in account
    reset = f"{reverse('training:account_reset')}?account="
    assert f"{reset}{attempt.facts['account_id']}" in account
    assert client.get(f"{reset}{second(attempt).number}").status_code == 404
    assert Client().get(reverse("flows:pool_detail", args=[OTHERS_POOL])).status_code == 404


def test_it_is_set_back_and_reset_with_the_first(attempt: Attempt, visitor: Owner) -> None:
    other = second(attempt)
    other.client("cognito-identity").delete_identity_pool(IdentityPoolId=other.pool_id)
    attempts.attempt_set_up(attempt=attempt, again=True)
    assert there(other)
    row = SandboxAccount.objects.get(account_id=other.number)
    assert (row.purpose, [pool["key"] for pool in row.more_pools]) == (Purpose.OPPONENT, [SLUG])

    assert attempt.account is not None
    sandbox_accounts.reset_environment(attempt.account)
    assert not there(second(attempt))
    assert OTHERS_POOL not in {pool.key for pool in pools_for(visitor)}
    assert SandboxAccount.objects.get(pk=row.pk).epoch == row.epoch + 1
    attempt.refresh_from_db()
    assert there(second(attempts.attempt_set_up(attempt=attempt)))


def test_who_began_before_there_was_a_second_account_is_told_to_set_it_up(
    client: Client, sandbox: RunningSandbox, transactional_db: None
) -> None:
    client.post(reverse("training:exercise_begin", args=[SLUG]))
    attempt = Attempt.objects.get()
    facts = {name: value for name, value in attempt.facts.items() if not name.startswith("opponent")}
    Attempt.objects.update(facts=facts)
    attempt.refresh_from_db()
    with pytest.raises(Refused, match="has a second account now"):
        checking.probes_make(attempt=attempt)
    page = client.get(reverse("training:exercise", args=[SLUG])).content.decode()
    assert "This exercise has a second account now" in page
    client.post(reverse("training:exercise_begin", args=[SLUG]))
    attempt.refresh_from_db()
    assert there(second(attempt))


def test_it_belongs_to_the_seat_and_goes_with_it(sandbox: RunningSandbox, db: None) -> None:
    cohort = new_class()
    Assignment.objects.get_or_create(cohort=cohort, exercise=SLUG, defaults={"position": 9})
    ana, member = joined(cohort, "Ana")
    ana.post(reverse("training:exercise_begin", args=[SLUG]))
    rows = SandboxAccount.objects.filter(membership=member)
    assert sorted(row.purpose for row in rows) == [Purpose.OPPONENT, Purpose.OWN]
    assert {row.seat for row in rows} == {member.seat}
    numbers = {row.account_id for row in rows}
    assert numbers <= _in_the_sandbox()
    ana.post(reverse("training:me_delete"))
    sandbox_accounts.remove_retired()
    assert not numbers & _in_the_sandbox()
    assert not SandboxAccount.objects.filter(account_id__in=numbers).exists()


def test_it_is_probed_and_solved(attempt: Attempt) -> None:
    checking.attempt_solve(attempt=attempt)
    attempt.refresh_from_db()
    assert attempt.state == "solved"
    probed = AttemptRun.objects.filter(attempt=attempt, kind=RunKind.PROBE).values_list("run__account_id", flat=True)
    assert second(attempt).number in probed


def _in_the_sandbox() -> set[str]:
    return {one["account"] for one in ask("GET", "/_sandbox/accounts", account="")["accounts"]}
