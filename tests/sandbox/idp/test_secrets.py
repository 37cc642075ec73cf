"""What rests in the sandbox's file and in its log: no code and no token."""

import logging
import sqlite3
from pathlib import Path

import pytest

from tests.sandbox.idp.conftest import serving
from tests.sandbox.idp.driver import Sign, issuers


def test_codes_and_tokens_rest_as_digests_and_are_never_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("authlib", "saml2", "sandbox", "sandbox.idp"):
        caplog.set_level(logging.DEBUG, name)
    path = tmp_path / "sandbox.sqlite3"
    secrets = []
    with serving(path) as stand_ins:
        for slug in ("google", "userpool", "oidc"):
            sign = Sign(stand_ins, issuers(stand_ins)[slug])
            code = sign.code()
            tokens = sign.exchange(code).json()
            sign.exchange(code, code_verifier="x" * 43)
            secrets += [code, *(tokens[name] for name in ("access_token", "refresh_token") if name in tokens)]
    connection = sqlite3.connect(path)
    kept = "\n".join(connection.iterdump())
    logged = "\n".join(
        record.getMessage()
        for record in caplog.records
        if record.name.split(".")[0] in ("sandbox", "werkzeug", "flask")
    )
    for secret in secrets:
        assert secret not in kept
        assert secret not in logged


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite3"
    with serving(path):
        assert path.stat().st_mode & 0o077 == 0
