"""Every issuer that a pool trusts is played in its account, and what it signs is judged as by the real pool."""

import json
from urllib.error import HTTPError

import pytest
import requests
from botocore.exceptions import ClientError

from tests.poolconfig.callers import CALLERS, Place, outcomes
from tests.poolconfig.real_pool import GOOGLE, ISSUER, make_real_pool
from tests.sandbox.lab import refused

CREDENTIALS, STS, ID = "GetCredentialsForIdentity", "AssumeRoleWithWebIdentity", "GetId"
MEANT = {
    "guest": (CREDENTIALS, "Guests"),
    "guest, basic": (STS, "Guests"),
    "guest, basic, for members": (STS, "AccessDenied"),
    "Google": (CREDENTIALS, "Members"),
    "Google, basic": (STS, "Members"),
    "Google, basic, for staff": (STS, "Staff"),
    "Google, basic, for suppliers": (STS, "AccessDenied"),
    "Google, another application": (ID, "NotAuthorizedException"),
    "Facebook": (CREDENTIALS, "Members"),
    "X": (CREDENTIALS, "Members"),
    "Amazon": (CREDENTIALS, "Members"),
    "user pool, no group": (CREDENTIALS, "Members"),
    "user pool, editors": (CREDENTIALS, "Editors"),
    "user pool, readers": (CREDENTIALS, "Readers"),
    "user pool, access token": (ID, "NotAuthorizedException"),
    "user pool, expired": (ID, "NotAuthorizedException"),
    "OpenID Connect, staff": (CREDENTIALS, "Staff"),
    "OpenID Connect, supplier": (CREDENTIALS, "Suppliers"),
    "OpenID Connect, no rule": (CREDENTIALS, "NotAuthorizedException"),
    "OpenID Connect, mobile": (CREDENTIALS, "Staff"),
    "OpenID Connect, unknown client": (ID, "NotAuthorizedException"),
    "SAML": (CREDENTIALS, "Members"),
    "SAML, another audience": (ID, "NotAuthorizedException"),
}


@pytest.mark.slow
def test_each_caller_gets_the_role_that_the_pool_means(real: Place) -> None:
    assert MEANT.keys() == CALLERS.keys()
    assert {name: outcome[-1][:2] for name, outcome in outcomes(real).items()} == MEANT


def test_keys_are_published_where_the_account_finds_its_issuers_and_nowhere_else(real: Place) -> None:
    real.logins(ISSUER)
    here = f"{real.sandbox.url}/idp/{real.pool.account}/issuers"
    document = requests.get(f"{here}/{ISSUER}/.well-known/openid-configuration", timeout=60).json()
    assert document["issuer"] == f"https://{ISSUER}"
    assert len(requests.get(f"{here}/{ISSUER}/.well-known/jwks.json", timeout=60).json()["keys"]) == 1
    elsewhere = f"{real.sandbox.url}/idp/issuers/{ISSUER}/.well-known/jwks.json"
    for unknown in (elsewhere, f"{here}/login.example.com/.well-known/jwks.json"):
        assert requests.get(unknown, timeout=60).status_code == 404


@pytest.mark.slow
def test_another_account_does_not_believe_what_this_one_signs(real: Place) -> None:
    number, secret = real.sandbox.make_account(seed=False)
    same = make_real_pool(lambda name: real.sandbox.client(name, access_key=number, secret_key=secret), number)
    other = Place(real.sandbox, secret, same)
    public, claims = real.sandbox.anonymous("cognito-identity"), {"department": "staff"}
    ours = real.logins(ISSUER, claims=claims)
    with pytest.raises(ClientError) as error:
        public.get_id(IdentityPoolId=same.pool_id, Logins=ours)
    assert refused(error.value)[1] == "ExternalServiceException"  # nobody plays it there, and nothing is fetched
    other.switch("pools", {"action": "play", "pool": same.pool_id})
    with pytest.raises(ClientError) as error:
        public.get_id(IdentityPoolId=same.pool_id, Logins=ours)
    assert refused(error.value)[2].endswith("Couldn't verify signed token.")
    (response,) = real.logins(real.pool.saml_arn).values()
    with pytest.raises(ClientError) as error:
        public.get_id(IdentityPoolId=same.pool_id, Logins={same.saml_arn: response})
    assert refused(error.value)[2].endswith("Response signature invalid")


def test_an_issuer_is_played_by_the_pools_own_administrator(real: Place) -> None:
    with pytest.raises(HTTPError) as error:
        real.sandbox.switch("pools", {"action": "play", "pool": real.pool.pool_id})
    assert error.value.code == 400
    assert json.loads(error.value.read())["__type"] == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"login": "login.example.org"}, "The pool trusts no login.example.org provider."),
        ({"login": "login.shop"}, "GetOpenIdTokenForDeveloperIdentity"),
        ({"login": ISSUER, "claims": "sub"}, "'claims' is unknown or of the wrong type."),
        ({"login": GOOGLE, "person": "ana"}, "'person' is unknown or of the wrong type."),
        ({"login": GOOGLE, "claims": {"exp": float("inf")}}, "No token can carry this"),
        ({"login": ISSUER, "claims": {"sub": "\ud800"}}, "No token can carry this"),
    ],
)
def test_what_nobody_can_sign_is_refused(real: Place, asked: dict[str, object], sentence: str) -> None:
    with pytest.raises(HTTPError) as error:
        real.switch("tokens", {"pool": real.pool.pool_id, **asked})
    assert sentence in json.loads(error.value.read())["message"]


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [({"NameID": "\x00"}, "No token can carry this"), ({f"a{n}": "x" for n in range(1500)}, "more than 262144 bytes")],
    ids=["NUL", "long"],
)
def test_what_no_assertion_can_say_is_refused(real: Place, claims: dict[str, str], sentence: str) -> None:
    with pytest.raises(HTTPError) as error:
        real.switch("tokens", {"pool": real.pool.pool_id, "login": real.pool.saml_arn, "claims": claims})
    assert error.value.code == 400
    assert sentence in json.loads(error.value.read())["message"]


def test_a_user_of_the_user_pool_passes_the_check_on_its_server(real: Place) -> None:
    cognito, idp, name = real.client("cognito-identity"), real.client("cognito-idp"), real.pool.user_pool_name
    pool_id = cognito.create_identity_pool(
        IdentityPoolName="Checked",
        AllowUnauthenticatedIdentities=False,
        CognitoIdentityProviders=[{"ProviderName": name, "ClientId": real.pool.client, "ServerSideTokenCheck": True}],
    )["IdentityPoolId"]
    idp.admin_create_user(UserPoolId=real.pool.user_pool, Username="kim")
    public = real.sandbox.anonymous("cognito-identity")
    asked = {"pool": pool_id, "login": name}
    assert public.get_id(IdentityPoolId=pool_id, Logins=real.switch("tokens", {**asked, "username": "kim"})["Logins"])
    with pytest.raises(ClientError) as error:
        public.get_id(IdentityPoolId=pool_id, Logins=real.switch("tokens", asked)["Logins"])
    assert refused(error.value)[1] == "NotAuthorizedException"
