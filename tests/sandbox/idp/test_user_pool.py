"""The user pool's managed login, its tokens' claims, and what became of its people."""

import re
import sqlite3
from pathlib import Path

import jwt
import pytest
import requests

from sandbox.core.config import SandboxConfig
from sandbox.idp.stand_ins import STAND_INS
from sandbox.testing import running_sandbox
from sandbox.user_pools.grants import token_state
from tests.sandbox.idp.conftest import APP_URL, serving
from tests.sandbox.idp.driver import Browser, Sign, StandIns, answer_of, issuers
from tests.sandbox.idp.managed_login.driver import follow, submit

ROLE = "arn:aws:iam::000000000000:role/"
POOL = "us-east-1_LabPool01"


def test_authorize_leads_to_the_login_page(pool: Sign) -> None:
    answer = requests.get(pool.url(), allow_redirects=False)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(f"/idp/{pool.stand_ins.domain}/login?")


@pytest.mark.parametrize(("username", "password"), [("ana", "wrong"), ("nobody", "Ana-Pool-1!"), ("", "")])
def test_a_wrong_password_and_an_unknown_name_sound_alike(pool: Sign, username: str, password: str) -> None:
    browser = Browser()
    browser.open(pool.url())
    page = browser.answer(username=username, password=password, step="allow")
    assert page.status_code == 200
    assert "Incorrect username or password." in page.text


def test_declining_asks_for_no_password(pool: Sign) -> None:
    browser = Browser()
    browser.open(pool.url())
    answer = browser.answer(username="", password="", step="deny")
    assert answer_of(answer)["error"] == "access_denied"


def test_a_person_cannot_be_chosen_without_a_password(pool: Sign) -> None:
    browser = Browser()
    browser.open(pool.url())
    page = browser.answer(person="ana", step="allow")
    assert page.status_code == 200
    assert "Location" not in page.headers


def test_id_token_and_access_token_have_cognitos_claims(pool: Sign) -> None:
    tokens = pool.tokens("devi")
    claims = pool.verified(tokens["id_token"])
    assert claims["token_use"] == "id"
    assert claims["cognito:username"] == "devi"
    assert claims["cognito:groups"] == ["admins", "engineers"]
    assert claims["cognito:roles"] == [f"{ROLE}LabTokenAdmins", f"{ROLE}LabTokenEngineers"]
    assert claims["cognito:preferred_role"] == f"{ROLE}LabTokenAdmins"
    assert claims["custom:department"] == "Engineering"
    assert claims["custom:tenant"] == "boreal"
    access = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    assert access["token_use"] == "access"
    assert access["client_id"] == STAND_INS["userpool"].client_id
    assert "aud" not in access
    assert (access["origin_jti"], access["event_id"]) == (claims["origin_jti"], claims["event_id"])


def test_a_tie_of_groups_leaves_the_preferred_role_open(pool: Sign) -> None:
    claims = pool.verified(pool.tokens("elif")["id_token"])
    assert claims["cognito:roles"] == [f"{ROLE}LabTokenFinance", f"{ROLE}LabTokenAuditors"]
    assert "cognito:preferred_role" not in claims


def test_without_groups_there_are_no_role_claims(pool: Sign) -> None:
    claims = pool.verified(pool.tokens("finn")["id_token"])
    assert not {"cognito:groups", "cognito:roles", "cognito:preferred_role"} & set(claims)


def test_the_header_has_no_typ(pool: Sign) -> None:
    assert set(jwt.get_unverified_header(pool.tokens()["id_token"])) == {"kid", "alg"}


def test_userinfo_spells_email_verified_as_text(pool: Sign) -> None:
    headers = {"Authorization": f"Bearer {pool.tokens('finn')['access_token']}"}
    said = requests.get(pool.stand_ins.at(pool.issuer.userinfo), headers=headers).json()
    assert said["email_verified"] == "false"
    assert said["username"] == "finn"


def test_who_is_signed_in_can_continue_and_can_switch(pool: Sign) -> None:
    browser = Browser()
    browser.sign_in(pool.url(), "ana")
    assert "You are signed in as <b>Ana Lima</b>" in browser.open(pool.url()).text
    code = answer_of(browser.answer(step="allow"))["code"]
    assert pool.verified(pool.exchange(code).json()["id_token"])["cognito:username"] == "ana"
    browser.open(pool.url())
    assert 'name="password"' in browser.answer(step="other").text


def test_prompt_login_asks_again(pool: Sign) -> None:
    browser = Browser()
    browser.sign_in(pool.url(), "ana")
    assert 'name="password"' in browser.open(pool.url(prompt="login")).text


def test_logout_ends_the_session_and_goes_only_where_it_may(pool: Sign) -> None:
    browser = Browser()
    browser.sign_in(pool.url(), "ana")
    url = pool.stand_ins.at(f"{pool.stand_ins.domain}/logout")
    params = {"client_id": STAND_INS["userpool"].client_id, "logout_uri": "http://127.0.0.1:8000/"}
    answer = browser.session.get(url, params=params, allow_redirects=False)
    assert answer.headers["Location"] == "http://127.0.0.1:8000/"
    assert 'name="password"' in browser.open(pool.url()).text
    elsewhere = requests.get(url, params={**params, "logout_uri": "https://attacker.example/"}, allow_redirects=False)
    assert elsewhere.status_code == 400


def test_an_unknown_identity_provider_is_told_to_the_application(pool: Sign) -> None:
    answer = answer_of(requests.get(pool.url(identity_provider="Nobody"), allow_redirects=False))
    assert answer["error"] == "invalid_request"


def test_the_pools_own_identity_provider_is_the_password(pool: Sign) -> None:
    assert 'name="password"' in requests.get(pool.url(identity_provider="COGNITO")).text


def changed(stand_ins: StandIns, person: str, change: str) -> None:
    browser = Browser()
    browser.open(stand_ins.at(""))
    assert browser.page is not None
    browser.page.url = stand_ins.at(f"people/{person}/{change}")
    assert browser.answer().status_code == 303


@pytest.mark.slow
@pytest.mark.parametrize(("change", "state"), [("sign-out", "signed out"), ("delete", "deleted")])
def test_the_pool_knows_who_was_signed_out_or_deleted(tmp_path: Path, change: str, state: str) -> None:
    path = tmp_path / "sandbox.sqlite3"
    with serving(path) as stand_ins:
        pool = Sign(stand_ins, issuers(stand_ins)["userpool"])
        tokens = pool.tokens("ana")
        claims = pool.verified(tokens["id_token"])
        subject, origin = str(claims["sub"]), str(claims["origin_jti"])
        connection = sqlite3.connect(path)
        connection.row_factory = sqlite3.Row
        assert token_state(connection, POOL, subject, origin) == "valid"
        changed(stand_ins, "ana", change)
        assert token_state(connection, POOL, subject, origin) == state
        assert token_state(connection, POOL, "someone", "else") == "deleted"
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        assert requests.get(stand_ins.at(pool.issuer.userinfo), headers=headers).status_code == 401


@pytest.mark.slow
def test_after_a_sign_out_everywhere_a_new_sign_in_is_good(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite3"
    with serving(path) as stand_ins:
        pool = Sign(stand_ins, issuers(stand_ins)["userpool"])
        pool.tokens("ana")
        changed(stand_ins, "ana", "sign-out")
        claims = pool.verified(pool.tokens("ana")["id_token"])
        connection = sqlite3.connect(path)
        connection.row_factory = sqlite3.Row
        state = token_state(connection, POOL, str(claims["sub"]), str(claims["origin_jti"]))
        assert state == "valid"


@pytest.mark.slow
def test_a_deleted_person_cannot_sign_in_until_restored(tmp_path: Path) -> None:
    with serving(tmp_path / "sandbox.sqlite3") as stand_ins:
        pool = Sign(stand_ins, issuers(stand_ins)["userpool"])
        assert "code" in answer_of(Browser().sign_in(pool.url(), "bo"))
        changed(stand_ins, "bo", "delete")
        assert "Incorrect username or password." in Browser().sign_in(pool.url(), "bo").text
        changed(stand_ins, "bo", "restore")
        assert "code" in answer_of(Browser().sign_in(pool.url(), "bo"))


@pytest.mark.slow
def test_who_signs_up_at_the_seeded_pool_signs_in_there_and_sees_its_own_token(tmp_path: Path) -> None:
    with serving(tmp_path / "sandbox.sqlite3") as stand_ins:
        pool, browser = Sign(stand_ins, issuers(stand_ins)["userpool"]), Browser()
        browser.open(pool.url())
        follow(browser, "signup")
        submit(browser, username="nia", password="Right-Horse-7!", email="nia@example.com")
        code = re.search(r"<pre>[^<]*?([0-9]{6})", requests.get(stand_ins.at("mailbox")).text)
        assert code is not None
        back = answer_of(submit(browser, code=code[1], step="confirm"))
        claims = pool.verified(pool.exchange(back["code"]).json()["id_token"])
        assert (claims["cognito:username"], claims["email"]) == ("nia", "nia@example.com")
        assert "You are signed in as <b>nia</b>" in browser.open(pool.url()).text
        preview = browser.answer(step="preview")
        assert "&#34;cognito:username&#34;: &#34;nia&#34;" in preview.text


def test_a_silent_sign_in_needs_a_session_at_the_seeded_pool_too(pool: Sign) -> None:
    browser = Browser()
    told = answer_of(browser.session.get(pool.url(prompt="none"), allow_redirects=False))
    assert told["error"] == "login_required"
    browser.sign_in(pool.url(), "ana")
    assert "code" in answer_of(browser.session.get(pool.url(prompt="none"), allow_redirects=False))


@pytest.mark.slow
def test_what_the_rows_say_when_tokens_are_made_counts(tmp_path: Path) -> None:
    config = SandboxConfig(data_file=tmp_path / "sandbox.sqlite3", port=0)
    with running_sandbox(config) as sandbox:
        stand_ins = StandIns(sandbox.url, APP_URL)
        pool = Sign(stand_ins, issuers(stand_ins)["userpool"])
        code = pool.code("ana")
        sandbox.client("cognito-idp").admin_add_user_to_group(UserPoolId=POOL, Username="ana", GroupName="admins")
        claims = pool.verified(pool.exchange(code).json()["id_token"])
        assert claims["cognito:groups"] == ["admins", "engineers"]
