"""What the history shows of a run."""

import re
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from flows.models import Outcome, Run
from tests.flows.history.conftest import MakeRun, browser


def page(client: Client, **query: str) -> str:
    response = client.get("/runs/", query)
    assert response.status_code == 200
    return response.content.decode()


def test_a_run_is_one_row_with_what_came_of_it(make_run: MakeRun) -> None:
    run = make_run(calls=3)
    shown = page(browser())

    for text in (
        run.short_code,
        "2026-03-04 12:00",
        "Succeeded",
        "Guest · enhanced",
        "Everything on",
        "LabGuest",
    ):
        assert text in shown
    assert f"…{run.identity_id[-12:]}</span>" in shown
    assert re.search(r'<td role="cell" class="end num">\s*3<span class="narrow-only"> AWS calls</span>\s*</td>', shown)
    assert re.search(r'<td role="cell" class="end num">21 ms</td>', shown)
    assert f'href="{run.get_absolute_url()}"' in shown


def test_a_role_that_nobody_named_was_the_pools_choice(make_run: MakeRun) -> None:
    make_run(role_arn="", assumed_role_arn="")
    assert "the pool’s choice" in page(browser())


def test_each_outcome_has_its_word_and_an_icon(make_run: MakeRun) -> None:
    for outcome in Outcome:
        make_run(outcome=outcome)
    shown = page(browser())

    for outcome in Outcome:
        pill = re.split(rf"{outcome.label}\s*</span>", shown)[0].rpartition("<span")[2]
        assert "<svg" in pill


def test_a_refusal_shows_its_error_code(make_run: MakeRun) -> None:
    make_run(outcome=Outcome.REFUSED, error_code="NotAuthorizedException", identity_id="", role_arn="")
    assert "NotAuthorizedException" in page(browser())


def test_the_assumed_role_is_shown_before_the_one_that_was_asked_for(make_run: MakeRun) -> None:
    make_run(assumed_role_arn="arn:aws:sts::000000000000:assumed-role/Assumed/CognitoIdentityCredentials")
    shown = page(browser())
    assert "Assumed" in shown
    assert "LabGuest" not in shown


def test_a_run_of_a_pool_or_flow_that_is_gone_is_still_listed(make_run: MakeRun) -> None:
    make_run(
        pool_id="eu-west-1:00000000-0000-4000-8000-00000badcafe",
        flow="retired",
        provider="retired",
        access="authenticated",
    )
    shown = page(browser())
    assert "…00000badcafe" in shown
    assert "retired" in shown


def test_the_newest_run_comes_first(make_run: MakeRun) -> None:
    newer, older = make_run(), make_run()
    shown = page(browser())
    assert shown.index(f">{newer.short_code}</a>") < shown.index(f">{older.short_code}</a>")


def test_a_browser_without_runs_is_offered_a_first_one(db: None) -> None:
    shown = page(browser())
    assert "No runs yet" in shown
    assert 'href="/demo/?access=guest"' in shown
    assert "<table" not in shown


def test_a_run_whose_lease_is_over_is_interrupted_when_it_is_listed(make_run: MakeRun) -> None:
    run = make_run(outcome=Outcome.RUNNING, lease_holder="gone", lease_until=timezone.now() - timedelta(seconds=1))
    busy = make_run(outcome=Outcome.RUNNING, lease_holder="here", lease_until=timezone.now() + timedelta(seconds=20))
    shown = page(browser())

    assert "Interrupted" in shown
    assert Run.objects.get(pk=run.pk).outcome == Outcome.INTERRUPTED
    assert Run.objects.get(pk=busy.pk).outcome == Outcome.RUNNING


def test_htmx_gets_the_table_alone_and_an_address_without_empty_fields(make_run: MakeRun) -> None:
    make_run()
    response = browser().get(
        "/runs/", {"outcome": "succeeded", "flow": "", "since": ""}, headers={"HX-Request": "true"}
    )
    shown = response.content.decode()

    assert shown.lstrip().startswith('<div id="runs">')
    assert "<html" not in shown
    assert response["HX-Push-Url"] == "/runs/?outcome=succeeded"
    assert "HX-Request" in response["Vary"]


def test_back_in_the_browser_gets_the_whole_page_again(make_run: MakeRun) -> None:
    make_run()
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in browser().get("/runs/", headers=headers).content.decode()


def test_the_page_is_kept_by_no_shared_cache(make_run: MakeRun) -> None:
    make_run()
    assert "private" in browser().get("/runs/")["Cache-Control"]


def test_a_post_makes_no_list(db: None) -> None:
    assert browser().put("/runs/").status_code == 405
