"""The sign-in page: passwords, sessions, temporary passwords, and forms that nobody else may send."""

import jwt
import pytest
import requests

from tests.sandbox.idp.driver import Browser, hidden_fields
from tests.sandbox.idp.managed_login.conftest import MakePool
from tests.sandbox.idp.managed_login.driver import (
    CALLBACK,
    LOGOUT,
    PASSWORD,
    LoginPool,
    answer_of,
    problem,
    sign_in,
    submit,
)


def session_of(browser: Browser) -> str:
    secret = browser.session.cookies["standin_userpool"]
    assert secret is not None
    return secret


@pytest.mark.parametrize(("username", "password"), [("mara", "wrong"), ("nobody", PASSWORD), ("", "")])
def test_a_wrong_password_and_an_unknown_name_sound_alike(shop: LoginPool, username: str, password: str) -> None:
    assert problem(sign_in(Browser(), shop.web, username, password)) == "Incorrect username or password."


def test_a_client_that_does_not_hide_users_says_that_there_is_none(shop: LoginPool) -> None:
    client = shop.add_client(PreventUserExistenceErrors="LEGACY")
    assert problem(sign_in(Browser(), client, "nobody")) == "User does not exist."


def test_a_disabled_user_does_not_sign_in(new_pool: MakePool) -> None:
    pool = new_pool()
    pool.add_user("dis")
    browser = Browser()
    sign_in(browser, pool.web, "dis")
    pool.api.admin_disable_user(UserPoolId=pool.pool_id, Username="dis")
    assert problem(sign_in(Browser(), pool.web, "dis")) == "User is disabled."
    assert 'name="password"' in browser.open(pool.web.url()).text


def test_the_password_of_another_pool_is_none_here(new_pool: MakePool, shop: LoginPool) -> None:
    pool = new_pool()
    pool.add_user("mara", password="Other-Horse-8!")
    assert problem(sign_in(Browser(), shop.web, "mara", "Other-Horse-8!")) == "Incorrect username or password."


def test_who_has_a_session_goes_back_at_once(shop: LoginPool) -> None:
    browser = Browser()
    first = sign_in(browser, shop.web)
    again = browser.session.get(shop.web.url(), allow_redirects=False)
    silent = browser.session.get(shop.web.url(prompt="none"), allow_redirects=False)
    codes = {answer_of(answer)["code"] for answer in (first, again, silent)}
    assert len(codes) == 3
    tokens = [shop.web.exchange(code).json() for code in codes]
    assert (
        len({jwt.decode(each["id_token"], options={"verify_signature": False})["origin_jti"] for each in tokens}) == 3
    )


def test_the_session_keeps_the_time_of_the_password(shop: LoginPool) -> None:
    browser = Browser()
    first = shop.web.exchange(answer_of(sign_in(browser, shop.web))["code"]).json()
    later = shop.web.exchange(answer_of(browser.session.get(shop.web.url(), allow_redirects=False))["code"]).json()
    times = [jwt.decode(one["id_token"], options={"verify_signature": False})["auth_time"] for one in (first, later)]
    assert times[0] == times[1]


def test_prompt_login_asks_for_the_password_again(shop: LoginPool) -> None:
    browser = Browser()
    sign_in(browser, shop.web)
    assert 'name="password"' in browser.open(shop.web.url(prompt="login")).text


def test_the_session_cookie_is_for_this_domain_alone(shop: LoginPool) -> None:
    cookie = sign_in(Browser(), shop.web).headers["Set-Cookie"]
    assert f"Path=/idp/{shop.host}/" in cookie
    for attribute in ("HttpOnly", "SameSite=Lax", "Max-Age=3600"):
        assert attribute in cookie


def test_the_session_of_one_domain_is_none_at_another(shop: LoginPool, other_shop: LoginPool) -> None:
    browser = Browser()
    sign_in(browser, shop.web)
    secret = session_of(browser)
    told = requests.get(other_shop.web.url(prompt="none"), cookies={"standin_userpool": secret}, allow_redirects=False)
    assert answer_of(told)["error"] == "login_required"
    here = requests.get(shop.web.url(prompt="none"), cookies={"standin_userpool": secret}, allow_redirects=False)
    assert "code" in answer_of(here)


@pytest.mark.parametrize("page", ["login", "signup", "confirm", "forgotPassword", "confirmForgotPassword"])
def test_a_form_that_another_site_sends_does_nothing(shop: LoginPool, page: str) -> None:
    browser = Browser()
    shown = browser.open(shop.web.url())
    stolen = dict(hidden_fields(shown.text))
    fields = {"username": "mara", "password": PASSWORD, "code": "000000", "email": "x@example.com"}
    answer = requests.post(shop.web.url(page), data={**stolen, **fields}, allow_redirects=False)
    assert problem(answer) == "This page has expired. Try again."
    assert "standin_userpool" not in answer.headers.get("Set-Cookie", "")


def test_a_temporary_password_is_for_choosing_one(new_pool: MakePool) -> None:
    pool = new_pool()
    pool.add_user("temp", permanent=False)
    browser = Browser()
    page = sign_in(browser, pool.web, "temp")
    assert "Choose a password of your own" in page.text
    assert "standin_userpool" not in page.headers.get("Set-Cookie", "")
    assert "policy" in problem(submit(browser, password="short"))
    assert "code" in answer_of(submit(browser, password="My-own-Horse-9!"))
    assert "code" in answer_of(sign_in(Browser(), pool.web, "temp", "My-own-Horse-9!"))
    assert problem(sign_in(Browser(), pool.web, "temp")) == "Incorrect username or password."


def test_the_form_for_a_new_password_is_good_once_and_for_its_user(new_pool: MakePool) -> None:
    pool = new_pool()
    pool.add_user("temp", permanent=False)
    browser = Browser()
    sign_in(browser, pool.web, "temp")
    assert browser.page is not None
    fields = dict(hidden_fields(browser.page.text))
    submit(browser, password="My-own-Horse-9!")
    replayed = browser.session.post(
        pool.web.url("changePassword"), data={**fields, "password": "Third-Horse-1!"}, allow_redirects=False
    )
    assert problem(replayed) == "That took too long. Sign in again."
    assert "code" in answer_of(sign_in(Browser(), pool.web, "temp", "My-own-Horse-9!"))


def test_an_address_that_comes_with_a_new_password_is_unproved(new_pool: MakePool) -> None:
    pool = new_pool(Schema=[{"Name": "email", "Required": True}], AliasAttributes=["email"])
    given = [{"Name": "email_verified", "Value": "true"}]
    pool.api.admin_create_user(
        UserPoolId=pool.pool_id, Username="nino", TemporaryPassword="For-Now-1!", UserAttributes=given
    )
    browser = Browser()
    sign_in(browser, pool.web, "nino", "For-Now-1!")
    assert answer_of(submit(browser, password="My-Own-Pass-2!", email="mara@example.com"))["code"]
    found = pool.api.admin_get_user(UserPoolId=pool.pool_id, Username="nino")["UserAttributes"]
    assert {"Name": "email_verified", "Value": "false"} in found
    assert "code" not in sign_in(Browser(), pool.web, "mara@example.com", "My-Own-Pass-2!").headers.get("Location", "")


def test_logout_ends_the_session_and_goes_only_where_the_client_registered(shop: LoginPool) -> None:
    browser = Browser()
    sign_in(browser, shop.web)
    client_id = shop.web.client_id
    elsewhere = {"logout_uri": "https://attacker.example/"}
    refused = requests.get(shop.at("logout", client_id=client_id, **elsewhere), allow_redirects=False)
    assert (refused.status_code, "Location" in refused.headers) == (400, False)
    secret = session_of(browser)
    out = browser.session.get(shop.at("logout", client_id=client_id, logout_uri=LOGOUT), allow_redirects=False)
    assert (out.status_code, out.headers["Location"]) == (302, LOGOUT)
    kept = requests.get(shop.web.url(prompt="none"), cookies={"standin_userpool": secret}, allow_redirects=False)
    assert answer_of(kept)["error"] == "login_required"


def test_logout_may_lead_to_another_sign_in(shop: LoginPool) -> None:
    out = requests.get(shop.web.url("logout"), allow_redirects=False)
    assert out.headers["Location"].startswith(f"/idp/{shop.host}/login?client_id={shop.web.client_id}&redirect_uri=")


@pytest.mark.parametrize("operation", ["admin_user_global_sign_out", "admin_set_user_password"])
def test_signing_out_everywhere_and_a_new_password_end_the_sessions(new_pool: MakePool, operation: str) -> None:
    pool, browser = new_pool(), Browser()
    pool.add_user("una")
    sign_in(browser, pool.web, "una")
    assert "code" in answer_of(browser.session.get(pool.web.url(prompt="none"), allow_redirects=False))
    more = {"Password": PASSWORD, "Permanent": True} if operation == "admin_set_user_password" else {}
    getattr(pool.api, operation)(UserPoolId=pool.pool_id, Username="una", **more)
    told = answer_of(browser.session.get(pool.web.url(prompt="none"), allow_redirects=False))
    assert told["error"] == "login_required"


def test_who_guesses_passwords_has_to_wait(new_pool: MakePool) -> None:
    pool = new_pool(account="666677778888")
    pool.add_user("una")
    browser = Browser()
    for _ in range(5):
        sign_in(browser, pool.web, "una", "wrong")
    # The pause lasts a second at first.
    pool.sandbox.switch("clock", {"advance": -60}, account=pool.account, secret_key="test")
    assert problem(sign_in(browser, pool.web, "una")) == "Password attempts exceeded"


def test_pages_hold_no_script_and_allow_none(shop: LoginPool) -> None:
    for page in ("login", "signup", "forgotPassword", "confirm"):
        shown = requests.get(shop.web.url(page))
        assert "<script" not in shown.text
        policy = shown.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert policy.endswith(f"form-action 'self' {CALLBACK.rstrip('/')}")
        assert shown.headers["X-Frame-Options"] == "DENY"


def test_what_stands_in_the_address_is_shown_as_text(shop: LoginPool) -> None:
    page = requests.get(shop.web.url("login", state='"><script>', login_hint='"><script>'))
    assert page.status_code == 200
    assert "<script" not in page.text
