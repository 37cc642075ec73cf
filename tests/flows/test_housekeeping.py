"""Adoption, review, deletion and retention."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from accounts.owners import Owner
from flows.models import ApiCall, Outcome, Run
from flows.services import run_all, run_credentials, run_delete, run_review, runs_adopt, runs_purge
from providers.models import SignIn
from providers.sign_in.sign_ins import sign_in_open
from vault import services as vault
from vault.models import SealedValue


def aged(run: Run, days: int) -> Run:
    Run.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(days=days))
    return run


def test_account_adopts_the_browsers_runs_and_their_secrets(open_run: Callable[..., Run], visitor: Owner) -> None:
    run = run_all(run=open_run())
    stranger = run_all(run=open_run(owner=Owner(None, uuid4())))
    ana = User.objects.create_user("ana")
    assert runs_adopt(visitor=visitor.visitor, user=ana) == 1
    run.refresh_from_db()
    assert (run.user, run.visitor) == (ana, None)
    assert run_credentials(run=run) is not None
    assert list(Run.objects.owned_by(Owner(ana.pk, uuid4()))) == [run]
    assert not Run.objects.owned_by(visitor).exists()
    stranger.refresh_from_db()
    assert stranger.user is None


def test_run_of_an_account_is_no_longer_the_browsers(open_run: Callable[..., Run], visitor: Owner) -> None:
    ana = User.objects.create_user("ana")
    run = open_run(owner=Owner(ana.pk, visitor.visitor))
    assert run.visitor is None
    assert not Run.objects.owned_by(visitor).exists()


def test_review_is_kept_with_its_note(open_run: Callable[..., Run]) -> None:
    run, teacher = open_run(), User.objects.create_user("teacher")
    run_review(run=run, reviewer=teacher, note=" well done ")
    run.refresh_from_db()
    assert (run.reviewed_by, run.review_note) == (teacher, "well done")
    assert run.reviewed_at is not None


def test_deleted_run_takes_its_calls_and_secrets_along(open_run: Callable[..., Run]) -> None:
    run = run_all(run=open_run("basic"))
    run_delete(run=run)
    assert not ApiCall.objects.exists()
    assert not SealedValue.objects.exists()


def test_purge_spares_the_young_and_what_is_under_way(open_run: Callable[..., Run]) -> None:
    old, young = aged(run_all(run=open_run()), 40), run_all(run=open_run())
    under_way = aged(open_run(), 40)
    Run.objects.filter(pk=under_way.pk).update(
        outcome=Outcome.RUNNING, lease_until=timezone.now() + timedelta(minutes=1)
    )
    assert runs_purge(older_than=timedelta(days=30)) == 1
    assert set(Run.objects.all()) == {young, under_way}
    assert set(SealedValue.objects.values_list("reference", flat=True)) == {young.code}
    assert not ApiCall.objects.filter(run_id=old.pk).exists()


def test_purge_empties_the_vault_of_what_has_expired(open_run: Callable[..., Run]) -> None:
    run = run_all(run=open_run())
    SealedValue.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert run_credentials(run=run) is None
    runs_purge(older_than=timedelta(days=30))
    assert not SealedValue.objects.exists()
    assert Run.objects.count() == 1


def test_command_says_what_it_deleted(open_run: Callable[..., Run], settings: Settings) -> None:
    aged(open_run(), 3)
    aged(open_run(), 10)
    told = StringIO()
    call_command("purge", "--older-than", "5d", stdout=told)
    assert told.getvalue() == "Deleted 1 run and 0 sign-ins of more than 5 days ago.\n"
    settings.RETENTION_DAYS = 2
    call_command("purge", stdout=told)
    assert not Run.objects.exists()


@pytest.mark.django_db
def test_purge_forgets_who_signed_in_and_sessions_that_are_over(visitor: Owner, settings: Settings) -> None:
    for number in range(3):
        sign_in = sign_in_open(owner=visitor, provider="google", run_code="", return_path="/")
        SignIn.objects.filter(pk=sign_in.pk).update(created_at=timezone.now() - timedelta(days=number * 20))
    for days in (-1, 1):
        session = SessionStore()
        session.set_expiry(timezone.now() + timedelta(days=days))
        session.save()
    told, settings.RETENTION_DAYS = StringIO(), 30
    call_command("purge", stdout=told)
    assert told.getvalue() == "Deleted 0 runs and 1 sign-in of more than 30 days ago.\n"
    assert SignIn.objects.count() == 2
    assert Session.objects.get().expire_date > timezone.now()


@pytest.mark.django_db
@pytest.mark.parametrize("days", ["0d", "soon", "d"])
def test_command_wants_to_know_how_old_in_days(days: str) -> None:
    with pytest.raises(CommandError):
        call_command("purge", "--older-than", days)


@pytest.mark.django_db
def test_without_an_age_only_what_has_expired_goes(open_run: Callable[..., Run], settings: Settings) -> None:
    """As a timer purges every night where RETENTION_DAYS is not set."""
    settings.RETENTION_DAYS = 0
    run_all(run=aged(open_run(), 4000))
    SealedValue.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    for ended in (timezone.now() - timedelta(days=1), timezone.now() + timedelta(days=1)):
        Session.objects.create(session_key=f"s-{ended:%d}", session_data="-", expire_date=ended)
    told = StringIO()
    call_command("purge", stdout=told)
    assert (Run.objects.count(), SealedValue.objects.count(), Session.objects.count()) == (1, 0, 1)
    assert "Runs and sign-ins stay" in told.getvalue()


@pytest.mark.django_db
class TestVault:
    def test_is_readable_by_its_owner_alone(self, visitor: Owner) -> None:
        soon = timezone.now() + timedelta(minutes=5)
        vault.seal(visitor, reference="r", purpose="p", content={"secret": "x"}, expires_at=soon)
        assert vault.unseal(visitor, reference="r", purpose="p") == {"secret": "x"}
        assert vault.unseal(Owner(None, uuid4()), reference="r", purpose="p") is None
        assert vault.unseal(Owner(1, visitor.visitor), reference="r", purpose="p") is None

    def test_keeps_nothing_longer_than_an_hour(self, visitor: Owner) -> None:
        vault.seal(visitor, reference="r", purpose="p", content={}, expires_at=timezone.now() + timedelta(days=1))
        assert SealedValue.objects.get().expires_at <= timezone.now() + timedelta(hours=1)

    def test_row_moved_to_another_reference_does_not_open(self, visitor: Owner) -> None:
        soon = timezone.now() + timedelta(minutes=5)
        vault.seal(visitor, reference="r", purpose="p", content={"a": 1}, expires_at=soon)
        SealedValue.objects.update(reference="other")
        assert vault.unseal(visitor, reference="other", purpose="p") is None

    def test_another_secret_key_opens_nothing(self, visitor: Owner, settings: Settings) -> None:
        soon = timezone.now() + timedelta(minutes=5)
        vault.seal(visitor, reference="r", purpose="p", content={"a": 1}, expires_at=soon)
        settings.SECRET_KEY = "another one"
        assert vault.unseal(visitor, reference="r", purpose="p") is None
