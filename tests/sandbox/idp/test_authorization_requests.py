"""Authorization requests that are wrong: shown when nobody may be redirected, told to the application otherwise."""

import pytest
import requests

from tests.sandbox.idp.driver import Browser, Sign, answer_of, hidden_fields


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "http://127.0.0.1:8000/elsewhere/",
        "http://127.0.0.1:8000/sign-in/complete/oidc/?x=1",
        "http://127.0.0.1:8000/sign-in/complete/oidc",
        "https://attacker.example/sign-in/complete/oidc/",
        'http://127.0.0.1:8000/"><script>',
        "",
        None,
    ],
)
def test_a_redirect_uri_must_be_registered_to_the_letter(openid: Sign, redirect_uri: str | None) -> None:
    page = requests.get(openid.url(redirect_uri=redirect_uri), allow_redirects=False)
    assert page.status_code == 400
    assert "The stand-in refused" in page.text
    assert "<script>" not in page.text


def test_an_unknown_client_is_shown_an_error(openid: Sign) -> None:
    assert requests.get(openid.url(client_id="nobody"), allow_redirects=False).status_code == 400


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"scope": "openid everything"}, "invalid_scope"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_other_faults_are_told_to_the_application(generic: Sign, changes: dict[str, str | None], error: str) -> None:
    answer = answer_of(requests.get(generic.url(**changes), allow_redirects=False))
    assert answer["error"] == error
    assert answer["state"] == generic.state


def test_a_parameter_given_twice_is_refused(generic: Sign) -> None:
    page = requests.get(generic.url() + "&redirect_uri=https://attacker.example/", allow_redirects=False)
    assert page.status_code == 400


def test_a_form_from_elsewhere_gets_no_code(openid: Sign) -> None:
    browser = Browser()
    page = browser.open(openid.url())
    stolen = dict(hidden_fields(page.text))
    answer = requests.post(page.url, data={**stolen, "person": "ana", "step": "allow"}, allow_redirects=False)
    assert answer.status_code == 200
    assert "Location" not in answer.headers


def test_someone_unknown_cannot_sign_in(generic: Sign) -> None:
    browser = Browser()
    browser.open(generic.url())
    assert "Choose who is signing in." in browser.answer(person="mallory", step="allow").text
