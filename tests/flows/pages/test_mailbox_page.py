"""The mailbox page: codes of the sandbox's user pools, for whoever may have them, and kept nowhere."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from pytest_django import Settings

from sandbox.testing import RunningSandbox
from tests.flows.aws_wire import AwsWire
from tests.sandbox.idp.managed_login.driver import LoginPool, make_pool

Opened = Callable[..., Any]
pytestmark = pytest.mark.django_db


OWN, SHARED = "http://127.0.0.1:8000", "http://lab.example.test:8000"


@pytest.fixture
def code(sandbox: RunningSandbox) -> str:
    """A code that a user pool of the application's account has sent."""
    pool: LoginPool = make_pool(sandbox, account="000000000000")
    pool.add_user("nia", email="nia@example.com")
    sandbox.anonymous("cognito-idp").forgot_password(ClientId=pool.web.client_id, Username="nia")
    return pool.last_code()


@pytest.fixture
def opened(client: Client, settings: Settings) -> Opened:
    """Opens the mailbox of a site with that address, by that address."""

    def answer(public_url: str = OWN, peer: str = "127.0.0.1") -> Any:
        host = urlsplit(public_url).hostname or ""
        settings.PUBLIC_URL, settings.ALLOWED_HOSTS = public_url, [host]
        return client.get("/mailbox/", headers={"host": host}, REMOTE_ADDR=peer)

    return answer


@pytest.mark.slow
def test_the_mailbox_shows_what_user_pools_have_sent_and_keeps_nothing(code: str, opened: Opened) -> None:
    page = opened()
    assert page.status_code == 200
    assert code in page.content.decode()
    assert "nia@example.com" in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]
    with connection.cursor() as cursor:
        for model in apps.get_models():
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            # As a word of its own: digests and fractions of seconds have any six digits at times.
            assert not re.search(rf"(?<![\w.]){code}(?!\w)", str(cursor.fetchall()))


def test_every_page_leads_to_the_mailbox(sandbox: RunningSandbox, client: Client) -> None:
    assert 'href="/mailbox/"' in client.get("/").content.decode()


def test_others_of_a_shared_site_see_no_codes(code: str, opened: Opened, settings: Settings) -> None:
    answers = [opened(SHARED), opened(OWN, peer="192.0.2.7")]
    settings.SANDBOX_PUBLIC_URL = "http://lab.example.test:4566"
    for closed in (*answers, opened()):
        assert closed.status_code == 403
        assert code not in closed.content.decode()


@pytest.mark.parametrize(("public_url", "peer"), [("http://lab.localhost:8000", "::1"), (OWN, "::ffff:127.0.0.1")])
def test_whoever_sits_at_the_machine_sees_them_by_any_of_its_names(
    code: str, opened: Opened, public_url: str, peer: str
) -> None:
    assert code in opened(public_url, peer).content.decode()


def test_who_runs_the_site_sees_them(code: str, client: Client, opened: Opened) -> None:
    people = get_user_model().objects
    client.force_login(people.create_user("somebody"))
    assert opened(SHARED).status_code == 403
    client.force_login(people.create_user("teacher", is_staff=True))
    assert code in opened(SHARED, peer="192.0.2.7").content.decode()


def test_a_sandbox_that_does_not_answer_is_said(sandbox: RunningSandbox, opened: Opened, settings: Settings) -> None:
    settings.AWS_ENDPOINT = "http://127.0.0.1:9"
    assert "The sandbox did not say what its user pools have sent." in opened().content.decode()


def test_an_account_that_cannot_be_read_hides_no_other(code: str, opened: Opened, settings: Settings) -> None:
    foreign = {**settings.IDENTITY_POOLS[0], "key": "foreign", "account_id": "565656560001"}
    settings.IDENTITY_POOLS = [foreign, *settings.IDENTITY_POOLS]
    page = opened().content.decode()
    assert code in page
    assert "does not sign for the administrator of account 565656560001" in page


def test_on_aws_there_is_no_mailbox(aws_mode: AwsWire, client: Client) -> None:
    assert client.get("/mailbox/").status_code == 404
    assert 'href="/mailbox/"' not in client.get("/").content.decode()
