"""What people do by CLI or SDK is stored as runs: each call once, cut where something begins anew."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from accounts.owners import Owner
from flows.exchange import clients
from flows.exchange.recorder import recording
from flows.models import Origin, Outcome, Run
from flows.services.by_hand import by_hand
from sandbox.testing import RunningSandbox
from training.models import Attempt, AttemptRun, CliCall, SandboxAccount
from training.services import cli_calls
from training.services.own_accounts import pools_in
from training.services.sandbox_accounts import make_ready, own_account_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> User:
    return User.objects.create_user("ana")


@pytest.fixture
def account(ana: User, sandbox: RunningSandbox, visitor: Owner) -> SandboxAccount:
    cache.clear()
    return make_ready(own_account_for(Owner(ana.pk, visitor.visitor)))


def as_guest(sandbox: RunningSandbox, account: SandboxAccount) -> dict[str, Any]:
    pool, guest = pools_in(account)[0], sandbox.anonymous("cognito-identity")
    identity = guest.get_id(IdentityPoolId=pool.pool_id)["IdentityId"]
    keys = guest.get_credentials_for_identity(IdentityId=identity)["Credentials"]
    return {"access_key": keys["AccessKeyId"], "secret_key": keys["SecretKey"], "token": keys["SessionToken"]}


def test_a_guests_calls_become_a_run(sandbox: RunningSandbox, account: SandboxAccount, ana: User) -> None:
    keys = as_guest(sandbox, account)
    sandbox.client("sts", **keys).get_caller_identity()
    [run] = cli_calls.fetch(account)
    run.refresh_from_db()
    assert (run.origin, run.flow, run.access, run.outcome) == (Origin.CLI, "enhanced", "guest", Outcome.SUCCEEDED)
    assert (run.user, run.pool_key, run.account_id) == (ana, "lab", account.account_id)
    assert run.access_key_id == keys["access_key"]
    assert [call.operation for call in run.calls.all()] == ["GetId", "GetCredentialsForIdentity", "GetCallerIdentity"]
    assert run.identity_id == run.calls.all()[0].response_params["IdentityId"]
    assert {entry["source"] for call in run.calls.all() for entry in call.decisions} == {"sandbox"}
    assert keys["secret_key"] not in str([call.details() for call in run.calls.all()])
    assert run.credentials_expire_at is not None
    assert run.finished_at is not None
    assert 3500 < (run.credentials_expire_at - run.finished_at).total_seconds() <= 3600


def test_the_picture_shows_what_was_asked_and_the_role_that_was_given(
    sandbox: RunningSandbox, account: SandboxAccount, ana: User, client: Client
) -> None:
    keys = as_guest(sandbox, account)
    foreign = "arn:aws:iam::000000000000:role/LabGuest"
    with pytest.raises(ClientError):
        sandbox.client("sts", **keys).assume_role(RoleArn=foreign, RoleSessionName="xx")
    [run] = cli_calls.fetch(account)
    run.refresh_from_db()
    assert run.role_arn != foreign
    client.force_login(ana)
    page = client.get(run.get_absolute_url()).content.decode()
    assert "not run" not in page
    for operation in ("GetId", "GetCredentialsForIdentity", "AssumeRole"):
        assert f"{operation}, " in page
    assert "never stored here" in page


def test_each_call_is_stored_once(sandbox: RunningSandbox, account: SandboxAccount) -> None:
    as_guest(sandbox, account)
    behind = SandboxAccount.objects.get(pk=account.pk)
    cli_calls.fetch(account)
    assert cli_calls.fetch(account) == []
    assert cli_calls.fetch(behind) == [], "another process that had asked at the same time"
    SandboxAccount.objects.update(calls_cursor="")
    assert cli_calls.fetch(SandboxAccount.objects.get(pk=account.pk)) == [], "from the beginning, after a restart"
    assert CliCall.objects.count() == 2
    assert Run.objects.count() == 1


def test_runs_are_cut(sandbox: RunningSandbox, account: SandboxAccount) -> None:
    keys = as_guest(sandbox, account)
    cli_calls.fetch(account)
    sandbox.client("sts", **keys).get_caller_identity()
    cli_calls.fetch(account)
    assert Run.objects.get().calls.count() == 3
    as_guest(sandbox, account)
    cli_calls.fetch(account)
    assert Run.objects.count() == 2, "GetId begins another"
    latest = CliCall.objects.order_by("-at", "-pk")[0]
    latest.at -= timedelta(minutes=6)
    latest.save()
    CliCall.objects.exclude(pk=latest.pk).update(at=latest.at - timedelta(minutes=1))
    sandbox.client("sts", **keys).get_caller_identity()
    cli_calls.fetch(account)
    assert Run.objects.count() == 3, "and so do five quiet minutes"


def test_an_account_keeps_its_latest_runs(
    sandbox: RunningSandbox, account: SandboxAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli_calls, "MOST_OF_AN_ACCOUNT", 4)
    for _ in range(4):
        as_guest(sandbox, account)
        cli_calls.fetch(account)
    assert [run.calls.count() for run in Run.objects.all()] == [2, 2]
    latest = CliCall.objects.order_by("-at", "-pk").first()
    assert latest is not None
    assert latest.run in Run.objects.all()


def test_a_refusal_is_a_result(sandbox: RunningSandbox, account: SandboxAccount) -> None:
    pool = next(each for each in pools_in(account) if each.key == "no-guests")
    guest = sandbox.anonymous("cognito-identity")
    with pytest.raises(guest.exceptions.NotAuthorizedException):
        guest.get_id(IdentityPoolId=pool.pool_id)
    [run] = cli_calls.fetch(account)
    assert (run.outcome, run.error_code, run.pool_key) == (Outcome.REFUSED, "NotAuthorizedException", "no-guests")
    assert run.calls.get().decisions[-1]["code"] == "pool.guest"


def test_what_the_application_did_is_no_call_by_cli(
    sandbox: RunningSandbox, account: SandboxAccount, ana: User, visitor: Owner
) -> None:
    pool = pools_in(account)[0]
    with by_hand(owner=Owner(ana.pk, visitor.visitor), pool=pool, flow="call", access="guest", parameters={}) as hand:
        hand.send(
            clients.anonymous_client("cognito-identity", pool.region, ""),
            "GetId",
            {"IdentityPoolId": pool.pool_id},
            step="x",
        )
    with recording():
        clients.anonymous_client("cognito-identity", pool.region, "").get_id(IdentityPoolId=pool.pool_id)
    assert cli_calls.fetch(account) == []


def test_a_run_belongs_to_the_exercise_at_hand(
    sandbox: RunningSandbox,
    account: SandboxAccount,
    ana: User,
    django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[list[Any]]],
) -> None:
    attempt = Attempt.objects.create(user=ana, account=account, exercise="guest-in-two-calls", epoch=account.epoch)
    as_guest(sandbox, account)
    with django_capture_on_commit_callbacks(execute=True):
        [run] = cli_calls.fetch(account)
    found = AttemptRun.objects.get(run=run)
    assert (found.attempt, found.kind, found.epoch) == (attempt, "cli", account.epoch)


def test_the_history_shows_them(sandbox: RunningSandbox, account: SandboxAccount, ana: User, client: Client) -> None:
    as_guest(sandbox, account)
    client.force_login(ana)
    assert "CLI" in client.get("/runs/").content.decode()
    page = client.get(Run.objects.get().get_absolute_url())
    assert page.status_code == 200
    assert "GetCredentialsForIdentity" in page.content.decode()


def test_nobodys_account_has_its_calls_passed_over(sandbox: RunningSandbox, account: SandboxAccount) -> None:
    as_guest(sandbox, account)
    SandboxAccount.objects.update(user=None)
    nobodys = SandboxAccount.objects.get(pk=account.pk)
    assert cli_calls.fetch(nobodys) == []
    assert nobodys.calls_cursor
