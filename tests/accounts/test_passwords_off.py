"""LOCAL_PASSWORDS=no: the company's sign-in is the only way in, and commands stay for emergencies."""

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from tests.accounts.conftest import PASSWORD


@pytest.fixture(autouse=True)
def _off(settings: Settings) -> None:
    settings.LOCAL_PASSWORDS = False
    settings.COMPANY_NAME, settings.COMPANY_ISSUER = "Example Corp", "https://id.company.example/"
    settings.COMPANY_CLIENT_ID, settings.COMPANY_CLIENT_SECRET = "the-site", "secret"


@pytest.mark.parametrize("path", ["/accounts/sign-in/", "/admin/login/"])
def test_pages_offer_the_company_and_nothing_else(client: Client, ana: User, path: str) -> None:
    page = client.get(path).content.decode()

    assert "Sign in with Example Corp" in page
    assert 'type="password"' not in page
    assert "Sign up" not in page


@pytest.mark.parametrize("path", ["/accounts/sign-in/", "/admin/login/"])
def test_the_right_password_opens_nothing(client: Client, ana: User, path: str) -> None:
    response = client.post(path, {"username": "ana", "password": PASSWORD})

    assert response.status_code == 403
    assert "This site has no passwords" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_nothing_else_that_compares_passwords_takes_one(ana: User, settings: Settings) -> None:
    assert authenticate(username="ana", password=PASSWORD) is None
    settings.LOCAL_PASSWORDS = True
    assert authenticate(username="ana", password=PASSWORD) == ana


def test_nobody_signs_up_although_sign_up_is_open(client: Client, db: None, settings: Settings) -> None:
    settings.SIGN_UP_OPEN = True
    form = {"username": "new", "password1": PASSWORD, "password2": PASSWORD}
    answers = [client.get("/accounts/sign-up/"), client.post("/accounts/sign-up/", form)]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert "have no passwords" in answers[1].content.decode()
    assert not User.objects.exists()


def test_no_password_is_changed(client: Client, ana: User) -> None:
    client.force_login(ana)
    form = {"old_password": PASSWORD, "new_password1": "quite another one", "new_password2": "quite another one"}
    paths = ("/accounts/password/", "/admin/password_change/")
    answers = [answer for path in paths for answer in (client.get(path), client.post(path, form))]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert User.objects.get().check_password(PASSWORD)
    assert "Change your password" not in client.get("/accounts/").content.decode()


def test_the_admin_site_sets_none(client: Client, ana: User) -> None:
    client.force_login(User.objects.create_superuser("root", password=PASSWORD))
    one = f"/admin/accounts/user/{ana.pk}/"
    form = {"usable_password": "true", "password1": "quite another one", "password2": "quite another one"}

    assert client.get("/admin/accounts/user/add/").status_code == 403
    assert client.post(f"{one}password/", form).status_code == 403
    assert "password" not in client.get(f"{one}change/").content.decode().partition("<form")[2].partition("Personal")[0]
    assert User.objects.get(pk=ana.pk).check_password(PASSWORD)


def test_a_superuser_made_by_command_is_linked_by_command(db: None) -> None:
    call_command("createsuperuser", "--noinput", username="root", email="root@example.com", stdout=StringIO())

    assert told("root", "--subject", "abc-1") == (
        "root: abc-1 of https://id.company.example. Rights by its groups: none.\n"
    )
    assert User.objects.get().company_identities.get().last_sign_in_at is None
    assert told("root", "--remove") == "root: 1 link ended, and the rights that came by groups.\n"
    assert User.objects.get().is_superuser


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("nobody",), "There is no account called nobody"),
        (("bo", "--subject", "abc-1"), "belongs to another account"),
        (("ana", "--subject", "abc-2"), "linked to another identity"),
        (("bo", "--subject", ""), "cannot be kept"),
    ],
)
def test_the_command_refuses_in_a_sentence(ana: User, options: tuple[str, ...], why: str) -> None:
    User.objects.create_user("bo")
    told("ana", "--subject", "abc-1")
    with pytest.raises(CommandError, match=why):
        told(*options)


def told(*options: Any) -> str:
    out = StringIO()
    call_command("company_identity", *options, stdout=out)
    return out.getvalue()
