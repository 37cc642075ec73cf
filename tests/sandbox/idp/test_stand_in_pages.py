"""The sign-in pages: what they say, what they allow the browser, editing and looking before sending."""

import json
import re
from html import unescape
from typing import Any

import pytest
import requests

from sandbox.core.http import Request
from sandbox.idp.mount import environment
from tests.sandbox.idp import test_amazon, test_facebook
from tests.sandbox.idp.driver import Browser, Sign, StandIns, answer_of, credentials
from tests.sandbox.idp.saml_party import Party


def pages(stand_ins: StandIns) -> dict[str, str]:
    from tests.sandbox.idp.driver import issuers

    return {
        **{slug: Sign(stand_ins, issuer).url() for slug, issuer in issuers(stand_ins).items()},
        "facebook": test_facebook.dialog(stand_ins),
        "amazon": test_amazon.consent_page(stand_ins),
        "saml": Party(stand_ins).url()[1],
    }


def test_head_has_the_length_of_the_page(stand_ins: StandIns) -> None:
    page = requests.get(stand_ins.at(""))
    assert requests.head(stand_ins.at("")).headers["Content-Length"] == str(len(page.content))


def test_a_name_with_an_underscore_is_not_taken_for_another() -> None:
    headers = {"host": "localhost", "x-amz-meta-a_b": "1", "x-amz-meta-a-b": "2", "x-amz-meta-c_d": "3"}
    environ = environment(Request("GET", "/idp/", "", headers, b"", "127.0.0.1", "id"), "http://localhost")
    assert environ["HTTP_X_AMZ_META_A_B"] == "2"
    assert "HTTP_X_AMZ_META_C_D" not in environ


@pytest.mark.parametrize("slug", ["google", "apple", "userpool", "oidc", "facebook", "amazon", "saml"])
def test_every_page_says_that_it_is_a_stand_in_and_holds_no_script(stand_ins: StandIns, slug: str) -> None:
    page = requests.get(pages(stand_ins)[slug])
    assert page.status_code == 200
    assert "Local stand-in: this is not" in page.text
    assert "Played here by Identity Pools Lab" in page.text
    address = re.search(r'address-host mono">([^<]+)<.*?address-path mono">([^<]+)<', page.text, re.DOTALL)
    assert address is not None
    assert address[1] + address[2] in page.url, "the host and the path that are played, without the query"
    assert "?" not in address[2]
    assert "<script" not in page.text
    assert not re.search(r"\son\w+=|style=", page.text)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_cookies_are_named_apart_and_stay_with_the_domain(pool: Sign) -> None:
    browser = Browser()
    browser.sign_in(pool.url(), "ana")
    cookies: list[Any] = list(browser.session.cookies)
    assert {cookie.name for cookie in cookies} == {"standin_form", "standin_userpool"}
    assert {cookie.path for cookie in cookies} == {f"/idp/{pool.stand_ins.domain}/"}
    assert all(cookie.has_nonstandard_attr("HttpOnly") for cookie in cookies)


def previewed(page: str) -> dict[str, object]:
    claims: dict[str, object] = json.loads(unescape(re.findall(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)[0]))
    return claims


VOLATILE = ("iat", "exp", "auth_time", "at_hash", "jti", "event_id", "origin_jti")


def test_the_preview_is_what_is_signed(openid: Sign) -> None:
    browser = Browser()
    browser.open(openid.url())
    page = browser.answer(**credentials(browser.page_text, "bo"), step="preview")
    shown = previewed(page.text)
    edited = unescape(re.findall(r"<textarea[^>]*>(.*?)</textarea>", page.text, re.DOTALL)[0])
    code = answer_of(browser.answer(claims=edited, step="allow"))["code"]
    signed = openid.verified(openid.exchange(code).json()["id_token"])
    assert list(shown) == list(signed)
    for name in VOLATILE:
        shown.pop(name, None)
        signed.pop(name, None)
    assert shown == signed


def test_an_edited_claim_is_signed(openid: Sign) -> None:
    browser = Browser()
    browser.open(openid.url())
    page = browser.answer(**credentials(browser.page_text, "bo"), step="preview")
    claims = json.loads(unescape(re.findall(r"<textarea[^>]*>(.*?)</textarea>", page.text, re.DOTALL)[0]))
    claims["department"] = "Moon"
    code = answer_of(browser.answer(claims=json.dumps(claims), step="allow"))["code"]
    assert openid.verified(openid.exchange(code).json()["id_token"])["department"] == "Moon"


def test_the_preview_shows_the_misbehaviour(generic: Sign) -> None:
    browser = Browser()
    browser.open(generic.url())
    page = browser.answer(person="bo", step="preview", misbehave="wrong_issuer")
    assert previewed(page.text)["iss"] == "https://issuer.example.net"
    assert '<option value="wrong_issuer" selected>' in page.text


@pytest.mark.parametrize(
    ("claims", "problem"),
    [
        ("{", "This is not JSON"),
        ("[1]", "must be a JSON object"),
        ('{"sub": ""}', "sub must be a text"),
        ('{"sub": "a", "iss": "https://x"}', "The provider sets iss itself"),
        ('{"sub": "' + "a" * 9000 + '"}', "characters are not taken"),
        ("[" * 7000, "This is not JSON"),
        ('{"sub": "a", "x": ' + "[" * 900 + "]" * 900 + "}", "No token can carry this"),
        ('{"sub": "a", "x": "\\u0000"}', "No token can carry this"),
        ('{"sub": "\\ud800"}', "No token can carry this"),
        ('{"sub": "<script>alert(1)</script>", "aud": "x"}', "The provider sets aud itself"),
    ],
)
def test_claims_that_cannot_be_signed_are_sent_back_with_the_reason(generic: Sign, claims: str, problem: str) -> None:
    browser = Browser()
    browser.open(generic.url())
    page = browser.answer(person="bo", step="allow", claims=claims)
    assert page.status_code == 200
    assert problem in unescape(page.text)
    assert "<script>" not in page.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "nowhere", 404),
        ("GET", "oidc/token", 405),
        ("POST", "oidc/jwks", 405),
        ("GET", "people/nobody.svg", 404),
        ("POST", "keys/nobody/rotate", 404),
    ],
)
def test_what_is_not_there_is_a_plain_page(stand_ins: StandIns, method: str, path: str, status: int) -> None:
    page = requests.request(method, stand_ins.at(path))
    assert page.status_code == status
    assert "Traceback" not in page.text


def test_a_body_that_is_too_large_is_refused(stand_ins: StandIns) -> None:
    answer = requests.post(stand_ins.at("oidc/token"), data={"code": "x" * 600_000})
    assert answer.status_code == 413


def test_the_sandboxs_address_in_a_browser_leads_here(stand_ins: StandIns) -> None:
    """As S3 sends somebody without a signature to its product page."""
    accept = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    assert "Identity providers on this machine" in requests.get(f"{stand_ins.public_url}/", headers=accept).text
    for headers, address in (({}, "/"), (accept, "/?Action=GetCallerIdentity"), (accept, "/bucket")):
        answer = requests.get(f"{stand_ins.public_url}{address}", headers=headers, allow_redirects=False)
        assert answer.status_code in (400, 403), "that was for AWS"
