"""Signing in, and where it leads."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.accounts.conftest import PASSWORD

URL = "/accounts/sign-in/"


def sign_in(client: Client, name: str = "ana", password: str = PASSWORD, **more: str) -> Any:
    return client.post(URL, {"username": name, "password": password, **more})


def test_the_right_password_leads_to_the_history(client: Client, ana: User) -> None:
    response = sign_in(client)

    assert (response.status_code, response["Location"]) == (302, reverse("flows:run_list"))
    assert client.session["_auth_user_id"] == str(ana.pk)


def test_a_wrong_password_is_refused_in_words_that_fit_an_unknown_name_too(client: Client, ana: User) -> None:
    wrong, unknown = sign_in(client, password="something else"), sign_in(client, name="nobody")

    for response in (wrong, unknown):
        assert response.status_code == 200
        assert "The name or the password is wrong." in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_the_session_key_and_the_csrf_token_change_at_sign_in(client: Client, ana: User) -> None:
    session = client.session
    session["seen"] = "before"
    session.save()
    client.cookies["lab_session"] = session.session_key or ""
    client.get(URL)
    before = {name: client.cookies[name].value for name in ("lab_session", "lab_csrf")}

    sign_in(client)

    after = {name: client.cookies[name].value for name in ("lab_session", "lab_csrf")}
    assert before["lab_session"] != after["lab_session"]
    assert before["lab_csrf"] != after["lab_csrf"]


@pytest.mark.parametrize(
    ("target", "lands_at"),
    [
        ("/runs/?outcome=refused", "/runs/?outcome=refused"),
        ("https://evil.example/", "/runs/"),
        ("//evil.example/", "/runs/"),
        ("javascript:alert(1)", "/runs/"),
        ("http:///evil.example", "/runs/"),
    ],
)
def test_next_leads_only_to_this_site(client: Client, ana: User, target: str, lands_at: str) -> None:
    assert sign_in(client, next=target)["Location"] == lands_at


def test_a_form_without_its_token_is_refused_with_a_page_that_says_what_to_do(ana: User) -> None:
    client = Client(enforce_csrf_checks=True)
    response = sign_in(client)

    assert response.status_code == 403
    assert "The form is out of date" in response.content.decode()


def test_password_managers_find_the_fields_and_nothing_stops_a_paste(client: Client, db: None) -> None:
    page = client.get(URL).content.decode()

    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    assert "onpaste" not in page


def test_who_is_signed_in_is_not_asked_again(client: Client, ana: User) -> None:
    client.force_login(ana)
    assert client.get(URL)["Location"] == "/runs/"


def test_sign_out_takes_a_post(client: Client, ana: User) -> None:
    client.force_login(ana)

    assert client.get("/accounts/sign-out/").status_code == 405
    assert "_auth_user_id" in client.session
    assert client.post("/accounts/sign-out/")["Location"] == "/"
    assert "_auth_user_id" not in client.session


def test_a_closed_account_does_not_open(client: Client, ana: User) -> None:
    User.objects.update(is_active=False)
    assert sign_in(client).status_code == 200
    assert "_auth_user_id" not in client.session


def test_the_browsers_id_is_another_one_after_a_sign_in_and_after_a_sign_out(client: Client, ana: User) -> None:
    """Whoever has copied it sees nothing of what comes later, and the next person at the computer begins anew."""
    ids = []
    client.get(URL)
    for step in (lambda: None, lambda: sign_in(client), lambda: client.post("/accounts/sign-out/")):
        step()
        ids.append(client.cookies["lab_visitor"].value)
        client.get("/")
        assert client.cookies["lab_visitor"].value == ids[-1]
    assert len(set(ids)) == 3
