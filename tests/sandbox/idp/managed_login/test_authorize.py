"""Authorization requests, by each client's own settings; and nobody is sent where the client has not registered."""

import pytest
import requests

from tests.sandbox.idp.driver import Browser
from tests.sandbox.idp.managed_login.conftest import MakePool
from tests.sandbox.idp.managed_login.driver import CALLBACK, LoginPool, answer_of, problem, sign_in


@pytest.mark.slow
def test_the_authorize_endpoint_leads_to_the_sign_in_page_with_the_same_request(shop: LoginPool) -> None:
    answer = shop.web.asked()
    assert answer.status_code == 302
    assert answer.headers["Location"] == shop.web.url("login").removeprefix(shop.sandbox.url)


def test_a_password_leads_back_with_code_and_state(shop: LoginPool) -> None:
    answer = sign_in(Browser(), shop.web)
    assert answer.headers["Location"].startswith(f"{CALLBACK}?code=")
    assert answer_of(answer)["state"] == shop.web.state


def test_the_same_by_the_host_name_of_the_domain(shop: LoginPool) -> None:
    local = shop.sandbox.url
    session = requests.Session()
    session.headers["Host"] = shop.host
    asked = session.get(shop.web.url().replace(f"/idp/{shop.host}", ""), allow_redirects=False)
    assert asked.headers["Location"].startswith("/login?")
    page = session.get(f"{local}{asked.headers['Location']}")
    assert page.status_code == 200
    cookie = page.headers["Set-Cookie"]
    assert "Path=/;" in cookie or cookie.endswith("Path=/")


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "http://localhost:3000",
        "http://localhost:3000/?x=1",
        "http://localhost:3000/bye",
        "http://LOCALHOST:3000/",
        "https://attacker.example/",
        "//attacker.example/",
        "http://localhost:3000/#x",
        "",
        None,
    ],
)
@pytest.mark.parametrize("page", ["oauth2/authorize", "login", "signup", "forgotPassword", "confirm", "logout"])
def test_nobody_is_sent_to_an_address_that_is_not_registered(
    shop: LoginPool, page: str, redirect_uri: str | None
) -> None:
    answer = requests.get(shop.web.url(page, redirect_uri=redirect_uri), allow_redirects=False)
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_what_is_wrong_with_the_address_is_shown_by_the_services_word(shop: LoginPool) -> None:
    assert "redirect_mismatch" in shop.web.asked(redirect_uri="https://attacker.example/").text


def test_a_client_of_another_pool_is_none_here(shop: LoginPool, other_shop: LoginPool) -> None:
    answer = shop.web.asked(client_id=other_shop.web.client_id)
    assert answer.status_code == 400
    assert problem(answer) == f"User pool client {other_shop.web.client_id} does not exist."


def test_an_address_or_a_client_given_twice_is_shown_an_error(shop: LoginPool) -> None:
    for name, value in (("redirect_uri", "https://attacker.example/"), ("client_id", "other")):
        answer = requests.get(f"{shop.web.url()}&{name}={value}", allow_redirects=False)
        assert answer.status_code == 400


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"response_type": "token"}, "unauthorized_client"),
        ({"scope": "openid everything"}, "invalid_scope"),
        ({"scope": "openid phone"}, "invalid_scope"),
        ({"scope": "email"}, "invalid_scope"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"identity_provider": "Google"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_other_faults_are_told_to_the_client(shop: LoginPool, changes: dict[str, str | None], error: str) -> None:
    answer = shop.web.asked(**changes)
    told = answer_of(answer)
    assert answer.headers["Location"].startswith(CALLBACK)
    assert (told["error"], told["state"]) == (error, shop.web.state)


def test_a_refusal_of_the_implicit_flow_is_told_behind_the_fragment(shop: LoginPool) -> None:
    answer = shop.web.asked(response_type="token")
    assert answer.headers["Location"].startswith(f"{CALLBACK}#error=unauthorized_client")


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"AllowedOAuthFlowsUserPoolClient": False}, "Client is not enabled for OAuth2.0 flows."),
        ({"SupportedIdentityProviders": []}, "Login pages unavailable"),
    ],
)
def test_a_client_without_managed_login_is_shown_an_error(
    shop: LoginPool, members: dict[str, object], said: str
) -> None:
    answer = shop.add_client(**members).asked()
    assert answer.status_code == 400
    assert said in problem(answer)


def test_without_a_scope_the_client_gets_all_of_its_own(shop: LoginPool) -> None:
    client = shop.add_client(AllowedOAuthScopes=["openid", "email"])
    client.scope = "openid"
    code = answer_of(sign_in(Browser(), client, scope=None))["code"]
    access = client.exchange(code).json()["access_token"]
    said = requests.get(shop.at("oauth2/userInfo"), headers={"Authorization": f"Bearer {access}"}).json()
    assert said["email"] == "mara@example.com"


def test_the_implicit_flow_hands_tokens_out_behind_the_fragment(shop: LoginPool) -> None:
    client = shop.add_client(AllowedOAuthFlows=["implicit"])
    answer = sign_in(Browser(), client, response_type="token")
    assert answer.headers["Location"].startswith(f"{CALLBACK}#")
    told = answer_of(answer)
    assert "refresh_token" not in told
    assert (told["token_type"], told["state"]) == ("Bearer", client.state)
    assert client.verified(told["id_token"])["nonce"] == client.nonce


def test_an_address_with_a_query_keeps_it(shop: LoginPool) -> None:
    client = shop.add_client(CallbackURLs=["http://localhost:3000/?shop=1", "myapp://signed-in"])
    assert sign_in(Browser(), client).headers["Location"].startswith("http://localhost:3000/?shop=1&code=")
    client.callback = "myapp://signed-in"
    browser = Browser()
    page = browser.open(client.url())
    assert "form-action 'self' myapp:" in page.headers["Content-Security-Policy"]
    assert (
        browser.answer(username="mara", password="Right-Horse-7!").headers["Location"].startswith("myapp://signed-in?")
    )


def test_a_domain_that_nobody_has_is_not_there(new_pool: MakePool) -> None:
    pool = new_pool()
    pool.api.delete_user_pool_domain(Domain=pool.domain, UserPoolId=pool.pool_id)
    answer = pool.web.asked()
    assert answer.status_code == 404
    assert f"No user pool here has the domain {pool.host}." in answer.text
