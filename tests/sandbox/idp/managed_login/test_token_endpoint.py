"""The token endpoint, userInfo and the revocation endpoint: each grant, and everything that is refused."""

import base64
from functools import partial
from typing import Any

import jwt
import pytest
import requests
from botocore.exceptions import ClientError

from tests.sandbox.idp.driver import Browser
from tests.sandbox.idp.managed_login.conftest import MakePool
from tests.sandbox.idp.managed_login.driver import CALLBACK, LoginClient, LoginPool, answer_of, sign_in


def claims_of(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


def error_of(answer: requests.Response) -> str:
    assert answer.status_code == 400, answer.text
    return str(answer.json()["error"])


def user_info(pool: LoginPool, access_token: str) -> requests.Response:
    return requests.get(pool.at("oauth2/userInfo"), headers={"Authorization": f"Bearer {access_token}"})


def test_a_code_yields_tokens_as_cognito_writes_them(shop: LoginPool) -> None:
    answer = shop.web.exchange(shop.web.code())
    assert answer.headers["Cache-Control"] == "no-store"
    tokens = answer.json()
    assert list(tokens) == ["id_token", "access_token", "refresh_token", "expires_in", "token_type"]
    claims, access = shop.web.verified(tokens["id_token"]), claims_of(tokens["access_token"])
    assert (claims["nonce"], claims["email"], claims["token_use"]) == (shop.web.nonce, "mara@example.com", "id")
    assert (access["scope"], access["version"], access["client_id"]) == (shop.web.scope, 2, shop.web.client_id)
    assert claims["origin_jti"] == access["origin_jti"]


def test_without_openid_there_is_no_id_token(shop: LoginPool) -> None:
    code = shop.web.code(scope="aws.cognito.signin.user.admin")
    tokens = shop.web.exchange(code).json()
    assert "id_token" not in tokens
    assert shop.sandbox.anonymous("cognito-idp").get_user(AccessToken=tokens["access_token"])["Username"] == "mara"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": "x" * 43}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_request"),
        ({"code": "made-up"}, "invalid_grant"),
        ({"code": None}, "invalid_request"),
        ({"redirect_uri": "http://localhost:3000/bye"}, "unauthorized_client"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"client_id": None}, "invalid_client"),
        ({"client_secret": "made-up"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": None}, "invalid_request"),
    ],
)
def test_a_wrong_token_request_is_refused(shop: LoginPool, changes: dict[str, str | None], error: str) -> None:
    assert error_of(shop.web.exchange(shop.web.code(), **changes)) == error


def test_a_code_that_is_shown_twice_takes_back_what_it_gave(shop: LoginPool) -> None:
    code = shop.web.code()
    tokens = shop.web.exchange(code).json()
    assert user_info(shop, tokens["access_token"]).status_code == 200
    assert error_of(shop.web.exchange(code)) == "invalid_grant"
    assert user_info(shop, tokens["access_token"]).status_code == 401
    assert error_of(shop.web.refreshed(tokens["refresh_token"])) == "invalid_grant"


def test_a_code_of_one_pool_is_none_at_another(shop: LoginPool, other_shop: LoginPool) -> None:
    code = shop.web.code()
    assert error_of(other_shop.web.exchange(code, code_verifier=shop.web.verifier)) == "invalid_grant"
    assert shop.web.exchange(code).status_code == 200


def test_a_code_injected_into_another_client_is_refused_and_burnt(shop: LoginPool) -> None:
    for thief in (shop.add_client(), shop.add_client(GenerateSecret=True)):
        code = shop.web.code()
        assert error_of(thief.exchange(code, code_verifier=shop.web.verifier)) == "invalid_grant"
        assert error_of(shop.web.exchange(code)) == "invalid_grant"


def test_a_code_of_another_sign_in_of_the_same_client_does_not_fit_the_verifier(shop: LoginPool) -> None:
    stolen = shop.web.code()
    victim = LoginClient(shop, shop.web.client_id, "", CALLBACK)
    assert error_of(victim.exchange(stolen)) == "invalid_grant"


def test_a_verifier_for_a_code_without_challenge_is_refused(shop: LoginPool) -> None:
    none = {"code_challenge": None, "code_challenge_method": None}
    assert error_of(shop.web.exchange(shop.web.code(**none))) == "invalid_grant"
    assert shop.web.exchange(shop.web.code(**none), code_verifier=None).status_code == 200


def test_a_code_lasts_five_minutes(new_pool: MakePool) -> None:
    pool = new_pool(account="333344445555")
    pool.add_user("mara")
    clock = partial(pool.sandbox.switch, "clock", account=pool.account, secret_key="test")
    try:
        code = pool.web.code()
        clock({"advance": 240})
        assert pool.web.exchange(code).status_code == 200
        code = pool.web.code()
        clock({"advance": 310})
        assert error_of(pool.web.exchange(code)) == "invalid_grant"
    finally:
        clock(method="DELETE")


def test_a_failed_attempt_burns_the_code(shop: LoginPool) -> None:
    code = shop.web.code()
    shop.web.exchange(code, code_verifier="x" * 43)
    assert error_of(shop.web.exchange(code)) == "invalid_grant"


def test_a_code_is_nothing_once_the_user_has_signed_out_everywhere(new_pool: MakePool) -> None:
    pool = new_pool()
    pool.add_user("mara")
    code = pool.web.code()
    pool.api.admin_user_global_sign_out(UserPoolId=pool.pool_id, Username="mara")
    assert error_of(pool.web.exchange(code)) == "invalid_grant"


def test_a_confidential_client_proves_itself_in_the_header_or_in_the_form(shop: LoginPool) -> None:
    client = shop.add_client(GenerateSecret=True)
    in_form = client.exchange(client.code())
    data = {
        "grant_type": "authorization_code",
        "code": client.code(),
        "redirect_uri": CALLBACK,
        "code_verifier": client.verifier,
    }
    in_header = requests.post(shop.at("oauth2/token"), data=data, auth=(client.client_id, client.secret))
    assert (in_form.status_code, in_header.status_code) == (200, 200)
    for secret in ("wrong", None):
        assert error_of(client.exchange(client.code(), client_secret=secret)) == "invalid_client"
    both = {**data, "code": client.code(), "client_secret": client.secret}
    twice = requests.post(shop.at("oauth2/token"), data=both, auth=(client.client_id, client.secret))
    assert error_of(twice) == "invalid_request"
    for header in ("Basic !", "Basic " + base64.b64encode(b"nocolon").decode(), "Bearer x"):
        answer = requests.post(shop.at("oauth2/token"), data=data, headers={"Authorization": header})
        assert error_of(answer) == "invalid_client"


def test_a_parameter_given_twice_is_refused(shop: LoginPool) -> None:
    data = [("grant_type", "refresh_token"), ("refresh_token", "a"), ("refresh_token", "b")]
    answer = requests.post(shop.at("oauth2/token"), data=[*data, ("client_id", shop.web.client_id)])
    assert error_of(answer) == "invalid_request"


def test_a_client_without_the_code_flow_gets_no_tokens_for_codes(shop: LoginPool) -> None:
    client = shop.add_client(AllowedOAuthFlows=["implicit"])
    assert error_of(client.exchange("any")) == "unauthorized_client"


# --- Refresh tokens ---


def test_a_refresh_token_yields_new_tokens_of_the_same_sign_in(shop: LoginPool) -> None:
    tokens = shop.web.tokens()
    fresh = shop.web.refreshed(tokens["refresh_token"]).json()
    assert list(fresh) == ["id_token", "access_token", "expires_in", "token_type"]
    before, after = shop.web.verified(tokens["id_token"]), shop.web.verified(fresh["id_token"])
    assert before["origin_jti"] == after["origin_jti"]
    assert before["jti"] != after["jti"]


def test_a_refresh_token_is_its_own_clients(shop: LoginPool, other_shop: LoginPool) -> None:
    refresh_token = shop.web.tokens()["refresh_token"]
    for thief in (shop.add_client(), other_shop.web):
        assert error_of(thief.refreshed(refresh_token)) == "invalid_grant"
    assert error_of(shop.web.refreshed(shop.web.tokens()["access_token"])) == "invalid_grant"
    assert error_of(shop.web.refreshed("")) == "invalid_request"
    assert shop.web.refreshed(refresh_token).status_code == 200


def test_where_the_client_rotates_each_refresh_token_is_good_once(shop: LoginPool) -> None:
    client = shop.add_client(
        RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": 0},
        ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"],
    )
    first = client.tokens()["refresh_token"]
    second = client.refreshed(first).json()["refresh_token"]
    assert second != first
    assert error_of(client.refreshed(first)) == "invalid_grant"
    assert client.refreshed(second).status_code == 200


def test_the_api_takes_the_refresh_token_of_the_page(shop: LoginPool) -> None:
    client = shop.add_client(ExplicitAuthFlows=["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"])
    answer = shop.sandbox.anonymous("cognito-idp").initiate_auth(
        ClientId=client.client_id,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": client.tokens()["refresh_token"]},
    )
    assert client.verified(answer["AuthenticationResult"]["IdToken"])["email"] == "mara@example.com"


# --- A client for itself ---


@pytest.fixture(scope="session")  # as long as the pool: tests of a module may run in two turns
def machine(shop: LoginPool) -> LoginClient:
    scopes = [{"ScopeName": name, "ScopeDescription": name} for name in ("read", "write")]
    shop.api.create_resource_server(UserPoolId=shop.pool_id, Identifier="orders", Name="Orders", Scopes=scopes)
    return shop.add_client(
        GenerateSecret=True, AllowedOAuthFlows=["client_credentials"], AllowedOAuthScopes=["orders/read"]
    )


def for_itself(client: LoginClient, scope: str | None = None) -> requests.Response:
    proof = {"client_id": client.client_id, "client_secret": client.secret or None}
    return client.post("oauth2/token", grant_type="client_credentials", scope=scope, **proof)


def test_a_client_gets_an_access_token_of_its_own_for_its_scopes(shop: LoginPool, machine: LoginClient) -> None:
    for scope in ("orders/read", None):
        tokens = for_itself(machine, scope).json()
        assert list(tokens) == ["access_token", "expires_in", "token_type"]
        claims = claims_of(tokens["access_token"])
        assert (claims["sub"], claims["client_id"]) == (machine.client_id, machine.client_id)
        assert (claims["scope"], claims["token_use"], claims["iss"]) == ("orders/read", "access", shop.issuer)
    assert user_info(shop, tokens["access_token"]).status_code == 401
    with pytest.raises(ClientError, match="Invalid Access Token"):
        shop.sandbox.anonymous("cognito-idp").get_user(AccessToken=tokens["access_token"])


@pytest.mark.parametrize("scope", ["orders/write", "orders/nothing", "openid", "orders/read openid"])
def test_a_client_gets_no_scope_that_it_does_not_have(machine: LoginClient, scope: str) -> None:
    assert error_of(for_itself(machine, scope)) == "invalid_scope"


def test_only_confidential_clients_with_that_flow_may_act_for_themselves(shop: LoginPool, machine: LoginClient) -> None:
    assert error_of(for_itself(shop.web, "openid")) == "unauthorized_client"
    assert error_of(for_itself(shop.add_client(GenerateSecret=True))) == "unauthorized_client"
    assert answer_of(machine.asked())["error"] == "unauthorized_client"


# --- userInfo, revocation ---


def test_user_info_spells_truths_as_texts(shop: LoginPool) -> None:
    said = user_info(shop, shop.web.tokens()["access_token"]).json()
    assert (said["email_verified"], said["username"]) == ("true", "mara")
    assert not any(name.startswith("cognito:") for name in said)


def test_user_info_says_what_is_wrong_with_the_token(shop: LoginPool, other_shop: LoginPool) -> None:
    missing = requests.get(shop.at("oauth2/userInfo"))
    assert (missing.status_code, missing.json()["error"]) == (400, "invalid_request")
    tokens = shop.web.tokens()
    api_only = shop.web.exchange(shop.web.code(scope="aws.cognito.signin.user.admin")).json()["access_token"]
    for pool, token in (
        (shop, "made-up"),
        (shop, tokens["id_token"]),
        (shop, api_only),
        (other_shop, tokens["access_token"]),
    ):
        refused = user_info(pool, token)
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_token")
        assert refused.headers["WWW-Authenticate"].startswith('Bearer error="invalid_token"')
    in_address = requests.get(shop.at("oauth2/userInfo", access_token=tokens["access_token"]))
    assert in_address.status_code == 400


def test_a_revoked_refresh_token_is_over_with_all_that_came_of_it(shop: LoginPool) -> None:
    tokens = shop.web.tokens()
    revoked = shop.web.post("oauth2/revoke", token=tokens["refresh_token"], client_id=shop.web.client_id)
    assert (revoked.status_code, revoked.content) == (200, b"")
    assert error_of(shop.web.refreshed(tokens["refresh_token"])) == "invalid_grant"
    assert user_info(shop, tokens["access_token"]).status_code == 401


def test_a_wrong_revocation_is_refused(shop: LoginPool) -> None:
    tokens = shop.web.tokens()
    thief = shop.add_client().client_id
    unrevoking = shop.add_client(EnableTokenRevocation=False)
    for client_id, token, status, error in (
        (shop.web.client_id, tokens["access_token"], 400, "unsupported_token_type"),
        (thief, tokens["refresh_token"], 400, "unauthorized_client"),
        ("nobody", tokens["refresh_token"], 401, "invalid_client"),
        (shop.web.client_id, None, 400, "invalid_request"),
        (unrevoking.client_id, tokens["refresh_token"], 400, "invalid_request"),
    ):
        refused = shop.web.post("oauth2/revoke", token=token, client_id=client_id)
        assert (refused.status_code, refused.json()["error"]) == (status, error)
    assert shop.web.refreshed(tokens["refresh_token"]).status_code == 200


@pytest.mark.parametrize("endpoint", ["oauth2/token", "oauth2/userInfo", "oauth2/revoke"])
def test_pages_of_other_origins_may_ask(shop: LoginPool, endpoint: str) -> None:
    headers = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"}
    asked = requests.options(shop.at(endpoint), headers=headers)
    assert asked.status_code == 200
    assert asked.headers["Access-Control-Allow-Origin"] == "*"
    assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in asked.headers
    answered = requests.post(shop.at(endpoint), headers={"Origin": "http://localhost:3000"})
    assert answered.headers["Access-Control-Allow-Origin"] == "*"


def test_pages_of_other_origins_read_no_page_with_a_form(shop: LoginPool) -> None:
    for page in ("login", "signup"):
        assert "Access-Control-Allow-Origin" not in requests.get(shop.web.url(page)).headers


# --- What a pool publishes ---


@pytest.mark.parametrize("root", ["", "/idp/cognito-idp.us-east-1.amazonaws.com"])
def test_each_pool_publishes_its_keys_and_where_its_endpoints_are(shop: LoginPool, root: str) -> None:
    at = f"{shop.sandbox.url}{root}/{shop.pool_id}/.well-known"
    document = requests.get(f"{at}/openid-configuration").json()
    assert document["issuer"] == shop.issuer
    assert document["token_endpoint"] == shop.at("oauth2/token")
    keys = requests.get(f"{at}/jwks.json").json()
    assert requests.get(document["jwks_uri"]).json() == keys
    id_token = shop.web.tokens()["id_token"]
    assert jwt.get_unverified_header(id_token)["kid"] in {key["kid"] for key in keys["keys"]}


def test_keys_are_one_pools(shop: LoginPool, other_shop: LoginPool) -> None:
    def kids(pool: LoginPool) -> set[str]:
        keys = requests.get(f"{pool.sandbox.url}/{pool.pool_id}/.well-known/jwks.json").json()["keys"]
        return {key["kid"] for key in keys}

    assert not kids(shop) & kids(other_shop)


def test_a_pool_that_is_not_there_publishes_nothing(shop: LoginPool) -> None:
    assert requests.get(f"{shop.sandbox.url}/us-east-1_AAAAAAAAA/.well-known/jwks.json").status_code == 404


def test_a_browser_that_signed_in_is_one_sign_in_for_the_identity_pool(shop: LoginPool) -> None:
    identity = shop.sandbox.client("cognito-identity", access_key=shop.account, secret_key="test")
    provider = shop.issuer.removeprefix("https://")
    trusted = {"ProviderName": provider, "ClientId": shop.web.client_id, "ServerSideTokenCheck": True}
    made = identity.create_identity_pool(
        IdentityPoolName="orders", AllowUnauthenticatedIdentities=False, CognitoIdentityProviders=[trusted]
    )["IdentityPoolId"]
    guest = shop.sandbox.anonymous("cognito-identity")
    id_token = shop.web.exchange(answer_of(sign_in(Browser(), shop.web))["code"]).json()["id_token"]
    assert guest.get_id(IdentityPoolId=made, Logins={provider: id_token})["IdentityId"].startswith("us-east-1:")
