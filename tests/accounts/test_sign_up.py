"""Making an account."""

import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from tests.accounts.conftest import PASSWORD

URL = "/accounts/sign-up/"


def sign_up(client: Client, name: str = "bo", password: str = PASSWORD, again: str = PASSWORD, **more: str) -> Any:
    return client.post(URL, {"username": name, "password1": password, "password2": again, **more})


@pytest.fixture(autouse=True)
def _open(settings: Settings, db: None) -> None:
    settings.SIGN_UP_OPEN = True


def test_a_name_and_a_password_make_an_account_and_sign_in(client: Client) -> None:
    response = sign_up(client, next="/demo/")

    assert response["Location"] == "/demo/"
    bo = User.objects.get(username="bo")
    assert client.session["_auth_user_id"] == str(bo.pk)
    assert bo.check_password(PASSWORD)
    assert not bo.is_staff


def test_a_name_is_taken_whatever_its_case(client: Client, ana: User) -> None:
    assert "This name is already taken" in sign_up(client, name="ANA").content.decode()
    assert User.objects.count() == 1


@pytest.mark.parametrize("password", ["sh0rt", "0123456789", "password12", "bo-is-my-name-bo"])
def test_a_weak_password_is_refused_with_a_reason_at_its_field(client: Client, password: str) -> None:
    name = "bo-is-my-name" if password.startswith("bo-") else "bo"
    response = sign_up(client, name=name, password=password, again=password)

    page = response.content.decode()
    assert response.status_code == 200
    assert 'aria-invalid="true"' in page
    assert re.search(r"<title>\s*Error: ", page)
    assert password not in page
    assert not User.objects.exists()


def test_two_different_passwords_are_refused(client: Client) -> None:
    assert sign_up(client, again=PASSWORD + "?").status_code == 200
    assert not User.objects.exists()


def test_when_sign_up_is_closed_its_page_says_so_and_no_link_leads_there(client: Client, settings: Settings) -> None:
    settings.SIGN_UP_OPEN = False

    page = client.get(URL)
    assert page.status_code == 403
    assert "Sign-up is closed" in page.content.decode()
    assert sign_up(client).status_code == 403
    assert URL not in client.get("/accounts/sign-in/").content.decode()
    assert not User.objects.exists()


def test_when_sign_up_is_open_the_sign_in_page_leads_there_and_keeps_next(client: Client) -> None:
    assert f'{URL}?next=/demo/"' in client.get("/accounts/sign-in/?next=/demo/").content.decode()


def test_a_foreign_next_is_dropped(client: Client) -> None:
    assert sign_up(client, next="https://evil.example/")["Location"] == "/runs/"


def test_nobody_can_make_themselves_staff(client: Client) -> None:
    sign_up(client, is_staff="on", is_superuser="on")
    assert User.objects.filter(is_staff=False, is_superuser=False).count() == 1
