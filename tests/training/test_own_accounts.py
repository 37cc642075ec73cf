"""Own accounts of the sandbox, as the lab's pages meet them."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from accounts.owners import Owner
from flows.exchange.own_accounts import NotYours, administrator_of
from flows.exchange.pools import pools_for
from flows.exchange.sandbox_requests import ask
from flows.models import Outcome, Run
from flows.services import run_cancel, run_open
from flows.signals import run_ended
from sandbox.testing import RunningSandbox
from tests.training.rows import a_class, client_of, learners_of
from training.models import AccountState, SandboxAccount
from training.services import restart, sandbox_accounts
from training.services.errors import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def own(sandbox: RunningSandbox, visitor: Owner) -> SandboxAccount:
    made = ask("POST", "/_sandbox/accounts", {"action": "make", "name": "One visitor"}, account="")
    return SandboxAccount.objects.create(
        account_id=made["account"], region="us-east-1", visitor=visitor.visitor, state=AccountState.READY
    )


def test_pools_are_those_of_the_own_account_and_exist_there(own: SandboxAccount, visitor: Owner) -> None:
    pools = pools_for(visitor)
    assert {pool.account_id for pool in pools} == {own.account_id}
    held = ask("POST", "/_sandbox/accounts", {"action": "export", "account": own.account_id}, account="")
    assert {pool.pool_id for pool in pools} == {pool["pool_id"] for pool in held["identityPools"]}


def test_nobody_else_has_the_administrators_key(own: SandboxAccount, visitor: Owner) -> None:
    other = Owner(None, UUID(int=7))
    assert administrator_of(visitor, own.account_id).access_key_id == own.account_id
    with pytest.raises(NotYours):
        administrator_of(other, own.account_id)
    assert own.account_id not in {pool.account_id for pool in pools_for(other)}


def test_visitors_together_have_so_many_accounts_and_whoever_has_one_keeps_it(visitor: Owner) -> None:
    mine = sandbox_accounts.own_account_for(visitor)
    SandboxAccount.objects.bulk_create(
        SandboxAccount(account_id=f"{number:012}", region="us-east-1", visitor=uuid4())
        for number in range(1, sandbox_accounts.MOST_OF_VISITORS)
    )
    with pytest.raises(Refused, match="Sign in to the site"):
        sandbox_accounts.own_account_for(Owner(None, uuid4()))
    assert sandbox_accounts.own_account_for(visitor) == mine


def test_an_account_that_nobody_has_used_for_a_week_goes(
    own: SandboxAccount, visitor: Owner, sandbox: RunningSandbox
) -> None:
    week = timezone.now() - timedelta(days=8)
    SandboxAccount.objects.filter(pk=own.pk).update(created_at=week)
    run = run_open(
        owner=visitor,
        access="guest",
        flow="basic",
        provider="guest",
        pool=pools_for(visitor)[0],
        parameters={},
    )
    assert sandbox_accounts.purge_unused() == 0
    Run.objects.filter(pk=run.pk).update(created_at=week)
    assert sandbox_accounts.purge_unused() == 1
    assert own.account_id not in {one["account"] for one in ask("GET", "/_sandbox/accounts", account="")["accounts"]}


def test_a_reset_whose_process_was_killed_is_done_to_its_end(own: SandboxAccount) -> None:
    pools = ask("POST", "/_sandbox/accounts", {"action": "export", "account": own.account_id}, account="")[
        "identityPools"
    ]
    soon = timezone.now() + timedelta(seconds=60)
    SandboxAccount.objects.filter(pk=own.pk).update(state=AccountState.RESETTING, lease_until=soon)
    own.refresh_from_db()
    with pytest.raises(Refused):
        sandbox_accounts.make_ready(own)
    restart.let_go()
    ready = sandbox_accounts.make_ready(own)
    assert (ready.state, ready.epoch, ready.lease_until) == (AccountState.READY, 2, None)
    again = ask("POST", "/_sandbox/accounts", {"action": "export", "account": own.account_id}, account="")
    assert again["epoch"] == 2
    assert {pool["pool_id"] for pool in again["identityPools"]} == {pool["pool_id"] for pool in pools}
    own.state = AccountState.RESETTING  # as somebody read it before, who must not do it once more
    with pytest.raises(Refused):
        sandbox_accounts.make_ready(own)


@pytest.mark.django_db(transaction=True)
def test_the_end_of_a_run_is_told(sandbox: RunningSandbox, visitor: Owner) -> None:
    told: list[Run] = []
    receiver = lambda run, **_: told.append(run)  # noqa: E731 - the signal holds its receivers weakly
    run_ended.connect(receiver)
    pool = pools_for(visitor)[0]
    run = run_open(owner=visitor, access="guest", flow="basic", provider="guest", pool=pool, parameters={})
    run_cancel(run=run)
    assert [(one.pk, one.outcome) for one in told] == [(run.pk, Outcome.CANCELLED)]


@pytest.mark.slow
def test_whose_account_is_not_there_yet_waits_and_is_given_nobody_elses_pools(sandbox: RunningSandbox) -> None:
    cache.clear()
    cohort = a_class(User.objects.create_user("tora"), learners=1)
    member = learners_of(cohort)[0]
    row = sandbox_accounts.account_of_seat(member)
    browser = client_of(member.user)
    for page in ("/demo/", "/pools/", "/pools/lab/", "/send/", "/mailbox/"):
        answer = browser.get(page)
        assert (page, answer.status_code, answer["Retry-After"]) == (page, 503, "4")
        assert "is being made" in answer.content.decode()
    assert "Nothing was sent" in browser.post("/runs/", {"pool": "lab"}).content.decode()
    assert not Run.objects.exists()
    assert browser.get("/class/me/").status_code == browser.get("/runs/").status_code == 200
    assert browser.get("/class/account/there/", headers={"HX-Request": "true"}).status_code == 204

    SandboxAccount.objects.update(state=AccountState.FAILED, failure="The sandbox does not answer.")
    assert "could not be made: The sandbox does not answer." in browser.get("/demo/").content.decode()
    sandbox_accounts.make_wanted(cohort)
    assert browser.get("/class/account/there/", headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    row.refresh_from_db()
    # The middle of a long ID is an element of its own.
    assert row.account_id in re.sub("<[^>]*>", "", browser.get("/pools/").content.decode())


def test_an_account_that_is_there_stays_so_while_the_sandbox_does_not_answer(
    own: SandboxAccount, visitor: Owner, settings: Settings
) -> None:
    settings.AWS_ENDPOINT = "http://127.0.0.1:9"
    with pytest.raises(Refused):
        sandbox_accounts.make_ready(own)
    own.refresh_from_db()
    assert own.state == AccountState.READY
    assert {pool.account_id for pool in pools_for(visitor)} == {own.account_id}
