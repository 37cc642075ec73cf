"""A whole sign-in at each OpenID provider, and each thing that it can do wrong on purpose."""

import jwt
import pytest
import requests

from sandbox.idp.sign_in.people import PEOPLE
from sandbox.idp.stand_ins import STAND_INS
from tests.sandbox.idp.driver import Browser, Sign, answer_of


def test_the_id_token_verifies_against_the_published_keys(openid: Sign) -> None:
    tokens = openid.tokens("devi")
    claims = openid.verified(tokens["id_token"])
    assert claims["sub"] == STAND_INS[openid.issuer.slug].subject(PEOPLE["devi"])
    assert jwt.get_unverified_header(tokens["id_token"])["alg"] == "RS256"


def test_the_state_comes_back(openid: Sign) -> None:
    assert answer_of(Browser().sign_in(openid.url()))["state"] == openid.state


def test_two_people_have_two_subjects(openid: Sign) -> None:
    first, second = (openid.verified(openid.tokens(name)["id_token"])["sub"] for name in ("ana", "bo"))
    assert first != second


def test_at_hash_belongs_to_the_access_token(openid: Sign) -> None:
    tokens = openid.tokens()
    digest = jwt.get_algorithm_by_name("RS256").compute_hash_digest(tokens["access_token"].encode())
    expected = jwt.utils.base64url_encode(digest[:16]).decode()
    assert openid.verified(tokens["id_token"])["at_hash"] == expected


def test_userinfo_speaks_of_the_same_person(openid: Sign) -> None:
    if not openid.issuer.userinfo:
        pytest.skip("Apple has no userinfo endpoint")
    tokens = openid.tokens("bo")
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    answer = requests.get(openid.stand_ins.at(openid.issuer.userinfo), headers=headers)
    assert answer.json()["sub"] == openid.verified(tokens["id_token"])["sub"]


def test_declining_goes_back_with_the_providers_own_error(openid: Sign) -> None:
    browser = Browser()
    browser.open(openid.url())
    answer = answer_of(browser.answer(step="deny"))
    expected = "user_cancelled_authorize" if openid.issuer.slug == "apple" else "access_denied"
    assert answer == {"error": expected, "state": openid.state}


@pytest.mark.parametrize(
    ("misbehaviour", "failure"),
    [
        ("expired", jwt.ExpiredSignatureError),
        ("wrong_audience", jwt.InvalidAudienceError),
        ("wrong_issuer", jwt.InvalidIssuerError),
        ("wrong_key", jwt.InvalidSignatureError),
        ("no_nonce", ValueError),
        ("wrong_nonce", ValueError),
    ],
)
def test_misbehaving_fails_exactly_one_check(openid: Sign, misbehaviour: str, failure: type[Exception]) -> None:
    with pytest.raises(failure):
        openid.verified(openid.tokens(misbehave=misbehaviour)["id_token"])


def test_an_access_token_in_the_id_tokens_place_is_refused(openid: Sign) -> None:
    tokens = openid.tokens(misbehave="access_token")
    assert tokens["id_token"] == tokens["access_token"]
    with pytest.raises(jwt.PyJWTError):
        openid.verified(tokens["id_token"])


def test_a_short_lived_token_lasts_ten_seconds(openid: Sign) -> None:
    claims = openid.verified(openid.tokens(misbehave="short_lived")["id_token"])
    assert int(str(claims["exp"])) - int(str(claims["iat"])) == 10


def test_discovery_leads_to_the_same_endpoints(openid: Sign) -> None:
    if openid.issuer.slug == "oidc":
        url = f"{openid.issuer.issuer}/.well-known/openid-configuration"
    else:
        host = openid.issuer.issuer.removeprefix("https://")
        url = openid.stand_ins.at(f"{host}/.well-known/openid-configuration")
    document = requests.get(url).json()
    assert document["issuer"] == openid.issuer.issuer
    assert document["authorization_endpoint"] == openid.stand_ins.at(openid.issuer.authorize)
    assert document["token_endpoint"] == openid.stand_ins.at(openid.issuer.token)
    assert document["jwks_uri"] == openid.stand_ins.at(openid.issuer.jwks)
