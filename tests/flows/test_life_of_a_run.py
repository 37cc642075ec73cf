"""Leases, vault and verbs of a run, rule by rule: who may write it, what it remembers, what each verb refuses."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from accounts.owners import Owner
from flows import services
from flows.exchange.pools import pool_for
from flows.models import Outcome, Run
from flows.services import ChoiceRefused, CredentialsGone, RunBusy, RunOver, leases, run_open, run_secrets
from flows.services.leases import Lease
from lessons.sample_calls import SAMPLES
from providers.models import SignIn
from providers.sign_in import artifacts
from providers.sign_in.artifacts import Artifact
from providers.sign_in.sign_ins import sign_in_open
from sandbox.testing import RunningSandbox
from vault import services as vault
from vault.models import SealedValue

pytestmark = pytest.mark.django_db


def stored(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


def lapse(run: Run) -> None:
    """Its process died a while ago."""
    Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def google(owner: Owner, flow: str = "enhanced", **changes: Any) -> Run:
    artifact = Artifact(
        "google", "id_token", "accounts.google.com", "a.b.c", timezone.now() + timedelta(minutes=10), subject="1001"
    )
    return run_open(
        owner=owner,
        access="authenticated",
        flow=flow,
        provider="google",
        pool=pool_for(owner),
        parameters={},
        artifact=replace(artifact, **changes),
    )


# --- Leases -----------------------------------------------------------------------------------------------------------


def test_a_lease_is_on_the_row_and_on_the_run_at_hand(open_run: Callable[..., Run], settings: Settings) -> None:
    settings.RUN_LEASE_SECONDS = 90
    run = open_run()
    lease = leases.take(run)
    for each in (run, stored(run)):
        assert (each.outcome, each.lease_holder) == (Outcome.RUNNING, lease.holder)
        assert each.lease_until is not None
        assert timedelta(seconds=80) < each.lease_until - timezone.now() <= timedelta(seconds=90)


def test_a_run_that_went_on_meanwhile_is_not_taken(open_run: Callable[..., Run]) -> None:
    run = open_run()
    Run.objects.filter(pk=run.pk).update(position=1)
    with pytest.raises(RunBusy):
        leases.take(run)
    assert (stored(run).outcome, run.position) == (Outcome.OPEN, 1)


def test_whoever_comes_after_a_lease_is_over_finds_the_run_interrupted(open_run: Callable[..., Run]) -> None:
    run, other = open_run(), open_run()
    for each in (run, other):
        leases.take(each)
        lapse(each)
    with pytest.raises(RunOver, match="interrupted"):
        leases.take(stored(run))
    found = stored(run)
    assert (found.outcome, found.error_code, found.lease_holder) == (Outcome.INTERRUPTED, "Interrupted", "")
    assert (found.lease_until, found.finished_at is None) == (None, False)
    assert stored(other).outcome == Outcome.RUNNING
    assert leases.interrupt() == 1
    assert stored(other).outcome == Outcome.INTERRUPTED


def test_looking_for_interrupted_runs_writes_nothing_where_there_are_none(
    open_run: Callable[..., Run], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    leases.take(open_run())
    with django_assert_num_queries(1):
        assert leases.interrupt() == 0


def test_a_guests_run_is_under_way_from_its_beginning(visitor: Owner, sandbox: RunningSandbox) -> None:
    chosen: dict[str, Any] = {"access": "guest", "provider": "guest", "pool": pool_for(visitor), "parameters": {}}
    with CaptureQueriesContext(connection) as asked:
        run = services.run_through(owner=visitor, flow="enhanced", **chosen)
    of_run = [query["sql"].split()[0] for query in asked if '"flows_run"' in query["sql"]]
    assert of_run == ["INSERT", "UPDATE", "UPDATE"]
    assert "'running'" in next(query["sql"] for query in asked if "flows_run" in query["sql"])
    found = stored(run)
    assert (found.outcome, found.position, found.lease_holder) == (Outcome.SUCCEEDED, 2, "")
    assert [call.operation for call in found.recorded()] == ["GetId", "GetCredentialsForIdentity"]
    assert services.run_credentials(run=found) is not None
    with pytest.raises(ChoiceRefused):
        services.run_through(owner=visitor, flow="basic-developer", **chosen)


@pytest.mark.parametrize("write", [Lease.go_on, Lease.give_back])
def test_who_lost_the_lease_writes_nothing(open_run: Callable[..., Run], write: Callable[..., bool]) -> None:
    run = open_run()
    leases.take(run)
    Run.objects.filter(pk=run.pk).update(lease_holder="somebody else")
    assert write(Lease(run, "not the holder"), identity_id="mine") is False
    assert (run.lease_holder, run.identity_id, stored(run).identity_id) == ("somebody else", "", "")


def test_who_goes_on_keeps_the_lease_and_who_gives_back_lets_go(open_run: Callable[..., Run]) -> None:
    run = open_run()
    lease = leases.take(run)
    lapse(run)
    Lease(run, "not the holder").renew()
    assert (until := stored(run).lease_until) is not None
    assert until < timezone.now()
    lease.renew()
    assert (until := stored(run).lease_until) is not None
    assert until > timezone.now()
    assert lease.go_on(identity_id="us-east-1:a") is True
    assert (run.identity_id, stored(run).identity_id, stored(run).lease_holder) == ("us-east-1:a",) * 2 + (
        lease.holder,
    )
    assert lease.give_back(outcome=Outcome.OPEN) is True
    found = stored(run)
    assert (found.outcome, found.lease_holder, found.lease_until) == (Outcome.OPEN, "", None)


def test_a_database_that_fails_is_not_taken_for_a_deleted_run(open_run: Callable[..., Run]) -> None:
    run = open_run()
    with pytest.raises(DatabaseError, match="disk is full"), leases.noticing_deletion(run, run):
        raise DatabaseError("disk is full")


# --- The vault --------------------------------------------------------------------------------------------------------


def test_what_a_run_of_an_account_holds_is_the_accounts(open_run: Callable[..., Run], visitor: Owner) -> None:
    ana = User.objects.create_user("ana")
    mine = open_run(owner=Owner(ana.pk, visitor.visitor))
    assert mine.owner.user_id == ana.pk
    assert open_run().owner == visitor


@pytest.mark.parametrize(
    ("token", "seconds"), [("opaque", 600), (jwt.encode({"exp": 2_000_000_000}, "k" * 32), 3600)], ids=["opaque", "jwt"]
)
def test_a_token_rests_until_it_expires_by_its_own_word(open_run: Callable[..., Run], token: str, seconds: int) -> None:
    run = open_run("basic")
    run_secrets.keep_token(run, token)
    kept = SealedValue.objects.get(reference=run.code, purpose="open_id_token")
    assert abs((kept.expires_at - timezone.now()).total_seconds() - seconds) < 30


def test_a_token_that_expires_soon_is_kept_no_longer(open_run: Callable[..., Run]) -> None:
    soon = int(timezone.now().timestamp()) + 60
    run = open_run("basic")
    run_secrets.keep_token(run, jwt.encode({"exp": soon}, "k" * 32))
    assert SealedValue.objects.get(reference=run.code).expires_at == datetime.fromtimestamp(soon, UTC)


def test_a_call_gets_the_secret_that_it_needs_and_no_other(sandbox: RunningSandbox, visitor: Owner) -> None:
    run = google(visitor, "basic")
    vault.seal(
        visitor,
        reference=run.code,
        purpose="open_id_token",
        content={"token": "t"},
        expires_at=timezone.now() + timedelta(minutes=5),
    )
    held = []
    for position in range(3):
        run.position = position
        context = run_secrets.context_of(run, {"RoleSessionName": "x"})
        held.append((context.logins, context.open_id_token))
    logins = {"accounts.google.com": "a.b.c"}
    assert held == [(logins, ""), (logins, ""), ({}, "t")]
    assert context.parameters == {"RoleSessionName": "x"}


def test_the_login_of_a_linked_run_joins_only_where_one_is_linked(sandbox: RunningSandbox, visitor: Owner) -> None:
    run, target = google(visitor), google(visitor)
    amazon = Artifact("amazon", "access_token", "www.amazon.com", "Atza", timezone.now() + timedelta(minutes=5))
    run_secrets.keep_linked_login(run, amazon)
    assert run_secrets.context_of(run).logins == {"accounts.google.com": "a.b.c"}
    run.links = target
    assert run_secrets.context_of(run).logins == {"accounts.google.com": "a.b.c", "www.amazon.com": "Atza"}


# --- The verbs --------------------------------------------------------------------------------------------------------


def test_a_run_that_ended_says_so_whatever_step_the_form_was_about(open_run: Callable[..., Run]) -> None:
    run = services.run_all(run=open_run())
    with pytest.raises(RunOver):
        services.run_advance(run=run, position=0)


def test_an_artifact_is_of_the_provider_that_was_chosen(sandbox: RunningSandbox, visitor: Owner) -> None:
    with pytest.raises(ChoiceRefused, match="from another provider"):
        google(visitor, provider="amazon")
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("access", "flow", "provider", "told"),
    [
        ("guest", "quick", "guest", "enhanced flow or the basic"),
        ("guest", "enhanced", "nobody", "that kind of access"),
        ("authenticated", "enhanced", "guest", "that kind of access"),
        ("authenticated", "enhanced", "developer", "cannot be used with that provider"),
        ("authenticated", "developer-basic", "google", "cannot be used with that provider"),
    ],
)
def test_a_choice_is_refused_by_the_rule_that_it_breaks(
    sandbox: RunningSandbox, visitor: Owner, access: str, flow: str, provider: str, told: str
) -> None:
    with pytest.raises(ChoiceRefused, match=told):
        run_open(owner=visitor, access=access, flow=flow, provider=provider, pool=pool_for(visitor), parameters={})


def test_only_a_flow_that_assumes_a_role_itself_has_one_from_the_start(open_run: Callable[..., Run]) -> None:
    assert open_run("enhanced").role_arn == ""
    assert ":role/" in open_run("basic").role_arn


def test_a_sample_needs_credentials_its_settings_and_its_kind_of_access(
    open_run: Callable[..., Run], settings: Settings
) -> None:
    run = open_run()
    with pytest.raises(CredentialsGone):
        services.run_use(run=run, sample=SAMPLES["who-am-i"])
    services.run_all(run=run)
    for_people = next(sample for sample in SAMPLES.values() if sample.access == "authenticated")
    with pytest.raises(ChoiceRefused, match="not for this kind of access"):
        services.run_use(run=run, sample=for_people)
    settings.SAMPLE_TABLE = ""
    with pytest.raises(ChoiceRefused, match="needs a setting: SAMPLE_TABLE"):
        services.run_use(run=run, sample=SAMPLES["scan-table"])
    assert not run.calls.filter(kind="use").exists()


def test_who_am_i_and_no_other_sample_tells_the_role_session(open_run: Callable[..., Run]) -> None:
    run = services.run_all(run=open_run())
    before = run.duration_ms
    services.run_use(run=run, sample=SAMPLES["scan-table"])
    assert (run.assumed_role_arn, stored(run).duration_ms) == ("", before)
    services.run_use(run=run, sample=SAMPLES["who-am-i"])
    assert ":assumed-role/" in run.assumed_role_arn
    assert (stored(run).outcome, run.scrubbed) == (Outcome.SUCCEEDED, False)


def test_credentials_are_of_runs_that_succeeded(open_run: Callable[..., Run]) -> None:
    run = services.run_all(run=open_run())
    assert services.run_credentials(run=run) is not None
    run.outcome = Outcome.REFUSED
    assert services.run_credentials(run=run) is None


@pytest.mark.parametrize("verb", [services.run_cancel, services.run_delete])
def test_a_run_that_is_cancelled_or_deleted_leaves_no_secret_and_no_open_sign_in(
    sandbox: RunningSandbox, visitor: Owner, verb: Callable[..., None]
) -> None:
    run = google(visitor)
    sign_in_open(owner=visitor, provider="google", run_code=run.code, return_path="/")
    verb(run=run)
    assert not SealedValue.objects.exists()
    assert not SignIn.objects.under_way().exists()
    if verb is services.run_cancel:
        assert (stored(run).outcome, stored(run).finished_at is None) == (Outcome.CANCELLED, False)


def test_a_run_under_way_is_neither_cancelled_nor_deleted_until_its_lease_is_over(open_run: Callable[..., Run]) -> None:
    run = open_run()
    leases.take(run)
    for verb in (services.run_cancel, services.run_delete):
        with pytest.raises(RunBusy):
            verb(run=stored(run))
    assert stored(run).outcome == Outcome.RUNNING
    lapse(run)
    services.run_delete(run=stored(run))
    assert not Run.objects.exists()


def test_a_parameter_is_cut_at_its_longest(open_run: Callable[..., Run]) -> None:
    assert open_run("basic", RoleSessionName="x" * 3000).parameters == {"RoleSessionName": "x" * 2048}


def test_a_run_keeps_its_token_for_its_next_call_and_for_those_by_hand(open_run: Callable[..., Run]) -> None:
    run = open_run("basic")
    kept = []
    for _ in range(3):
        services.run_advance(run=run)
        kept.append(SealedValue.objects.filter(reference=run.code, purpose="open_id_token").exists())
    assert kept == [False, True, True]
    fresh = services.run_all(run=open_run("basic"))
    assert SealedValue.objects.filter(reference=fresh.code, purpose="open_id_token").exists()


def test_an_account_and_not_its_browser_owns_a_run(sandbox: RunningSandbox, visitor: Owner) -> None:
    ana = User.objects.create_user("ana")
    run = google(Owner(ana.pk, visitor.visitor))
    assert (run.user_id, run.visitor) == (ana.pk, None)
    assert artifacts.artifact_for(owner=run.owner, run_code=run.code) is not None
    assert artifacts.artifact_for(owner=visitor, run_code=run.code) is None
