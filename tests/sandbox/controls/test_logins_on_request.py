"""`/_sandbox/tokens`: what a stand-in's form leads to, for scripts, taken or refused by the seeded identity pools."""

import json
from typing import Any
from urllib.error import HTTPError

import jwt
import pytest
import requests
from botocore.exceptions import ClientError

from sandbox.idp.stand_ins import STAND_INS
from sandbox.testing import RunningSandbox
from tests.sandbox.idp.driver import Browser, Sign, StandIns, issuers
from tests.sandbox.lab import refused
from tests.sandbox.wire import send

LAB = "us-east-1:5a4db000-0000-c000-8000-000000000001"
BY_RULE = "us-east-1:5a4db000-0000-c000-8000-000000000004"
# An application has to notice these itself; identity pools look at none of it.
NOT_JUDGED = {"no_nonce", "wrong_nonce", "wrong_recipient", "unsolicited", "no_role", "short_lived"}
MISBEHAVIOURS = [(slug, each.code) for slug, stand_in in STAND_INS.items() for each in stand_in.misbehaviours]


def get_id(sandbox: RunningSandbox, logins: dict[str, str], pool: str = LAB) -> str:
    identity: str = sandbox.anonymous("cognito-identity").get_id(IdentityPoolId=pool, Logins=logins)["IdentityId"]
    return identity


def credentials(sandbox: RunningSandbox, logins: dict[str, str], pool: str = LAB) -> dict[str, Any]:
    cognito = sandbox.anonymous("cognito-identity")
    identity = get_id(sandbox, logins, pool)
    answer = cognito.get_credentials_for_identity(IdentityId=identity, Logins=logins)
    return dict(answer["Credentials"])


def role(sandbox: RunningSandbox, keys: dict[str, Any]) -> str:
    """The role of the credentials, as STS tells it."""
    sts = sandbox.client(
        "sts", access_key=keys["AccessKeyId"], secret_key=keys["SecretKey"], token=keys["SessionToken"]
    )
    return str(sts.get_caller_identity()["Arn"]).split("/")[1]


def claims_of(logins: dict[str, str]) -> dict[str, Any]:
    (token,) = logins.values()
    return dict(jwt.decode(token, options={"verify_signature": False}))


def refusal(sandbox: RunningSandbox, body: dict[str, Any], account: str = "") -> tuple[int, str, str]:
    with pytest.raises(HTTPError) as error:
        sandbox.switch("tokens", body, account=account)
    answer = json.loads(error.value.read())
    return error.value.code, answer["__type"], answer["message"]


@pytest.mark.slow
@pytest.mark.parametrize("slug", STAND_INS)
def test_logins_lead_to_credentials(served_sandbox: RunningSandbox, slug: str) -> None:
    first, again = (served_sandbox.logins(slug, "grace") for _ in range(2))
    assert len(first) == 1
    assert first != again
    assert role(served_sandbox, credentials(served_sandbox, first)).startswith("Lab")
    assert get_id(served_sandbox, again) == get_id(served_sandbox, served_sandbox.logins(slug, "grace"))
    assert get_id(served_sandbox, served_sandbox.logins(slug, "bo")) != get_id(
        served_sandbox, served_sandbox.logins(slug, "grace")
    )


@pytest.mark.parametrize(("slug", "misbehaviour"), [each for each in MISBEHAVIOURS if each[1] not in NOT_JUDGED])
def test_a_misbehaviour_is_refused(served_sandbox: RunningSandbox, slug: str, misbehaviour: str) -> None:
    logins = served_sandbox.logins(slug, "ana", misbehaviour=misbehaviour)
    with pytest.raises(ClientError) as error:
        get_id(served_sandbox, logins)
    assert refused(error.value)[:2] == (400, "NotAuthorizedException")


@pytest.mark.parametrize(("slug", "misbehaviour"), [each for each in MISBEHAVIOURS if each[1] in NOT_JUDGED])
def test_what_identity_pools_do_not_look_at(served_sandbox: RunningSandbox, slug: str, misbehaviour: str) -> None:
    assert get_id(served_sandbox, served_sandbox.logins(slug, "ana", misbehaviour=misbehaviour))


@pytest.mark.parametrize(
    ("slug", "misbehaviour", "seconds"),
    [
        *((slug, "", 3600) for slug in ("google", "userpool", "oidc", "amazon")),
        ("apple", "", 86_400),
        ("facebook", "", 5_184_000),
        ("saml", "", 300),
        ("google", "short_lived", 10),
        ("amazon", "short_lived", 10),
        ("saml", "expired", -3600),
    ],
)
def test_expires_is_the_tokens_own(served_sandbox: RunningSandbox, slug: str, misbehaviour: str, seconds: int) -> None:
    before = served_sandbox.switch("clock", method="GET")["now"]
    asked = {"provider": slug, "person": "ana", "misbehaviour": misbehaviour}
    made = served_sandbox.switch("tokens", asked)["expires"] - seconds
    assert before - 5 <= made <= served_sandbox.switch("clock", method="GET")["now"] + 5


def test_tokens_of_x_do_not_expire(served_sandbox: RunningSandbox) -> None:
    assert served_sandbox.switch("tokens", {"provider": "x", "person": "ana"})["expires"] is None


def test_a_token_runs_out_by_the_accounts_clock(served_sandbox: RunningSandbox) -> None:
    logins = served_sandbox.logins("google", "ana")
    served_sandbox.switch("clock", {"advance": 3700})
    try:
        with pytest.raises(ClientError, match="Token expired"):
            get_id(served_sandbox, logins)
        assert get_id(served_sandbox, served_sandbox.logins("google", "ana"))
    finally:
        served_sandbox.switch("clock", method="DELETE")


def test_changed_claims_choose_another_role(served_sandbox: RunningSandbox) -> None:
    for changes, expected in (({}, "LabRulesEngineers"), ({"custom:department": "Finance"}, "LabRulesFinance")):
        logins = served_sandbox.logins("userpool", "ana", claims=changes)
        assert role(served_sandbox, credentials(served_sandbox, logins, BY_RULE)) == expected


def test_changed_attributes_choose_another_role(served_sandbox: RunningSandbox) -> None:
    provider = "arn:aws:iam::000000000000:saml-provider/LabSaml"
    named = {"https://aws.amazon.com/SAML/Attributes/Role": f"arn:aws:iam::000000000000:role/LabAuditors,{provider}"}
    logins = served_sandbox.logins("saml", "ana", attributes=named)
    assert role(served_sandbox, credentials(served_sandbox, logins)) == "LabAuditors"


def test_null_leaves_a_claim_out(served_sandbox: RunningSandbox) -> None:
    claims = claims_of(served_sandbox.logins("oidc", "ana", claims={"department": None, "sub": "s-1"}))
    assert "department" not in claims
    assert (claims["sub"], claims["tenant"]) == ("s-1", "acme")


@pytest.mark.parametrize("slug", ["google", "userpool", "oidc"])
def test_the_form_signs_the_same(served_sandbox: RunningSandbox, slug: str) -> None:
    stand_ins = StandIns(served_sandbox.url, served_sandbox.config.app_url)
    by_form = Sign(stand_ins, issuers(stand_ins)[slug]).tokens("devi")["id_token"]
    (token,) = served_sandbox.logins(slug, "devi").values()
    assert jwt.get_unverified_header(token) == jwt.get_unverified_header(by_form)
    ours, theirs = claims_of({"": token}), claims_of({"": by_form})
    assert list(ours) == list(theirs)
    alike = {"iss", "aud", "azp", "sub", "email", "name", "token_use", "groups", "cognito:roles"}
    assert {name: ours[name] for name in alike & set(ours)} == {name: theirs[name] for name in alike & set(theirs)}


def test_a_token_can_be_taken_back(served_sandbox: RunningSandbox) -> None:
    logins = served_sandbox.logins("facebook", "ana")
    get_id(served_sandbox, logins)
    graph = f"{served_sandbox.url}/idp/graph.facebook.com"
    token = {"access_token": logins["graph.facebook.com"]}
    assert requests.get(f"{graph}/me", params=token).json()["name"] == "Ana Lima"
    requests.delete(f"{graph}/me/permissions", params=token).raise_for_status()
    with pytest.raises(ClientError, match="Token is not valid"):
        get_id(served_sandbox, logins)


def test_people_of_the_user_pool_can_be_signed_out_and_deleted(served_sandbox: RunningSandbox) -> None:
    logins = served_sandbox.logins("userpool", "finn")
    get_id(served_sandbox, logins)
    on_the_page_of_stand_ins(served_sandbox, "finn", "delete")
    try:
        with pytest.raises(ClientError, match="does not exist"):
            get_id(served_sandbox, logins)
        _, code, message = refusal(served_sandbox, {"provider": "userpool", "person": "finn"})
        assert (code, "is deleted from the user pool" in message) == ("ValidationException", True)
    finally:
        on_the_page_of_stand_ins(served_sandbox, "finn", "restore")
    assert get_id(served_sandbox, served_sandbox.logins("userpool", "finn"))


def on_the_page_of_stand_ins(sandbox: RunningSandbox, person: str, change: str) -> None:
    browser = Browser()
    page = browser.open(f"{sandbox.url}/idp/")
    page.url = f"{sandbox.url}/idp/people/{person}/{change}"
    assert browser.answer().status_code == 303


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "The people are ana, bo"),
        ({"provider": "google"}, "The people are ana, bo"),
        ({"person": "ana"}, "There are stand-ins for google, facebook"),
        ({"provider": "myspace", "person": "ana"}, "There are stand-ins for google, facebook"),
        ({"provider": 1, "person": "ana"}, "'provider' is unknown or of the wrong type"),
        ({"provider": "google", "person": "ana", "claim": {}}, "'claim' is unknown"),
        ({"provider": "google", "person": "ana", "claims": "sub"}, "'claims' is unknown or of the wrong type"),
        ({"provider": "google", "person": "ana", "misbehaviour": "revoked"}, "misbehaves in these ways: expired"),
        ({"provider": "google", "person": "ana", "claims": {"iss": "x"}}, "The provider sets iss itself"),
        ({"provider": "amazon", "person": "ana", "claims": {"user_id": 3}}, "user_id must be a text"),
        ({"provider": "saml", "person": "ana", "attributes": {"x": "\0"}}, "No token can carry this"),
        ({"provider": "oidc", "person": "ana", "claims": {"x": "a" * 9000}}, "characters are not taken"),
    ],
)
def test_what_no_stand_in_can_do(served_sandbox: RunningSandbox, body: dict[str, Any], words: str) -> None:
    status, code, message = refusal(served_sandbox, body)
    assert (status, code) == (400, "ValidationException")
    assert words in message


def test_an_administrator_gets_logins_of_the_own_accounts_stand_ins(served_sandbox: RunningSandbox) -> None:
    asked = {"provider": "google", "person": "ana"}
    home, other = (
        served_sandbox.switch("tokens", asked, account=account)["Logins"]
        for account in ("000000000000", "111122223333")
    )
    assert claims_of(home)["aud"] == "100000000001-identitypoolslab.apps.googleusercontent.com"
    assert claims_of(other)["aud"] == "111122223333-account.apps.googleusercontent.com"


def test_nobody_gets_a_login_unsigned(served_sandbox: RunningSandbox) -> None:
    answer = send(served_sandbox, "POST", "/_sandbox/tokens", b'{"provider": "google", "person": "ana"}')
    assert (answer.status, answer.json["__type"]) == (400, "MissingAuthenticationTokenException")
