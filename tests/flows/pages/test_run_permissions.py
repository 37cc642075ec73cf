"""Who may do what with a run: its owner all, a reviewer read, anybody else nothing."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core import signing
from django.test import Client

from accounts.models import User
from accounts.owners import Owner
from flows.models import Run
from flows.pages.run.run_view import VIEWS
from flows.services import run_all, run_credentials
from tests.flows.run_views import READ

VERBS = {"advance": {"position": "0"}, "finish": {}, "cancel": {}, "reveal": {}, "use": {"sample": "who-am-i"}}


@pytest.fixture
def finished(open_run: Callable[..., Run]) -> Run:
    return run_all(run=open_run("basic"))


@pytest.fixture
def mine(visitor: Owner) -> Client:
    client = Client()
    client.cookies[settings.VISITOR_COOKIE_NAME] = signing.get_cookie_signer(salt=settings.VISITOR_COOKIE_NAME).sign(
        str(visitor.visitor)
    )
    return client


@pytest.fixture
def reviewing(db: None) -> Client:
    reviewer = User.objects.create_user("rita")
    reviewer.user_permissions.add(Permission.objects.get(codename="review_run"))
    client = Client()
    client.force_login(reviewer)
    return client


@pytest.mark.parametrize("path", READ)
def test_owner_and_reviewer_read_and_a_stranger_does_not(
    mine: Client, reviewing: Client, finished: Run, path: str
) -> None:
    address = f"/runs/{finished.code}/{path}"
    assert mine.get(address).status_code == 200
    assert reviewing.get(address).status_code == 200
    assert Client().get(address).status_code == 404


@pytest.mark.parametrize("verb", VERBS)
def test_only_the_owner_may_go_on_reveal_and_use(mine: Client, reviewing: Client, finished: Run, verb: str) -> None:
    address, before = f"/runs/{finished.code}/{verb}/", finished.calls.count()
    for other in (reviewing, Client()):
        assert other.post(address, VERBS[verb]).status_code == 404
    assert finished.calls.count() == before
    assert mine.post(address, VERBS[verb]).status_code in (200, 302)


def test_a_reviewer_is_offered_nothing_that_only_the_owner_may_do(reviewing: Client, finished: Run) -> None:
    for view in VIEWS:
        page = reviewing.get(f"/runs/{finished.code}/{view}/").content.decode()
        assert "viewed as a reviewer" in page
        for verb in (*VERBS, "delete"):
            assert f'action="/runs/{finished.code}/{verb}/"' not in page


@pytest.mark.slow
def test_revealed_credentials_are_in_the_one_answer_alone(mine: Client, finished: Run) -> None:
    credentials = run_credentials(run=finished)
    assert credentials
    answer = mine.post(f"/runs/{finished.code}/reveal/")
    assert credentials.secret_access_key in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    for path in READ:
        assert credentials.secret_access_key not in mine.get(f"/runs/{finished.code}/{path}").content.decode()


def test_reveal_is_no_address_to_open(mine: Client, finished: Run) -> None:
    answer = mine.get(f"/runs/{finished.code}/reveal/")
    assert answer.status_code == 302
    assert answer["Location"] == f"/runs/{finished.code}/credentials/"


@pytest.mark.parametrize(("before", "today"), [("flow", "calls"), ("use", "try"), ("raw", "json")])
def test_addresses_of_before_lead_to_those_of_today(mine: Client, finished: Run, before: str, today: str) -> None:
    answer = mine.get(f"/runs/{finished.code}/{before}/?call=2")
    assert answer["Location"] == f"/runs/{finished.code}/{today}/?call=2"
    assert mine.get(answer["Location"]).status_code == 200


def test_there_are_no_other_views(mine: Client, finished: Run) -> None:
    assert mine.get(f"/runs/{finished.code}/secrets/").status_code == 404
    assert mine.post(f"/runs/{finished.code}/use/", {"sample": "delete-everything"}).status_code == 404


def test_cancelling_leaves_an_ended_run_as_it_is(mine: Client, finished: Run, open_run: Callable[..., Run]) -> None:
    opened = open_run()
    assert mine.get(f"/runs/{opened.code}/cancel/").status_code == 302
    assert "Cancelled after 0 of 2 calls" in mine.post(f"/runs/{opened.code}/cancel/", follow=True).content.decode()
    assert "This run is over" in mine.post(f"/runs/{finished.code}/cancel/", follow=True).content.decode()
    finished.refresh_from_db()
    assert finished.outcome == "succeeded"
    assert run_credentials(run=finished)
