"""What is deleted of a class when its time is over, or earlier because somebody asks, and what stays.

Everything is there as people make it: seats, accounts of the sandbox, runs with credentials, calls by SDK, questions.
Time passes by moving the dates of the rows.
"""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.owners import Owner
from flows.exchange.clients import client_for
from flows.exchange.pools import pool_for
from flows.exchange.sandbox_requests import NotDone, administrators_key, ask
from flows.models import Run
from flows.services import note_write, run_all, run_open, run_share
from sandbox.testing import RunningSandbox
from tests.training.rows import client_of
from training.models import (
    Attempt,
    CheckAggregate,
    CheckResult,
    CliCall,
    Cohort,
    CohortState,
    HelpRequest,
    Membership,
    RunLook,
    SandboxAccount,
)
from training.services import classes, cli_calls, codes, joining, leaving, sandbox_accounts
from training.services.attempts import attempt_begin, entry_for, place_of
from training.services.checking import attempt_check
from training.services.errors import NoSuchCode
from vault.models import SealedValue

pytestmark = pytest.mark.django_db

SLUG = "guest-in-two-calls"
OnCommit = Callable[..., AbstractContextManager[list[Any]]]


@pytest.fixture
def trainer(sandbox: RunningSandbox) -> User:
    cache.clear()
    return User.objects.create_user("tora", is_staff=True)


@pytest.fixture
def cohort(trainer: User) -> Iterator[Cohort]:
    made = classes.cohort_make(trainer=trainer, name="Oslo", seats=6, exercises=[SLUG], seed_soon=False)
    yield made
    leaving.cohort_delete_people(made, by_hand=True)
    sandbox_accounts.remove_retired()


def sit_down(cohort: Cohort, name: str) -> Membership:
    member = joining.join(cohort, [name]).membership
    sandbox_accounts.make_ready(sandbox_accounts.account_of_seat(member))
    return member


def owner_of(member: Membership) -> Owner:
    return Owner(member.user_id, uuid4())


def work(member: Membership, sandbox: RunningSandbox, on_commit: OnCommit) -> Attempt:
    """A seat does what people do: begins, runs, calls by SDK, asks, has its work checked."""
    place = place_of(owner_of(member))
    entry = entry_for(place, SLUG)
    assert entry is not None
    attempt = attempt_begin(place=place, entry=entry)
    with on_commit(execute=True):
        pool = pool_for(place.owner, SLUG)
        run = run_open(owner=place.owner, access="guest", flow="enhanced", provider="guest", pool=pool, parameters={})
        run_all(run=run)
        guest = sandbox.anonymous("cognito-identity")
        guest.get_id(IdentityPoolId=pool.pool_id)
        account = SandboxAccount.objects.get(membership=member)
        cli_calls.fetch(account)
        HelpRequest.objects.create(membership=member, attempt=attempt, run=run, text=f"{member} asks")
    attempt_check(attempt=attempt)
    attempt.refresh_from_db()
    return attempt


def write_into_bucket(account: SandboxAccount, sandbox: RunningSandbox) -> None:
    """An object of the seat's own, which the sandbox has written to its disk when this returns."""
    keys = administrators_key(account.account_id)
    s3 = client_for("s3", "us-east-1", keys, "")
    s3.create_bucket(Bucket=f"own-{account.account_id}")
    s3.put_object(Bucket=f"own-{account.account_id}", Key="notes.txt", Body=b"own words")
    end = time.monotonic() + 30
    while not files_of(account, sandbox) and time.monotonic() < end:
        time.sleep(0.1)
    assert files_of(account, sandbox)


def files_of(account: SandboxAccount, sandbox: RunningSandbox) -> list[Path]:
    """What the sandbox keeps of an account's content."""
    found = sandbox.config.data_file.parent.rglob("*")
    return [path for path in found if account.account_id in str(path) and path.is_file()]


def numbers_there() -> set[str]:
    """The accounts that the sandbox has."""
    return {str(one["account"]) for one in ask("GET", "/_sandbox/accounts", account="")["accounts"]}


def everything_stored() -> str:
    """Every row of every model of the application, as text."""
    rows = (
        f"{model.__name__} {row}"
        for model in apps.get_models()
        for row in model._base_manager.values(*(field.name for field in model._meta.concrete_fields))
    )
    return "\n".join(rows)


def end_days_ago(cohort: Cohort, days: int) -> None:
    Cohort.objects.filter(pk=cohort.pk).update(
        starts_at=timezone.now() - timedelta(days=days + 1), ended_at=timezone.now() - timedelta(days=days)
    )


def purge() -> None:
    call_command("purge", "--older-than", "3650d", verbosity=0)


@pytest.mark.slow
def test_when_its_days_are_over_nothing_of_a_class_names_a_learner(
    cohort: Cohort, trainer: User, sandbox: RunningSandbox, django_capture_on_commit_callbacks: OnCommit
) -> None:
    member = sit_down(cohort, "Quillfeather")
    attempt = work(member, sandbox, django_capture_on_commit_callbacks)
    account = SandboxAccount.objects.get(membership=member)
    run = Run.objects.filter(user=member.user, origin="").first()
    assert run is not None
    note_write(run=run, author=trainer, text="Well done, Quillfeather")
    run_share(run=run)
    assert client_of(trainer).get(run.get_absolute_url()).status_code == 200
    assert Client().get(run.get_absolute_url()).status_code == 404
    write_into_bucket(account, sandbox)
    marks = ("Quillfeather", account.account_id, run.identity_id, run.access_key_id, str(attempt.facts["pool_id"]))
    kept = everything_stored()
    assert [mark for mark in marks if mark not in kept] == []
    assert CliCall.objects.count() == 1
    assert RunLook.objects.count() == 1
    assert SealedValue.objects.exists()
    code = codes.return_code(member.seat_names.get())

    cohort.retention_days = 30
    cohort.save()
    end_days_ago(cohort, 29)
    purge()
    assert Membership.objects.filter(pk=member.pk).exists()
    assert account.account_id in numbers_there()

    end_days_ago(cohort, 30)
    purge()
    kept = everything_stored()
    assert [mark for mark in marks if mark in kept] == []
    for model in (Run, CliCall, Attempt, CheckResult, HelpRequest, RunLook, SealedValue):
        assert not model._default_manager.exists(), model
    assert not SandboxAccount.objects.filter(cohort=cohort).exists()
    assert account.account_id not in numbers_there()
    assert not files_of(account, sandbox)
    with pytest.raises(NotDone):
        ask("POST", "/_sandbox/accounts", {"action": "key", "account": account.account_id}, account="")
    with pytest.raises(sandbox.anonymous("cognito-identity").exceptions.ResourceNotFoundException):
        sandbox.anonymous("cognito-identity").get_id(IdentityPoolId=str(attempt.facts["pool_id"]))
    with pytest.raises(NoSuchCode):
        joining.seat_of_return_code(code)
    cohort.refresh_from_db()
    assert (cohort.state, cohort.name, cohort.join_digest) == (CohortState.ARCHIVED, "Oslo", None)
    page = client_of(trainer).get(cohort.get_absolute_url()).text
    assert "The people of this class and their work were deleted." in page
    assert "Deleted after its time" in page
    assert "People’s work was deleted after its time." in page
    assert "/board/" not in page
    assert "/projector/" not in page


@pytest.mark.parametrize(("people", "stays"), [(5, True), (4, False)])
def test_counts_of_five_people_stay_and_of_fewer_do_not(
    cohort: Cohort,
    trainer: User,
    sandbox: RunningSandbox,
    django_capture_on_commit_callbacks: OnCommit,
    people: int,
    stays: bool,
) -> None:
    attempts = [
        work(sit_down(cohort, f"Person {number}"), sandbox, django_capture_on_commit_callbacks)
        for number in range(people)
    ]
    done = {
        check: CheckResult.objects.filter(check_id=check, done=True).count()
        for check in CheckResult.objects.values_list("check_id", flat=True).distinct()
    }
    assert any(done.values())
    solved = sum(attempt.solved_at is not None for attempt in attempts)
    end_days_ago(cohort, 31)
    purge()
    counts = {row.check_id: (row.tried, row.done) for row in CheckAggregate.objects.filter(cohort=cohort)}
    wanted = {"": (people, solved)} | {check: (people, number) for check, number in done.items()}
    assert counts == (wanted if stays else {})
    cohort.refresh_from_db()
    leaving.cohort_delete_people(cohort, by_hand=True)  # again, as a page that was open longer may ask
    page = client_of(trainer).get(f"/class/{cohort.public_id}/report/")
    told = " ".join(page.text.split())
    assert "Person" not in told
    if stays:
        assert f'Guest in two calls</th> <td class="num">{people}</td> <td class="num">{solved}</td>' in told
        assert told.count(f" of {people})</span>") == sum(number < people for number in done.values())
    else:
        assert "No exercise was begun by five people, so nothing was kept." in told


def test_whoever_learnt_with_an_account_of_the_site_keeps_it_and_what_they_did_elsewhere(
    cohort: Cohort, sandbox: RunningSandbox, django_capture_on_commit_callbacks: OnCommit
) -> None:
    ana = User.objects.create_user("ana")
    before = run_open(
        owner=Owner(ana.pk, uuid4()), access="guest", flow="basic", provider="guest",
        pool=pool_for(Owner(ana.pk, uuid4())), parameters={},
    )  # fmt: skip
    run_all(run=before)
    member = joining.join_with_account(cohort, ana)
    sandbox_accounts.make_ready(sandbox_accounts.account_of_seat(member))
    work(member, sandbox, django_capture_on_commit_callbacks)
    assert Run.objects.filter(user=ana).count() > 1
    end_days_ago(cohort, 31)
    purge()
    assert list(Run.objects.filter(user=ana)) == [before]
    assert User.objects.filter(pk=ana.pk).exists()
    assert not Membership.objects.filter(user=ana).exists()


def test_a_learner_takes_their_work_along_and_deletes_it_and_the_others_stay(
    cohort: Cohort, sandbox: RunningSandbox, django_capture_on_commit_callbacks: OnCommit
) -> None:
    one, other = sit_down(cohort, "Quillfeather"), sit_down(cohort, "Bo")
    for member in (one, other):
        work(member, sandbox, django_capture_on_commit_callbacks)
    number = SandboxAccount.objects.get(membership=one).account_id
    browser = client_of(one.user)
    taken = browser.get("/class/me/export.json").json()
    assert (taken["names"], taken["class"]) == (["Quillfeather"], "Oslo")
    assert len(taken["runs"]) == Run.objects.filter(user=one.user).count() > 1
    assert taken["attempts"][0]["checks"]
    assert "Bo asks" not in str(taken)

    assert browser.post("/class/me/delete/").status_code == 302
    sandbox_accounts.remove_retired()
    kept = everything_stored()
    assert "Quillfeather" not in kept
    assert number not in kept
    assert number not in numbers_there()
    assert browser.get("/class/me/").status_code == 302
    assert Attempt.objects.get().membership == other
    assert Run.objects.filter(user=other.user).count() > 1
    assert SandboxAccount.objects.get(membership=other).account_id in numbers_there()
    again = joining.join(cohort, ["Cy"]).membership
    assert again.seat == one.seat
    assert sandbox_accounts.account_of_seat(again).account_id != number


@pytest.mark.django_db(transaction=True)
def test_people_deleted_by_the_trainer_are_gone_at_once_with_their_accounts(
    trainer: User, sandbox: RunningSandbox
) -> None:
    cohort = classes.cohort_make(trainer=trainer, name="Oslo", seats=2, exercises=[SLUG], seed_soon=False)
    member = sit_down(cohort, "Quillfeather")
    number = SandboxAccount.objects.get(membership=member).account_id
    classes.cohort_end(cohort)
    assert client_of(trainer).post(f"{cohort.get_absolute_url()}delete/").status_code == 302
    for thread in threading.enumerate():
        if thread.name == "accounts":
            thread.join(timeout=60)
    assert number not in numbers_there()
    assert "Quillfeather" not in everything_stored()
    by, work = "Deleted by a trainer", "A trainer deleted people’s work."
    assert told_of_deletion(trainer, cohort) == [(by, ""), (by, work), ("", work)]


def test_of_a_class_deleted_before_it_was_noted_nobody_says_who_did_it(trainer: User, sandbox: RunningSandbox) -> None:
    cohort = classes.cohort_make(trainer=trainer, name="Oslo", seats=2, exercises=[SLUG], seed_soon=False)
    leaving.cohort_delete_people(cohort, by_hand=False)
    Cohort.objects.filter(pk=cohort.pk).update(deleted_by_hand=None)
    told = told_of_deletion(trainer, cohort)
    assert told == [("Deleted", ""), ("Deleted", "People’s work was deleted."), ("", "People’s work was deleted.")]


def told_of_deletion(trainer: User, cohort: Cohort) -> list[tuple[str, str]]:
    """What the list of classes, the class's page and its report say: how it stands, and why people's work is gone."""
    found = []
    for address in ("/class/all/", cohort.get_absolute_url(), f"{cohort.get_absolute_url()}report/"):
        page = " ".join(client_of(trainer).get(address).text.split())
        pill = re.search(r"</svg> (Deleted[^<]*?) </span>", page)
        said = re.search(r"(A trainer deleted people’s work|People’s work was deleted)[^.]*[.]", page)
        found.append((pill[1] if pill else "", said[0] if said else ""))
    return found
