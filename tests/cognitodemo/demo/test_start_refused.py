"""What keeps the demo from starting is said in one sentence that says what to do."""

import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import ROOT
from tests.cognitodemo.demo.conftest import Demo


def one_sentence(output: str) -> str:
    (line,) = output.strip().splitlines()
    return line


@pytest.mark.parametrize(("setting", "what"), [("WEB_PORT", "the web server"), ("SANDBOX_PORT", "the sandbox")])
@pytest.mark.slow
def test_a_taken_port(demo: Demo, occupied: Callable[[], str], setting: str, what: str) -> None:
    port = occupied()
    assert one_sentence(demo.refusal(**{setting: port})) == (
        f"CommandError: Port {port} of 127.0.0.1 is taken, and {what} needs it. Stop what uses it, or set {setting}."
    )


@pytest.mark.slow
def test_a_database_of_a_newer_version(demo: Demo) -> None:
    demo.data.mkdir()
    with sqlite3.connect(demo.data / "app.sqlite3") as database:
        database.execute("CREATE TABLE django_migrations (id INTEGER, app TEXT, name TEXT, applied TEXT)")
        database.execute("INSERT INTO django_migrations VALUES (1, 'flows', '9999_later', '2030-01-01')")
    database.close()
    assert one_sentence(demo.refusal()) == (
        "CommandError: The database was made by another version (it has flows.9999_later). "
        f"Move {demo.data / 'app.sqlite3'} away to start over."
    )


@pytest.mark.slow
def test_a_file_that_is_no_database(demo: Demo) -> None:
    demo.data.mkdir()
    (demo.data / "app.sqlite3").write_bytes(b"something else entirely" * 100)
    told = one_sentence(demo.refusal())
    assert told.startswith("CommandError: The database cannot be brought up to date: ")
    assert told.endswith(f"Move {demo.data / 'app.sqlite3'} away to start over.")


@pytest.mark.slow
def test_a_sandbox_file_of_a_later_version(demo: Demo) -> None:
    demo.data.mkdir()
    with sqlite3.connect(demo.data / "sandbox.sqlite3") as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    told = demo.refusal().strip().splitlines()
    assert len(told) == 2
    assert "was written by a later version of the sandbox" in told[0]
    assert told[1] == "CommandError: The sandbox did not start; the line above says why."


@pytest.mark.slow
def test_another_mode(demo: Demo) -> None:
    told = demo.refusal(
        APP_MODE="aws", SECRET_KEY="k9" * 30, COGNITO_IDENTITY_POOL_ID="us-east-1:0f1e2d3c-4b5a-4697-8877-665544332211"
    )
    assert one_sentence(told).startswith("CommandError: The demo runs in sandbox mode. Remove APP_MODE from .env")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"APP_MODE": "production"}, "APP_MODE is 'production'; it must be one of: sandbox, aws."),
        ({"WEB_PORT": "http"}, "WEB_PORT is 'http'; it must be a whole number of at least 1."),
        ({"PUBLIC_URL": "lab.example.org"}, "PUBLIC_URL is 'lab.example.org'; it must be an origin such as"),
    ],
)
def test_a_setting_that_does_not_fit(demo: Demo, changes: dict[str, str], told: str) -> None:
    assert one_sentence(demo.refusal(**changes)).startswith(f"A setting does not fit: {told}")


def make(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    shutil.copy(ROOT / "Makefile", directory)
    return subprocess.run(["make", *arguments], cwd=directory, capture_output=True, text=True, timeout=60)


def test_an_old_python(tmp_path: Path) -> None:
    """The check runs in whatever interpreter was named; this one says that it is of another age."""
    old = tmp_path / "old-python"
    old.write_text(
        "#!/bin/sh\nshift\n"
        "exec python3 -c \"import sys; sys.version_info = (3, 8, 10); sys.version = '3.8.10 (old)'\n$1\"\n"
    )
    old.chmod(0o755)
    told = make(tmp_path, "demo", f"PYTHON={old}")
    assert told.returncode != 0
    assert "Python 3.11 or newer is needed; " in told.stderr
    assert " is 3.8.10. Try: make demo PYTHON=python3.12" in told.stderr
    assert "Traceback" not in told.stderr


def test_no_python(tmp_path: Path) -> None:
    told = make(tmp_path, "demo", "PYTHON=python-that-is-not-there")
    assert told.returncode != 0
    assert "python-that-is-not-there is not there. Python 3.11 or newer is needed." in told.stderr


@pytest.mark.slow
def test_accounts_without_passwords(demo: Demo) -> None:
    company = {
        "COMPANY_ISSUER": "https://id.company.test",
        "COMPANY_CLIENT_ID": "the-site",
        "COMPANY_CLIENT_SECRET": "of-the-company",
        "COMPANY_STAFF": "run-it",
    }
    told = one_sentence(demo.refusal(LOCAL_PASSWORDS="no", **company))
    assert told.startswith("CommandError: LOCAL_PASSWORDS is no, and this command gives accounts passwords.")
    assert "manage.py demo --no-accounts" in told
