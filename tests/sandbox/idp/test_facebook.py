"""Facebook's dialect: GET token call, opaque tokens, debug_token, errors in the Graph API's shape."""

import hashlib
import hmac
from urllib.parse import urlencode

import pytest
import requests

from sandbox.idp.sign_in.people import PEOPLE
from sandbox.idp.stand_ins import STAND_INS
from tests.sandbox.idp.driver import Browser, StandIns, answer_of

GRAPH = "graph.facebook.com/v24.0"
APP_TOKEN = f"{STAND_INS['facebook'].client_id}|{STAND_INS['facebook'].client_secret}"


def dialog(stand_ins: StandIns, **changes: str) -> str:
    client = stand_ins.client("facebook")
    params = {"client_id": client.client_id, "redirect_uri": client.redirect_uris[0], "state": "st", "scope": "email"}
    return f"{stand_ins.at('www.facebook.com/v24.0/dialog/oauth')}?{urlencode({**params, **changes})}"


def exchange(stand_ins: StandIns, code: str, **changes: str) -> requests.Response:
    client = stand_ins.client("facebook")
    params = {
        "client_id": client.client_id,
        "client_secret": client.secret,
        "redirect_uri": client.redirect_uris[0],
        "code": code,
    }
    return requests.get(stand_ins.at(f"{GRAPH}/oauth/access_token"), params={**params, **changes})


def token(stand_ins: StandIns, person: str = "ana", **fields: str) -> str:
    code = answer_of(Browser().sign_in(dialog(stand_ins), person, **fields))["code"]
    answer = exchange(stand_ins, code)
    assert answer.status_code == 200, answer.text
    access_token: str = answer.json()["access_token"]
    return access_token


def debugged(stand_ins: StandIns, inspected: str) -> dict[str, object]:
    params = {"input_token": inspected, "access_token": APP_TOKEN}
    data: dict[str, object] = requests.get(stand_ins.at(f"{GRAPH}/debug_token"), params=params).json()["data"]
    return data


def test_the_token_is_opaque_and_lasts_sixty_days(stand_ins: StandIns) -> None:
    code = answer_of(Browser().sign_in(dialog(stand_ins)))["code"]
    answer = exchange(stand_ins, code).json()
    assert answer["access_token"].startswith("EAA")
    assert (answer["token_type"], answer["expires_in"]) == ("bearer", 5_184_000)


def test_debug_token_names_application_and_person(stand_ins: StandIns) -> None:
    data = debugged(stand_ins, token(stand_ins, "bo"))
    assert data["app_id"] == STAND_INS["facebook"].client_id
    assert data["user_id"] == STAND_INS["facebook"].subject(PEOPLE["bo"])
    assert data["is_valid"] is True


def test_the_holder_may_ask_without_the_applications_secret(stand_ins: StandIns) -> None:
    mine = token(stand_ins)
    by_itself = requests.get(
        stand_ins.at("graph.facebook.com/debug_token"), params={"input_token": mine, "access_token": mine}
    )
    assert by_itself.json()["data"]["app_id"] == STAND_INS["facebook"].client_id
    app = requests.get(stand_ins.at(f"{GRAPH}/app"), params={"access_token": mine})
    assert app.json()["id"] == STAND_INS["facebook"].client_id


def test_strangers_may_not_introspect(stand_ins: StandIns) -> None:
    params = {"input_token": token(stand_ins), "access_token": f"{STAND_INS['facebook'].client_id}|guessed"}
    assert requests.get(stand_ins.at(f"{GRAPH}/debug_token"), params=params).json()["error"]["code"] == 190


def test_me_gives_the_fields_that_are_asked_for(stand_ins: StandIns) -> None:
    mine = token(stand_ins, "bo")
    profile = requests.get(stand_ins.at(f"{GRAPH}/me"), params={"access_token": mine, "fields": "email"})
    assert profile.json() == {"id": STAND_INS["facebook"].subject(PEOPLE["bo"]), "email": "bo@acme.example"}


def test_a_proof_of_the_applications_secret_is_checked(stand_ins: StandIns) -> None:
    mine = token(stand_ins)
    right = hmac.new(STAND_INS["facebook"].client_secret.encode(), mine.encode(), hashlib.sha256).hexdigest()
    url = stand_ins.at(f"{GRAPH}/me")
    assert requests.get(url, params={"access_token": mine, "appsecret_proof": right}).status_code == 200
    wrong = requests.get(url, params={"access_token": mine, "appsecret_proof": "0" * 64})
    assert "appsecret_proof" in wrong.json()["error"]["message"]


@pytest.mark.parametrize(
    ("misbehaviour", "said"),
    [("expired", "Session has expired"), ("revoked", "has not authorized the application")],
)
def test_a_token_that_is_not_good_says_why(stand_ins: StandIns, misbehaviour: str, said: str) -> None:
    bad = token(stand_ins, misbehave=misbehaviour)
    data = debugged(stand_ins, bad)
    assert data["is_valid"] is False
    assert said in str(data["error"])
    refused = requests.get(stand_ins.at(f"{GRAPH}/me"), params={"access_token": bad})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, 190)


def test_a_token_of_another_application_says_so(stand_ins: StandIns) -> None:
    data = debugged(stand_ins, token(stand_ins, misbehave="wrong_audience"))
    assert data["is_valid"] is True
    assert data["app_id"] != STAND_INS["facebook"].client_id


def test_the_person_can_withdraw_the_permission(stand_ins: StandIns) -> None:
    mine = token(stand_ins)
    answer = requests.delete(stand_ins.at(f"{GRAPH}/me/permissions"), params={"access_token": mine})
    assert answer.json() == {"success": True}
    assert debugged(stand_ins, mine)["is_valid"] is False


def test_declining(stand_ins: StandIns) -> None:
    browser = Browser()
    browser.open(dialog(stand_ins))
    answer = answer_of(browser.answer(step="deny"))
    assert (answer["error"], answer["error_reason"], answer["state"]) == ("access_denied", "user_denied", "st")


def test_a_wrong_secret_and_a_used_code_are_graph_errors(stand_ins: StandIns) -> None:
    code = answer_of(Browser().sign_in(dialog(stand_ins)))["code"]
    wrong = exchange(stand_ins, code, client_secret="wrong")
    assert wrong.json()["error"]["message"] == "Error validating client secret."
    exchange(stand_ins, code)
    assert exchange(stand_ins, code).json()["error"]["code"] == 100


def test_an_address_that_is_not_registered_is_refused(stand_ins: StandIns) -> None:
    page = requests.get(dialog(stand_ins, redirect_uri="https://attacker.example/"), allow_redirects=False)
    assert page.status_code == 400
