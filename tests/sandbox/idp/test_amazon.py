"""Login with Amazon: opaque tokens, tokeninfo, profile."""

from urllib.parse import urlencode

import pytest
import requests

from sandbox.idp.sign_in.people import PEOPLE
from sandbox.idp.stand_ins import STAND_INS
from tests.sandbox.idp.driver import Browser, StandIns, answer_of

API = "api.amazon.com"


def consent_page(stand_ins: StandIns, **changes: str) -> str:
    client = stand_ins.client("amazon")
    params = {
        "client_id": client.client_id,
        "redirect_uri": client.redirect_uris[0],
        "response_type": "code",
        "scope": "profile",
        "state": "st",
        **changes,
    }
    return f"{stand_ins.at('www.amazon.com/ap/oa')}?{urlencode(params)}"


def exchange(stand_ins: StandIns, code: str, **changes: str) -> requests.Response:
    client = stand_ins.client("amazon")
    data = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.redirect_uris[0],
        "client_id": client.client_id,
        "client_secret": client.secret,
    }
    return requests.post(stand_ins.at(f"{API}/auth/o2/token"), data={**data, **changes})


def token(stand_ins: StandIns, person: str = "ana", **fields: str) -> str:
    code = answer_of(Browser().sign_in(consent_page(stand_ins), person, **fields))["code"]
    access_token: str = exchange(stand_ins, code).json()["access_token"]
    return access_token


def asked(stand_ins: StandIns, path: str, access_token: str) -> requests.Response:
    return requests.get(stand_ins.at(f"{API}/{path}"), params={"access_token": access_token})


def test_the_token_response_has_amazons_shape(stand_ins: StandIns) -> None:
    code = answer_of(Browser().sign_in(consent_page(stand_ins)))["code"]
    answer = exchange(stand_ins, code).json()
    assert answer["access_token"].startswith("Atza|")
    assert answer["refresh_token"].startswith("Atzr|")
    assert (answer["token_type"], answer["expires_in"]) == ("bearer", 3600)


def test_tokeninfo_names_application_and_person(stand_ins: StandIns) -> None:
    said = asked(stand_ins, "auth/o2/tokeninfo", token(stand_ins, "bo")).json()
    assert said["aud"] == STAND_INS["amazon"].client_id
    assert said["user_id"] == STAND_INS["amazon"].subject(PEOPLE["bo"])
    assert 3500 < said["exp"] <= 3600


def test_profile(stand_ins: StandIns) -> None:
    said = asked(stand_ins, "user/profile", token(stand_ins, "bo")).json()
    assert said == {
        "user_id": STAND_INS["amazon"].subject(PEOPLE["bo"]),
        "name": "Bo Winther",
        "email": "bo@acme.example",
    }


@pytest.mark.parametrize("misbehaviour", ["expired", "revoked"])
@pytest.mark.parametrize("path", ["auth/o2/tokeninfo", "user/profile"])
def test_a_token_that_is_not_good_is_refused(stand_ins: StandIns, misbehaviour: str, path: str) -> None:
    answer = asked(stand_ins, path, token(stand_ins, misbehave=misbehaviour))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_token")


def test_a_token_of_another_application_says_so(stand_ins: StandIns) -> None:
    said = asked(stand_ins, "auth/o2/tokeninfo", token(stand_ins, misbehave="wrong_audience")).json()
    assert said["aud"] != STAND_INS["amazon"].client_id


def test_edited_claims_reach_the_profile(stand_ins: StandIns) -> None:
    mine = token(stand_ins, claims='{"user_id": "amzn1.account.EDITED", "name": "Somebody Else"}')
    assert asked(stand_ins, "user/profile", mine).json()["name"] == "Somebody Else"
    assert asked(stand_ins, "auth/o2/tokeninfo", mine).json()["user_id"] == "amzn1.account.EDITED"


def test_declining(stand_ins: StandIns) -> None:
    browser = Browser()
    browser.open(consent_page(stand_ins))
    assert answer_of(browser.answer(step="deny"))["error"] == "access_denied"


def test_a_wrong_secret_is_refused(stand_ins: StandIns) -> None:
    code = answer_of(Browser().sign_in(consent_page(stand_ins)))["code"]
    assert exchange(stand_ins, code, client_secret="wrong").json()["error"] == "invalid_client"
