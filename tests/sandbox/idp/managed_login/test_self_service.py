"""Signing up, confirming with a code from the mailbox, and a forgotten password."""

import re

import pytest
import requests
from botocore.exceptions import ClientError

from tests.sandbox.idp.driver import Browser
from tests.sandbox.idp.managed_login.conftest import MakePool
from tests.sandbox.idp.managed_login.driver import (
    PASSWORD,
    LoginPool,
    answer_of,
    follow,
    led_on,
    problem,
    sign_in,
    submit,
)

NEW_PASSWORD = "Newer-Horse-8!"


NAME = "A user name has at most 128 letters, digits, signs and symbols, and no blanks."


def fields(page: requests.Response) -> set[str]:
    return set(re.findall(r'<input[^>]*\sname="([^"]+)"', page.text)) - {"form_token", "session"}


def signed_up(browser: Browser, pool: LoginPool, username: str, **more: str) -> requests.Response:
    browser.open(pool.web.url())
    follow(browser, "signup")
    return submit(browser, **{"username": username, "password": PASSWORD, "email": f"{username}@example.com", **more})


def test_who_signs_up_confirms_with_the_code_and_is_signed_in(new_pool: MakePool) -> None:
    pool, browser = new_pool(), Browser()
    page = signed_up(browser, pool, "nia")
    assert "A code went to <b>n***@e***</b>" in " ".join(page.text.split())
    answer = submit(browser, code=pool.last_code(), step="confirm")
    claims = pool.web.verified(pool.web.exchange(answer_of(answer)["code"]).json()["id_token"])
    assert (claims["cognito:username"], claims["email_verified"]) == ("nia", True)
    assert "code" in answer_of(browser.session.get(pool.web.url(prompt="none"), allow_redirects=False))


def test_a_wrong_code_confirms_nobody_and_the_fifth_is_the_last(new_pool: MakePool) -> None:
    pool, browser = new_pool(), Browser()
    signed_up(browser, pool, "nia")
    right = pool.last_code()
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(5):
        page = submit(browser, code=wrong, step="confirm")
        assert problem(page) == "Invalid verification code provided, please try again."
    assert problem(submit(browser, code=right, step="confirm")).startswith("Attempt limit exceeded")
    assert problem(sign_in(Browser(), pool.web, "nia")) == "User is not confirmed."


def test_another_code_takes_the_place_of_the_first(new_pool: MakePool) -> None:
    pool, browser = new_pool(), Browser()
    signed_up(browser, pool, "nia")
    first = pool.last_code()
    assert "Another code was sent" in submit(browser, step="resend").text
    second = pool.last_code()
    if first != second:
        assert problem(submit(browser, code=first, step="confirm"))
    assert "code" in answer_of(submit(browser, code=second, step="confirm"))


def test_who_confirms_in_another_browser_signs_in_with_the_password(new_pool: MakePool) -> None:
    pool, browser = new_pool(), Browser()
    signed_up(browser, pool, "nia")
    elsewhere = Browser()
    assert problem(sign_in(elsewhere, pool.web, "nia")) == "User is not confirmed."
    page = led_on(elsewhere, submit(elsewhere, code=pool.last_code(), step="confirm"))
    assert "Your account is confirmed. Sign in." in page.text
    assert "code" in answer_of(submit(elsewhere, username="nia", password=PASSWORD))


def test_the_code_of_one_pool_confirms_nobody_in_another(new_pool: MakePool) -> None:
    pool, other = new_pool(), new_pool()
    one, two = Browser(), Browser()
    signed_up(one, pool, "nia")
    code = pool.last_code()
    signed_up(two, other, "nia")
    if other.last_code() != code:
        assert (
            problem(submit(two, code=code, step="confirm")) == "Invalid verification code provided, please try again."
        )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"password": "short"}, "Password did not conform with policy: Password not long enough"),
        ({"email": "nowhere"}, "Invalid email address format."),
        ({"username": ""}, "User name is missing."),
        ({"username": "mara"}, "User already exists"),
        ({"username": "mara\u200b"}, NAME),
        ({"username": "\u202earam"}, NAME),
        ({"username": "ma ra"}, NAME),
        ({"username": "m" * 129}, NAME),
        ({"password": PASSWORD * 20}, "Password did not conform with policy: Password longer than 256 characters"),
    ],
)
def test_a_wrong_sign_up_is_refused(shop: LoginPool, changes: dict[str, str], said: str) -> None:
    browser = Browser()
    browser.open(shop.web.url("signup"))
    form = {"username": "newcomer", "password": PASSWORD, "email": "newcomer@example.com", **changes}
    assert problem(submit(browser, **form)) == said
    with pytest.raises(ClientError, match="UserNotFoundException"):
        shop.api.admin_get_user(UserPoolId=shop.pool_id, Username="newcomer")


def test_a_form_writes_only_what_the_page_asks_for(new_pool: MakePool) -> None:
    schema = [{"Name": "team", "AttributeDataType": "String", "Mutable": True}]
    pool, browser = new_pool(Schema=schema), Browser()
    signed_up(browser, pool, "nia", **{"custom:team": "admins", "email_verified": "true", "name": "Nia"})
    kept = pool.api.admin_get_user(UserPoolId=pool.pool_id, Username="nia")["UserAttributes"]
    assert {one["Name"] for one in kept} == {"sub", "email"}


def test_nobody_signs_up_where_only_administrators_make_users(new_pool: MakePool) -> None:
    pool = new_pool(AdminCreateUserConfig={"AllowAdminCreateUserOnly": True})
    browser = Browser()
    assert "signup?" not in browser.open(pool.web.url()).text
    refused = browser.open(pool.web.url("signup"))
    assert problem(refused) == "SignUp is not permitted for this user pool"
    posted = browser.session.post(pool.web.url("signup"), data={"form_token": browser.session.cookies["standin_form"]})
    assert problem(posted) == "SignUp is not permitted for this user pool"


def test_the_page_asks_for_what_the_pool_requires(new_pool: MakePool) -> None:
    required = [{"Name": name, "AttributeDataType": "String", "Required": True, "Mutable": True} for name in ("name",)]
    pool = new_pool(Schema=required)
    assert fields(requests.get(pool.web.url("signup"))) == {"username", "email", "name", "password"}
    by_address = new_pool(UsernameAttributes=["email"])
    page = requests.get(by_address.web.url("signup"))
    assert fields(page) == {"username", "password"}
    assert 'type="email"' in page.text


def test_with_an_address_for_a_name_people_sign_up_and_in_by_it(new_pool: MakePool) -> None:
    pool, browser = new_pool(UsernameAttributes=["email"]), Browser()
    browser.open(pool.web.url("signup"))
    submit(browser, username="nia@example.com", password=PASSWORD)
    assert "code" in answer_of(submit(browser, code=pool.last_code(), step="confirm"))
    assert "code" in answer_of(sign_in(Browser(), pool.web, "nia@example.com"))


@pytest.mark.parametrize("name", ["@", "mara@", "mara@example.com\u200b", "ma ra@example.com"])
def test_what_is_no_address_is_no_name_where_people_sign_up_with_one(new_pool: MakePool, name: str) -> None:
    pool, browser = new_pool(UsernameAttributes=["email"]), Browser()
    browser.open(pool.web.url("signup"))
    assert problem(submit(browser, username=name, password=PASSWORD)) in (NAME, "Invalid email address format.")
    assert pool.api.list_users(UserPoolId=pool.pool_id)["Users"] == []


@pytest.mark.parametrize(("verified", "said"), [(["email"], "E-mail address is missing."), ([], "")])
def test_an_address_is_asked_for_where_a_code_is_the_only_way_in(
    new_pool: MakePool, verified: list[str], said: str
) -> None:
    pool, browser = new_pool(AutoVerifiedAttributes=verified), Browser()
    browser.open(pool.web.url("signup"))
    assert problem(submit(browser, username="nia", password=PASSWORD)) == said


def test_a_sign_up_without_a_verified_address_waits_for_the_administrator(new_pool: MakePool) -> None:
    pool, browser = new_pool(AutoVerifiedAttributes=[]), Browser()
    browser.open(pool.web.url("signup"))
    page = led_on(browser, submit(browser, username="nia", password=PASSWORD))
    assert "An administrator of the user pool has to confirm it." in page.text
    pool.api.admin_confirm_sign_up(UserPoolId=pool.pool_id, Username="nia")
    assert "code" in answer_of(sign_in(Browser(), pool.web, "nia"))


def test_a_forgotten_password_is_changed_with_the_code(new_pool: MakePool) -> None:
    pool, browser = new_pool(), Browser()
    pool.add_user("nia", email="nia@example.com")
    session = Browser()
    refresh_token = pool.web.exchange(answer_of(sign_in(session, pool.web, "nia"))["code"]).json()["refresh_token"]
    browser.open(pool.web.url())
    follow(browser, "forgotPassword")
    submit(browser, username="nia")
    refused = submit(browser, code=pool.last_code(), password="short", step="change")
    assert "policy" in problem(refused)
    assert f'value="{pool.last_code()}"' in refused.text  # it is still good, and need not be typed in again
    page = led_on(browser, submit(browser, code=pool.last_code(), password=NEW_PASSWORD, step="change"))
    assert "Your password is changed. Sign in." in page.text
    assert 'value="nia"' in page.text
    assert problem(sign_in(Browser(), pool.web, "nia")) == "Incorrect username or password."
    assert "code" in answer_of(submit(browser, username="nia", password=NEW_PASSWORD))
    over = session.session.get(pool.web.url(prompt="none"), allow_redirects=False)
    assert answer_of(over)["error"] == "login_required"
    assert pool.web.refreshed(refresh_token).json()["error"] == "invalid_grant"


def test_a_code_for_a_password_is_good_once_and_for_its_user(new_pool: MakePool) -> None:
    pool = new_pool()
    for name in ("nia", "ola"):
        pool.add_user(name, email=f"{name}@example.com")
    one, two = Browser(), Browser()
    for browser, name in ((one, "nia"), (two, "ola")):
        browser.open(pool.web.url("forgotPassword"))
        submit(browser, username=name)
    code = pool.last_code()  # ola's
    if not problem(submit(one, code=code, password=NEW_PASSWORD, step="change")):
        pytest.skip("the two codes are the same, once in a million times")
    assert "changed" in led_on(two, submit(two, code=code, password=NEW_PASSWORD, step="change")).text
    two.open(pool.web.url("forgotPassword"))
    submit(two, username="ola")
    assert problem(submit(two, code=code, password="Third-Horse-9!", step="change")) or code == pool.last_code()


def test_whom_nobody_knows_is_answered_like_everybody(new_pool: MakePool) -> None:
    pool = new_pool()
    browser = Browser()
    browser.open(pool.web.url("forgotPassword"))
    page = submit(browser, username="nobody")
    assert re.search(r"A code went to\s+<b>[a-z]\*\*\*@[a-z]\*\*\*</b>", page.text)
    refused = submit(browser, code="000000", password=NEW_PASSWORD, step="change")
    assert problem(refused) == "Invalid verification code provided, please try again."


def test_who_has_to_choose_a_new_password_is_led_there(new_pool: MakePool) -> None:
    pool, browser = new_pool(), Browser()
    pool.add_user("nia", email="nia@example.com")
    pool.api.admin_reset_user_password(UserPoolId=pool.pool_id, Username="nia")
    page = sign_in(browser, pool.web, "nia")
    assert "Forgot your password?" in page.text
    assert problem(page) == "Password reset required for the user"
