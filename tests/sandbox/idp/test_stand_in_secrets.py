"""What rests in the sandbox's file and in its log: no code, no token and no secret of one."""

import logging
import sqlite3
from pathlib import Path

import pytest
import requests

from sandbox.idp.stand_ins import STAND_INS
from sandbox.idp.storage.records import Consent
from tests.sandbox.idp.conftest import serving
from tests.sandbox.idp.driver import Browser, Sign, StandIns, answer_of, issuers
from tests.sandbox.idp.test_token_requests import OPAQUE
from tests.sandbox.idp.test_x import approved, exchange, fields, profile, request_token

TOKENS = ("access_token", "refresh_token", "id_token")


def given_out_by_oauth2(stand_ins: StandIns) -> list[str]:
    """Codes and tokens of a sign-in at each OAuth 2.0 stand-in, and the verifier that was shown for them."""
    found = []
    for slug, issuer in {**issuers(stand_ins), **OPAQUE}.items():
        sign = Sign(stand_ins, issuer)
        code = sign.code() if slug not in OPAQUE else answer_of(Browser().sign_in(sign.url()))["code"]
        answer = sign.exchange(code)
        assert answer.status_code == 200, answer.text
        sign.exchange(code, code_verifier="x" * 43)
        found += [code, sign.verifier, *(answer.json()[name] for name in TOKENS if name in answer.json())]
    return found


def given_out_by_x(stand_ins: StandIns) -> list[str]:
    """Tokens, secrets and verifier of all three legs, of a sign-in that is over and of one that is under way."""
    under_way = fields(request_token(stand_ins))
    temporary, back = approved(stand_ins)
    token = fields(exchange(stand_ins, temporary, back["oauth_verifier"]))
    assert profile(stand_ins, token).status_code == 200
    unused, back_unused = approved(stand_ins)
    pairs = (under_way, temporary, token, unused)
    secrets = [pair[name] for pair in pairs for name in ("oauth_token", "oauth_token_secret")]
    return [*secrets, back["oauth_verifier"], back_unused["oauth_verifier"]]


def bytes_of(path: Path) -> bytes:
    """Of the file and of its journal."""
    return b"".join(part.read_bytes() for part in path.parent.glob(f"{path.name}*"))


@pytest.mark.slow
def test_codes_tokens_and_secrets_rest_as_digests_and_are_never_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("authlib", "saml2", "sandbox", "sandbox.idp"):
        caplog.set_level(logging.DEBUG, name)
    path = tmp_path / "sandbox.sqlite3"
    with serving(path) as stand_ins:
        secrets = given_out_by_oauth2(stand_ins) + given_out_by_x(stand_ins)
        kept = bytes_of(path)
    kept += bytes_of(path) + "\n".join(sqlite3.connect(path).iterdump()).encode()
    logged = "\n".join(
        record.getMessage()
        for record in caplog.records
        if record.name.split(".")[0] in ("sandbox", "werkzeug", "flask")
    )
    assert len(secrets) > 30
    for secret in secrets:
        assert secret.encode() not in kept
        assert secret not in logged


def test_what_x_gave_out_before_there_were_digests_goes_on_working(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite3"
    old = {
        "access": ("123-" + "a1" * 20, "access-secret-in-the-clear", "token", None, None),
        "request": ("request-token-in-the-clear1", "request-secret-in-the-clear", "temporary", "verifier-clear", 9e9),
    }
    with serving(path) as stand_ins:
        requests.get(stand_ins.at("standin.css"))
        consent = Consent("g", "ana", "123", {"screen_name": "ana"}, STAND_INS["x"].client_id).to_json()
        with sqlite3.connect(path) as connection:
            for token, secret, kind, verifier, expires in old.values():
                connection.execute(
                    "INSERT INTO idp_oauth1_credential"
                    " (account, token, kind, secret, client_id, callback, verifier, consent, expires)"
                    " VALUES ('000000000000', ?, ?, ?, ?, 'http://127.0.0.1:8000/', ?, ?, ?)",
                    (token, kind, secret, STAND_INS["x"].client_id, verifier, consent, expires),
                )
            connection.execute(
                "INSERT INTO idp_oauth1_nonce VALUES ('000000000000', 'c', ?, 4102444800, 'n')", (old["access"][0],)
            )
    with serving(path) as stand_ins:
        access = {"oauth_token": old["access"][0], "oauth_token_secret": old["access"][1]}
        assert profile(stand_ins, access).json()["id_str"] == "123"
        temporary = {"oauth_token": old["request"][0], "oauth_token_secret": old["request"][1]}
        assert exchange(stand_ins, temporary, "verifier-clear").status_code == 200
    for clear in ("a1" * 20, "in-the-clear", "verifier-clear"):
        assert clear.encode() not in bytes_of(path)


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite3"
    with serving(path):
        assert path.stat().st_mode & 0o077 == 0
