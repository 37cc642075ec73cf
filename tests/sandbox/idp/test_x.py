"""X with OAuth 1.0a: a client of another library signs, the stand-in verifies."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from oauthlib.oauth1 import Client  # type: ignore[import-untyped]
from requests_oauthlib import OAuth1  # type: ignore[import-untyped]

from sandbox.idp.sign_in.people import PEOPLE
from sandbox.idp.stand_ins import STAND_INS
from tests.sandbox.idp.driver import Browser, StandIns

API = "api.twitter.com"


def signed(secret: str = STAND_INS["x"].client_secret, **more: str) -> OAuth1:
    return OAuth1(STAND_INS["x"].client_id, client_secret=secret, **more)


def callback(stand_ins: StandIns) -> str:
    return stand_ins.client("x").redirect_uris[0] + "?redirect_state=abc"


def request_token(stand_ins: StandIns, **changes: str) -> requests.Response:
    auth = signed(**{"callback_uri": callback(stand_ins), **changes})
    return requests.post(stand_ins.at(f"{API}/oauth/request_token"), auth=auth)


def fields(response: requests.Response) -> dict[str, str]:
    assert response.status_code == 200, response.text
    return {name: values[0] for name, values in parse_qs(response.text).items()}


def approved(stand_ins: StandIns, person: str = "ana", **answers: str) -> tuple[dict[str, str], dict[str, str]]:
    """Request token, and what came back to the application."""
    temporary = fields(request_token(stand_ins))
    page = stand_ins.at(f"{API}/oauth/authenticate?oauth_token={temporary['oauth_token']}")
    location = Browser().sign_in(page, person, **answers).headers["Location"]
    assert location.startswith(callback(stand_ins) + "&")
    return temporary, {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def access_token(stand_ins: StandIns, person: str = "ana", **answers: str) -> dict[str, str]:
    temporary, back = approved(stand_ins, person, **answers)
    return fields(exchange(stand_ins, temporary, back["oauth_verifier"]))


def exchange(stand_ins: StandIns, temporary: dict[str, str], verifier: str) -> requests.Response:
    auth = signed(
        resource_owner_key=temporary["oauth_token"],
        resource_owner_secret=temporary["oauth_token_secret"],
        verifier=verifier,
    )
    return requests.post(stand_ins.at(f"{API}/oauth/access_token"), auth=auth)


def profile(stand_ins: StandIns, token: dict[str, str], *, include_email: str = "true") -> requests.Response:
    auth = signed(resource_owner_key=token["oauth_token"], resource_owner_secret=token["oauth_token_secret"])
    url = stand_ins.at(f"{API}/1.1/account/verify_credentials.json")
    return requests.get(url, params={"include_email": include_email}, auth=auth)


def test_the_three_legs(stand_ins: StandIns) -> None:
    token = access_token(stand_ins, "bo")
    assert token["user_id"] == STAND_INS["x"].subject(PEOPLE["bo"])
    assert token["oauth_token"].startswith(f"{token['user_id']}-")
    said = profile(stand_ins, token).json()
    assert said["id_str"] == token["user_id"]
    assert said["id"] == int(token["user_id"])
    assert said["email"] == "bo@acme.example"


def test_the_email_address_has_to_be_asked_for(stand_ins: StandIns) -> None:
    assert "email" not in profile(stand_ins, access_token(stand_ins), include_email="false").json()


def test_declining_says_denied(stand_ins: StandIns) -> None:
    temporary, back = approved(stand_ins, step="deny")
    assert back["denied"] == temporary["oauth_token"]


def test_a_wrong_consumer_secret_is_refused(stand_ins: StandIns) -> None:
    answer = request_token(stand_ins, secret="wrong")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, 32)


def test_a_callback_that_is_not_registered_is_refused(stand_ins: StandIns) -> None:
    answer = request_token(stand_ins, callback_uri="https://attacker.example/")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, 415)


@pytest.mark.parametrize("skew", [-3600, 3600])
def test_the_timestamp_must_be_of_now(stand_ins: StandIns, skew: int) -> None:
    assert request_token(stand_ins, timestamp=str(int(time.time()) + skew)).status_code == 401


def test_a_request_cannot_be_sent_twice(stand_ins: StandIns) -> None:
    client = Client(
        STAND_INS["x"].client_id, client_secret=STAND_INS["x"].client_secret, callback_uri=callback(stand_ins)
    )
    url, headers, _ = client.sign(stand_ins.at(f"{API}/oauth/request_token"), http_method="POST")
    assert requests.post(url, headers=headers).status_code == 200
    assert requests.post(url, headers=headers).status_code == 401


def test_an_altered_query_breaks_the_signature(stand_ins: StandIns) -> None:
    token = access_token(stand_ins)
    client = Client(
        STAND_INS["x"].client_id,
        client_secret=STAND_INS["x"].client_secret,
        resource_owner_key=token["oauth_token"],
        resource_owner_secret=token["oauth_token_secret"],
    )
    url = stand_ins.at(f"{API}/1.1/account/verify_credentials.json?include_email=false")
    _, headers, _ = client.sign(url)
    altered = requests.get(url.replace("false", "true"), headers=headers)
    assert (altered.status_code, altered.json()["errors"][0]["code"]) == (401, 89)


def test_a_wrong_token_secret_is_refused(stand_ins: StandIns) -> None:
    token = access_token(stand_ins)
    assert profile(stand_ins, {**token, "oauth_token_secret": "guessed"}).status_code == 401


def test_a_wrong_verifier_spends_the_request_token(stand_ins: StandIns) -> None:
    temporary, back = approved(stand_ins)
    assert exchange(stand_ins, temporary, "guessed").status_code == 401
    assert exchange(stand_ins, temporary, back["oauth_verifier"]).status_code == 401


def test_a_verifier_works_once(stand_ins: StandIns) -> None:
    temporary, back = approved(stand_ins)
    assert exchange(stand_ins, temporary, back["oauth_verifier"]).status_code == 200
    assert exchange(stand_ins, temporary, back["oauth_verifier"]).status_code == 401


@pytest.mark.parametrize("misbehaviour", ["revoked", "wrong_audience"])
def test_a_token_that_is_not_good_is_refused(stand_ins: StandIns, misbehaviour: str) -> None:
    answer = profile(stand_ins, access_token(stand_ins, misbehave=misbehaviour))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, 89)


def test_a_page_without_a_request_token_is_refused(stand_ins: StandIns) -> None:
    assert requests.get(stand_ins.at(f"{API}/oauth/authenticate?oauth_token=made-up")).status_code == 400


@pytest.mark.parametrize("header", ["OAuth garbage", "OAuth ", "Basic abc", 'OAuth oauth_token="%zz"'])
def test_a_header_that_makes_no_sense_is_refused(stand_ins: StandIns, header: str) -> None:
    url = stand_ins.at(f"{API}/1.1/account/verify_credentials.json")
    assert requests.get(url, headers={"Authorization": header}).status_code == 401
