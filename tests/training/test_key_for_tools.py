"""The key of an account in the forms in which tools take it, as a shell and the SDK read them."""

import configparser
import subprocess
from datetime import UTC, datetime

from flows.exchange.context import TemporaryCredentials
from training.pages.account import Key

_EXPECTED = {
    "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalr/+=key",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
}


def _key() -> Key:
    given = TemporaryCredentials("AKIAEXAMPLE", "wJalr/+=key", "", datetime(2026, 12, 1, tzinfo=UTC))
    return Key(given, "us-east-1", "http://127.0.0.1:4566")


def test_a_shell_has_the_variables_once_they_were_pasted() -> None:
    pasted = f"{_key().bash}\nenv"
    done = subprocess.run(["bash", "-c", pasted], capture_output=True, text=True, check=True, env={})
    found = dict(line.split("=", 1) for line in done.stdout.splitlines() if line.startswith("AWS_"))
    assert found == _EXPECTED


def test_the_section_of_the_file_has_the_names_that_the_sdk_reads() -> None:
    read = configparser.RawConfigParser()
    read.read_string(_key().profile)
    assert dict(read["identity-pools-lab"]) == {
        "aws_access_key_id": "AKIAEXAMPLE",
        "aws_secret_access_key": "wJalr/+=key",
        "region": "us-east-1",
        "endpoint_url": "http://127.0.0.1:4566",
    }
