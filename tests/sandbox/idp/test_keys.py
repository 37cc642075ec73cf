"""Signing keys: one for each issuer, rotated on request, the same after a restart."""

from pathlib import Path

import jwt
import pytest
import requests
from lxml import etree

from tests.sandbox.idp.conftest import serving
from tests.sandbox.idp.driver import Browser, Sign, StandIns, issuers
from tests.sandbox.idp.saml_party import Party


def published(stand_ins: StandIns, slug: str) -> list[str]:
    answer = requests.get(stand_ins.at(issuers(stand_ins)[slug].jwks))
    return [key["kid"] for key in answer.json()["keys"]]


def rotate(stand_ins: StandIns, slug: str, **fields: str) -> None:
    browser = Browser()
    browser.open(stand_ins.at(""))
    assert browser.page is not None
    browser.page.url = stand_ins.at(f"keys/{slug}/rotate")
    assert browser.answer(**fields).status_code == 303


@pytest.mark.slow
def test_no_two_issuers_share_a_key(stand_ins: StandIns) -> None:
    kids = [kid for slug in issuers(stand_ins) for kid in published(stand_ins, slug)]
    assert len(kids) == len(set(kids))


def test_the_jwks_holds_no_private_part(stand_ins: StandIns) -> None:
    for slug in issuers(stand_ins):
        for key in requests.get(stand_ins.at(issuers(stand_ins)[slug].jwks)).json()["keys"]:
            assert set(key) == {"kty", "use", "alg", "kid", "n", "e"}


@pytest.mark.slow
@pytest.mark.parametrize("slug", ["google", "apple", "userpool", "oidc"])
def test_after_a_rotation_old_tokens_still_verify_and_new_ones_have_a_new_key(tmp_path: Path, slug: str) -> None:
    with serving(tmp_path / "sandbox.sqlite3") as stand_ins:
        sign = Sign(stand_ins, issuers(stand_ins)[slug])
        before = sign.tokens()["id_token"]
        rotate(stand_ins, slug)
        after = sign.tokens()["id_token"]
        assert sign.verified(before)["iss"] == sign.verified(after)["iss"]
        kids = [jwt.get_unverified_header(token)["kid"] for token in (after, before)]
        assert published(stand_ins, slug) == kids


@pytest.mark.slow
def test_a_withdrawn_key_is_gone_at_once(tmp_path: Path) -> None:
    with serving(tmp_path / "sandbox.sqlite3") as stand_ins:
        old = published(stand_ins, "oidc")
        rotate(stand_ins, "oidc", withdraw="1")
        new = published(stand_ins, "oidc")
    assert len(new) == 1
    assert new != old


@pytest.mark.slow
def test_a_rotation_leaves_other_issuers_alone(tmp_path: Path) -> None:
    with serving(tmp_path / "sandbox.sqlite3") as stand_ins:
        google = published(stand_ins, "google")
        rotate(stand_ins, "oidc")
        assert published(stand_ins, "google") == google


@pytest.mark.slow
def test_saml_metadata_holds_both_certificates_after_a_rotation(tmp_path: Path) -> None:
    with serving(tmp_path / "sandbox.sqlite3") as stand_ins:
        assert len(certificates(stand_ins)) == 1
        rotate(stand_ins, "saml")
        assert len(certificates(stand_ins)) == 2
        new = Party(stand_ins)
        identifier, posted = new.answered()
        assert new.accept(identifier, posted["SAMLResponse"]).name_id is not None


def certificates(stand_ins: StandIns) -> set[str | None]:
    root = etree.fromstring(Party(stand_ins).metadata().encode())
    return {each.text for each in root.iter("{*}X509Certificate")}


def test_rotating_asks_for_our_own_form(stand_ins: StandIns) -> None:
    before = published(stand_ins, "oidc")
    assert requests.post(stand_ins.at("keys/oidc/rotate")).status_code == 403
    assert published(stand_ins, "oidc") == before


def test_keys_codes_and_tokens_outlive_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite3"
    with serving(path) as first:
        pool = Sign(first, issuers(first)["userpool"])
        kids = published(first, "userpool")
        code = pool.code("bo")
        tokens = pool.tokens("ana")
    with serving(path) as second:
        again = Sign(second, issuers(second)["userpool"], nonce=pool.nonce, verifier=pool.verifier)
        assert published(second, "userpool") == kids
        assert again.verified(again.exchange(code).json()["id_token"])["cognito:username"] == "bo"
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        assert requests.get(second.at(again.issuer.userinfo), headers=headers).json()["username"] == "ana"
