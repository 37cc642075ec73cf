"""Changing the password."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.accounts.conftest import PASSWORD

URL = "/accounts/password/"
NEW = "staple battery horse"


def change(client: Client, old: str = PASSWORD, new: str = NEW) -> Any:
    return client.post(URL, {"old_password": old, "new_password1": new, "new_password2": new})


@pytest.mark.slow
def test_the_old_password_opens_the_way_to_a_new_one(client: Client, ana: User) -> None:
    client.force_login(ana)

    assert client.get(change(client)["Location"]).status_code == 200
    assert User.objects.get().check_password(NEW)


def test_a_wrong_old_password_changes_nothing(client: Client, ana: User) -> None:
    client.force_login(ana)

    assert "This is not your current password" in change(client, old="wrong").content.decode()
    assert User.objects.get().check_password(PASSWORD)


def test_this_browser_stays_signed_in_and_the_others_do_not(client: Client, ana: User) -> None:
    other = Client()
    for browser in (client, other):
        browser.force_login(ana)

    change(client)

    assert client.get(URL).status_code == 200
    assert other.get(URL)["Location"] == f"/accounts/sign-in/?next={URL}"


def test_strangers_are_sent_to_sign_in(client: Client, db: None) -> None:
    assert client.get(URL)["Location"] == f"/accounts/sign-in/?next={URL}"


def test_the_password_manager_is_told_which_field_is_which(client: Client, ana: User) -> None:
    client.force_login(ana)
    page = client.get(URL).content.decode()

    assert page.count('autocomplete="new-password"') == 2
    assert page.count('autocomplete="current-password"') == 1
    assert re.search(r'value="ana"\s+autocomplete="username"', page)
