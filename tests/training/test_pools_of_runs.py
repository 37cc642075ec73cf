"""Runs of exercises say their pool by its label, and whose account it is in: after a reset too, when it is gone."""

import re
from uuid import uuid4

import pytest
from django.core.cache import cache

from accounts.models import User
from accounts.owners import Owner
from flows.exchange.pools import pool_for
from flows.models import Run
from flows.services import run_all, run_open
from sandbox.testing import RunningSandbox
from tests.training.rows import client_of
from tests.training.test_attempts import begin
from training.models import SandboxAccount
from training.services import classes, cli_calls, joining, sandbox_accounts

SLUG, TITLE = "guest-in-two-calls", "Guest in two calls"
OTHERS, OTHERS_TITLE = "opponent-trust-clinic", "Trust clinic"


def words(html: bytes) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html.decode()).split())


def make_run(owner: Owner, key: str) -> Run:
    pool = pool_for(owner, key)
    run = run_open(owner=owner, access="guest", flow="enhanced", provider="guest", pool=pool, parameters={})
    run_all(run=run)
    return run


@pytest.mark.django_db
def test_runs_are_labelled_wherever_they_are_listed_even_after_a_reset(sandbox: RunningSandbox) -> None:
    cache.clear()
    trainer = User.objects.create_superuser("tora")
    cohort = classes.cohort_make(trainer=trainer, name="Oslo", seats=2, exercises=[SLUG], seed_soon=False)
    member = joining.join(cohort, ["Ana"]).membership
    owner = Owner(member.user_id, uuid4())
    account = sandbox_accounts.make_ready(sandbox_accounts.account_of_seat(member))
    begin(owner, SLUG)
    pool = pool_for(owner, SLUG)
    run, elsewhere = make_run(owner, SLUG), make_run(owner, "lab")
    sandbox.anonymous("cognito-identity").get_id(IdentityPoolId=pool.pool_id)
    [by_cli] = cli_calls.fetch(SandboxAccount.objects.get(pk=account.pk))
    sandbox_accounts.reset_environment(SandboxAccount.objects.get(pk=account.pk))

    learner, at_trainer = client_of(member.user), client_of(trainer)
    assert words(learner.get("/runs/").content).count(TITLE) == 2
    for one in (run, by_cli):
        assert f"{TITLE} Your account" in words(learner.get(one.get_absolute_url()).content)
        assert f"{TITLE} Their own account" in words(at_trainer.get(one.get_absolute_url()).content)
    compared = words(learner.get(f"/compare/?a={run.code}&b={elsewhere.code}").content)
    assert f"{TITLE} (…{pool.pool_id[-12:]}" in compared
    assert words(at_trainer.get("/admin/flows/run/").content).count(f" {TITLE} ") >= 2
    seat = at_trainer.get(f"{cohort.get_absolute_url()}seats/{member.pk}/")
    assert f"enhanced flow, at {TITLE}, succeeded" in words(seat.content)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_run_at_the_other_account_says_so(sandbox: RunningSandbox) -> None:
    ana = User.objects.create_user("ana")
    owner = Owner(ana.pk, uuid4())
    begin(owner, "trust-clinic")
    run = make_run(owner, OTHERS)
    browser = client_of(ana)
    assert f"{OTHERS_TITLE} The other account" in words(browser.get(run.get_absolute_url()).content)
    assert f"{OTHERS_TITLE} The other account" in words(browser.get("/runs/").content)
