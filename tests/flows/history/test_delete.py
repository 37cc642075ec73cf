"""Deleting a run."""

from datetime import timedelta

from django.utils import timezone

from accounts.owners import Owner
from flows.models import ApiCall, Outcome, Run
from tests.flows.history.conftest import VISITOR, MakeRun, browser
from vault import services as vault
from vault.models import SealedValue


def test_the_page_asks_first_and_needs_no_script(make_run: MakeRun) -> None:
    run = make_run()
    page = browser().get(f"{run.get_absolute_url()}delete/").content.decode()

    assert f"Delete run {run.short_code}?" in page
    assert "csrfmiddlewaretoken" in page
    assert Run.objects.exists()


def test_the_run_goes_with_its_calls_and_its_secrets(make_run: MakeRun) -> None:
    run, other = make_run(), make_run()
    for each in (run, other):
        vault.seal(
            Owner(None, VISITOR),
            reference=each.code,
            purpose="credentials",
            content={"key": "value"},
            expires_at=timezone.now() + timedelta(hours=1),
        )
    response = browser().post(f"{run.get_absolute_url()}delete/", follow=True)

    assert response.redirect_chain == [("/runs/", 302)]
    assert "and its calls are deleted" in response.content.decode()
    assert [each.pk for each in Run.objects.all()] == [other.pk]
    assert not ApiCall.objects.filter(run_id=run.pk).exists()
    assert [value.reference for value in SealedValue.objects.all()] == [other.code]


def test_a_run_that_is_under_way_stays(make_run: MakeRun) -> None:
    run = make_run(outcome=Outcome.RUNNING, lease_holder="here", lease_until=timezone.now() + timedelta(seconds=20))
    response = browser().post(f"{run.get_absolute_url()}delete/", follow=True)

    assert Run.objects.filter(pk=run.pk).exists()
    assert "already running" in response.content.decode()


def test_a_run_that_is_gone_is_not_found(make_run: MakeRun) -> None:
    run = make_run()
    path = f"{run.get_absolute_url()}delete/"
    run.delete()
    assert browser().post(path).status_code == 404
