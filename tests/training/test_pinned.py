"""A class with a sandbox of its own: everything of its accounts is there, and nothing of anybody else's."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.checks import run_checks
from django.test import Client
from pytest_django import Settings
from social_core.backends.open_id_connect import OpenIdConnectAuth

from accounts.models import User
from accounts.owners import Owner
from benchmarks.servers import free_port
from cognitodemo.backups import taking
from flows.exchange.own_accounts import administrator_of
from flows.exchange.pools import Pool, pool_for
from flows.models import Outcome, Run
from flows.services import run_all, run_open
from sandbox.core.config import SandboxConfig
from sandbox.testing import RunningSandbox, running_sandbox
from tests import ROOT
from tests.flows.authenticated.person import Person
from tests.training.rows import a_class, client_of, learners_of
from training.models import Attempt, AttemptState, Cohort, Membership, SandboxAccount
from training.services import checking, sandbox_accounts
from training.services.attempts import attempt_begin, entry_for, place_of
from training.services.following import follow
from training.services.own_accounts import pools_in
from web import sandboxes

SLUG = "guest-in-two-calls"


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory, web_port: int) -> Iterator[RunningSandbox]:
    file = tmp_path_factory.mktemp("second") / "sandbox.sqlite3"
    config = SandboxConfig(data_file=file, port=0, app_url=f"http://127.0.0.1:{web_port}")
    with running_sandbox(config, log_requests=True) as made:
        yield made


@pytest.fixture
def pinned(
    sandbox: RunningSandbox, second: RunningSandbox, settings: Settings, transactional_db: None
) -> Iterator[Cohort]:
    cache.clear()
    OpenIdConnectAuth.get_openid_configuration.invalidate()
    OpenIdConnectAuth.get_jwks_keys_for_uri.invalidate()
    settings.PUBLIC_URL = second.config.app_url
    cohort = a_class(User.objects.create_user("tora"), learners=2)
    Attempt.objects.all().delete()
    cohort.assignments.filter(position=0).update(exercise=SLUG)
    settings.CLASS_SANDBOXES = {cohort.public_id: (second.url, "")}
    sandbox_accounts.want_accounts(cohort)
    sandbox_accounts.make_wanted(cohort)
    sandbox.requests.clear()
    second.requests.clear()
    yield cohort
    SandboxAccount.objects.filter(cohort=cohort).update(state="retired")
    sandbox_accounts.remove_retired()


def asked(box: RunningSandbox) -> list[str]:
    """What a sandbox was asked, but for the pools of other accounts that were imported, which staff have."""
    return [request.raw_path for request in box.requests if request.raw_path != "/_sandbox/pools"]


def main_of(page: str) -> str:
    return page.partition("<main")[2].partition("</main>")[0]


def numbers_in(box: RunningSandbox) -> set[str]:
    return {one["account"] for one in box.switch("accounts", method="GET")["accounts"]}


def owner_of(member: Membership) -> Owner:
    return Owner(member.user_id, uuid4())


def guest_run(owner: Owner, pool: str = "lab") -> Run:
    chosen: Pool = pool_for(owner, pool)
    return run_all(
        run=run_open(owner=owner, access="guest", flow="basic", provider="guest", pool=chosen, parameters={})
    )


def test_a_learners_run_goes_to_the_class_s_sandbox_only(
    pinned: Cohort, sandbox: RunningSandbox, second: RunningSandbox
) -> None:
    run = guest_run(owner_of(learners_of(pinned)[0]))
    assert (run.outcome, len(second.requests) >= 3, asked(sandbox)) == (Outcome.SUCCEEDED, True, [])
    account = SandboxAccount.objects.get(account_id=run.account_id)
    assert account.account_id in numbers_in(second)
    assert account.account_id not in numbers_in(sandbox)
    tokens = [call for call in run.calls.all() if call.operation == "GetOpenIdToken"]
    assert "Verified with key" in str([call.tokens for call in tokens]), "by the keys of the sandbox that signed it"


def test_others_are_in_the_site_s_own(pinned: Cohort, sandbox: RunningSandbox, second: RunningSandbox) -> None:
    other = a_class(User.objects.create_user("tom"), learners=1, exercises=0, name="Bergen")
    sandbox_accounts.want_accounts(other)
    sandbox_accounts.make_wanted(other)
    second.requests.clear()
    assert guest_run(owner_of(learners_of(other)[0])).outcome == Outcome.SUCCEEDED
    assert guest_run(Owner(None, uuid4())).outcome == Outcome.SUCCEEDED
    assert second.requests == []


def test_an_exercise_is_set_up_run_probed_and_checked_there(
    pinned: Cohort, sandbox: RunningSandbox, second: RunningSandbox
) -> None:
    owner = owner_of(learners_of(pinned)[0])
    entry = entry_for(place_of(owner), SLUG)
    assert entry is not None
    attempt = attempt_begin(place=place_of(owner), entry=entry)
    guest_run(owner, SLUG)
    checking.attempt_check(attempt=attempt)
    checking.probes_make(attempt=attempt)
    assert attempt.state in (AttemptState.WORKING, AttemptState.SOLVED)
    assert any(request.raw_path == "/_sandbox/accounts" for request in second.requests)
    assert asked(sandbox) == []


def test_calls_by_sdk_and_the_board_are_read_there(
    pinned: Cohort, sandbox: RunningSandbox, second: RunningSandbox
) -> None:
    member = learners_of(pinned)[0]
    account = SandboxAccount.objects.get(membership=member) if member else None
    assert account is not None
    second.anonymous("cognito-identity").get_id(IdentityPoolId=pools_in(account)[0].pool_id)
    follow(pinned.pk)
    assert Run.objects.get().account_id == account.account_id
    assert asked(sandbox) == []


@pytest.mark.parametrize("provider", ["google", "user-pool", "saml"])
def test_people_sign_in_at_its_stand_ins(
    pinned: Cohort, sandbox: RunningSandbox, second: RunningSandbox, web_port: int, provider: str
) -> None:
    person = Person(web_port)
    person.client.force_login(User.objects.get(pk=learners_of(pinned)[0].user_id))
    run = person.run(provider)
    assert run.outcome == Outcome.SUCCEEDED, (run.error_code, run.error_message)
    assert asked(sandbox) == []
    assert second.requests


def test_pages_tell_its_address(pinned: Cohort, sandbox: RunningSandbox, second: RunningSandbox) -> None:
    member = learners_of(pinned)[0]
    browser = client_of(User.objects.get(pk=member.user_id))
    account = SandboxAccount.objects.get(membership=member)
    page = browser.post("/class/account/", {"account": account.account_id}).content.decode()
    assert f"AWS_ENDPOINT_URL={second.url}" in page
    assert sandbox.url not in main_of(page)
    run = guest_run(owner_of(member))
    for path in (f"/runs/{run.code}/", f"/runs/{run.code}/calls/", f"/runs/{run.code}/use/", "/pools/lab/"):
        answer = browser.get(path, follow=True)
        assert answer.status_code == 200
        assert sandbox.url not in main_of(answer.content.decode()), path
    assert asked(sandbox) == []


def test_an_account_is_reset_and_removed_there(pinned: Cohort, sandbox: RunningSandbox, second: RunningSandbox) -> None:
    row = SandboxAccount.objects.filter(cohort=pinned).first()
    assert row is not None
    sandbox_accounts.reset_environment(row)
    assert asked(sandbox) == []
    member = row.membership
    assert member is not None
    assert administrator_of(owner_of(member), row.account_id).secret_access_key
    SandboxAccount.objects.filter(pk=row.pk).update(state="retired", cohort=None)  # as where its class is deleted
    assert sandbox_accounts.remove_retired() == 1
    assert row.account_id not in numbers_in(second)


def test_when_it_is_gone_only_its_class_is_told(pinned: Cohort, sandbox: RunningSandbox, settings: Settings) -> None:
    settings.CLASS_SANDBOXES = {pinned.public_id: ("http://127.0.0.1:9", "")}
    failed = guest_run(owner_of(learners_of(pinned)[0]))
    assert (failed.outcome, failed.error_code) == (Outcome.FAILED, "EndpointConnectionError")
    assert "127.0.0.1:9" in failed.error_message
    assert guest_run(Owner(None, uuid4())).outcome == Outcome.SUCCEEDED
    settings.CLASS_SANDBOXES = {pinned.public_id: (sandboxes.home().endpoint, "")}


def test_with_one_port_its_stand_ins_are_passed_on(
    pinned: Cohort, sandbox: RunningSandbox, settings: Settings, tmp_path: Path
) -> None:
    row = SandboxAccount.objects.filter(cohort=pinned).first()
    assert row is not None
    settings.SANDBOX_PUBLIC_URL = settings.PUBLIC_URL = public = "http://testserver"
    port = free_port()
    config = SandboxConfig(data_file=tmp_path / "sandbox.sqlite3", port=port, public_url=public, app_url=public)
    before = settings.CLASS_SANDBOXES
    with running_sandbox(config, log_requests=True) as third:
        settings.CLASS_SANDBOXES = {pinned.public_id: (third.url, "")}
        assert sandboxes.of_account(row.account_id).public_url == public
        client_of(User.objects.get(username="tora")).get(f"/idp/{row.account_id}/")
        assert asked(third) == [f"/idp/{row.account_id}/"]
    settings.CLASS_SANDBOXES = before
    assert asked(sandbox) == []


def test_the_link_to_the_stand_ins_leads_to_those_of_one_s_own_account_there(
    pinned: Cohort, second: RunningSandbox, sandbox: RunningSandbox, settings: Settings
) -> None:
    settings.PUBLIC_URL = "http://testserver"
    learner = User.objects.get(pk=learners_of(pinned)[0].user_id)
    page = client_of(learner)
    assert 'href="/stand-ins/"' in page.get("/").content.decode()
    account = SandboxAccount.objects.get(membership__user=learner, purpose="own")
    assert page.get("/stand-ins/")["Location"] == f"{second.url}/idp/{account.account_id}/"
    assert Client().get("/stand-ins/")["Location"] == f"{sandboxes.home().public_url}/idp/"


def test_a_name_that_no_class_has_is_told_and_stops_nothing(pinned: Cohort, settings: Settings) -> None:
    assert run_checks(tags=["lab"], databases=["default"]) == run_checks(tags=["lab"])
    settings.CLASS_SANDBOXES |= {"x8Pq0aT_3kLmN2Zc": ("http://127.0.0.1:9", "")}
    (found,) = [one for one in run_checks(tags=["lab"], databases=["default"]) if one.id == "lab.W036"]
    assert "no class x8Pq0aT_3kLmN2Zc" in found.msg
    assert pinned.public_id not in found.msg
    assert not found.is_serious()
    assert run_checks(tags=["lab"]) == [], "only who may ask the database"
    settings.CLASS_SANDBOXES.pop("x8Pq0aT_3kLmN2Zc")


def test_a_backup_names_the_sandbox_that_it_does_not_hold_and_the_command_that_saves_it(
    pinned: Cohort, second: RunningSandbox, tmp_path: Path
) -> None:
    (sentence,) = taking.not_of_this_machine()
    assert sentence.startswith(f"the sandbox of “{pinned.name}” at {second.url}. Where it runs: ")
    command = sentence.partition("Where it runs: ")[2].replace("…", str(second.config.data_file.parent))
    copy = tmp_path / "copy"
    environment = {"PATH": os.environ["PATH"], "ENV_FILE": str(tmp_path / "none.env")}
    words = command.replace("DIRECTORY", str(copy)).replace(".venv/bin/python", sys.executable).split()
    environment |= dict(word.split("=", 1) for word in words if "=" in word)
    subprocess.run([w for w in words if "=" not in w], cwd=ROOT, env=environment, check=True, timeout=120)
    with closing(sqlite3.connect(copy / "sandbox.sqlite3")) as kept:
        accounts = {number for (number,) in kept.execute("SELECT account FROM account")}
    assert set(SandboxAccount.objects.filter(cohort=pinned).values_list("account_id", flat=True)) <= accounts
