"""Apple hands back the answer as a form as soon as a name or an e-mail address is asked for."""

import json

import pytest
import requests

from tests.sandbox.idp.driver import Browser, Sign, StandIns, hidden_fields, issuers


@pytest.fixture
def apple(stand_ins: StandIns) -> Sign:
    return Sign(stand_ins, issuers(stand_ins)["apple"])


def test_name_and_email_demand_form_post(apple: Sign) -> None:
    page = requests.get(apple.url(scope="name email"), allow_redirects=False)
    assert page.status_code == 400
    assert "response_mode must be form_post" in page.text


def test_the_answer_is_a_form_with_the_name_beside_the_code(apple: Sign) -> None:
    page = Browser().sign_in(apple.url(scope="name%20email", response_mode="form_post"), "bo")
    assert f'action="{apple.client.redirect_uris[0]}"' in page.text
    fields = dict(hidden_fields(page.text))
    assert json.loads(fields["user"])["name"] == {"firstName": "Bo", "lastName": "Winther"}
    assert fields["state"] == apple.state
    claims = apple.verified(apple.exchange(fields["code"]).json()["id_token"])
    assert claims["email"] == "bo@acme.example"


def test_the_browser_may_post_the_form_there_and_nowhere_else(apple: Sign) -> None:
    page = Browser().sign_in(apple.url(scope="email", response_mode="form_post"))
    assert page.headers["Content-Security-Policy"].endswith("form-action 'self' http://127.0.0.1:8000")


def test_declining_is_a_form_too(apple: Sign) -> None:
    browser = Browser()
    browser.open(apple.url(scope="email", response_mode="form_post"))
    fields = dict(hidden_fields(browser.answer(step="deny").text))
    assert fields == {"error": "user_cancelled_authorize", "state": apple.state}
