"""What is wrong with the machine, its data and its `.env`: a database behind its migrations, a disk that is nearly
full, cookies that go without TLS."""

import json
import os
import secrets
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests import ROOT
from tests.operations.doctor.conftest import Installation

pytestmark = pytest.mark.slow


def manage(environment: dict[str, str], *arguments: str) -> str:
    """What a command of manage.py printed; an exit code above 0 is the doctor's verdict."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0 or arguments[0] == "doctor", done.stderr
    return done.stdout


def site_findings(environment: dict[str, str]) -> list[dict[str, Any]]:
    (row,) = json.loads(manage(environment, "doctor", "--only", "site", "--offline", "--json"))["rows"]
    return list(row["findings"])


def test_migrations_that_are_missing_are_found_and_made_by_the_printed_command(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "ENV_FILE": str(tmp_path / "none.env"), "DATA_DIR": str(tmp_path / "d")}
    manage(environment, "migrate", "--verbosity", "0")
    manage(environment, "migrate", "--verbosity", "0", "flows", "zero")
    (finding,) = [one for one in site_findings(environment) if "the database" in one["found"]]
    assert finding["found"] == "the database: migrations are missing"
    program, *command = shlex.split(finding["fixes"][0]["text"])
    assert (program, command[0]) == ("python", "manage.py")
    manage(environment, *command[1:])
    assert not [one for one in site_findings(environment) if "the database" in one["found"]]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 MB."""
    path = tmp_path / "small"
    path.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m,mode=700", "tmpfs", path], capture_output=True)
    if made.returncode:
        pytest.skip("mounts are forbidden here")
    yield path
    subprocess.run(["umount", path], check=True)


def test_a_disk_that_is_nearly_full_is_found_and_fine_on_one_with_room(lab: Installation, small_disk: Path) -> None:
    roomy, lab.settings.DATA_DIR = lab.settings.DATA_DIR, small_disk
    (finding,) = lab.examine("site").findings
    assert finding.found == f"less than 500 MB are free for {small_disk}"
    purge, move = finding.fixes
    assert (purge.kind, move.kind) == ("shell", "text")
    environment = {"PATH": os.environ["PATH"], "ENV_FILE": str(small_disk / "none.env"), "DATA_DIR": str(small_disk)}
    manage(environment, "migrate", "--verbosity", "0")
    manage(environment, *shlex.split(purge.text)[2:])
    assert "DATA_DIR" in move.text
    lab.settings.DATA_DIR = roomy
    assert lab.examine("site").findings == ()


@dataclass
class Site:
    """An installation with a `.env`, of which each command is a process of its own."""

    directory: Path
    lines: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        file = self.directory / ".env"
        file.touch(0o600)
        file.write_text("".join(f"{name}={value}\n" for name, value in self.lines.items()))
        return {"PATH": os.environ["PATH"], "ENV_FILE": str(file), "DATA_DIR": str(self.directory / "data")}

    def findings(self) -> list[dict[str, Any]]:
        return site_findings(self.environment)

    def mend(self, told: str) -> None:
        """Write what the finding prints into `.env`; it is no finding after that."""
        (finding,) = [one for one in self.findings() if told in one["found"]]
        lines = [fix["text"].partition("=") for fix in finding["fixes"] if fix["kind"] == "setting"]
        assert lines, finding
        self.lines |= {name: value for name, _, value in lines}
        assert not [one for one in self.findings() if told in one["found"]]

    def answer(self, *, secure: bool = False) -> dict[str, Any]:
        """What the page for signing in answers a browser that came over http, or over https as the proxy says."""
        program = (
            "import json; from django.test import Client; "
            f"answer = Client().get('/accounts/sign-in/', HTTP_HOST='lab.example', secure={secure}); "
            "cookies = {name: bool(one['secure']) for name, one in answer.cookies.items()}; "
            "print(json.dumps({'status': answer.status_code, 'to': answer.get('Location', ''), 'cookies': cookies}))"
        )
        found: dict[str, Any] = json.loads(manage(self.environment, "shell", "--no-imports", "-c", program))
        return found


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """An installation on AWS without anything in it that is wrong."""
    pool = "us-east-1:00000000-0000-4000-8000-000000000001"
    lines = {"APP_MODE": "aws", "AWS_ACCOUNT_ID": "111122223333", "COGNITO_IDENTITY_POOL_ID": pool}
    found = Site(tmp_path, lines | {"SECRET_KEY": secrets.token_urlsafe(50)})
    manage(found.environment, "migrate", "--verbosity", "0")
    assert found.findings() == []
    return found


def test_cookies_that_go_without_tls_and_pages_that_send_nobody_to_it_are_mended_by_what_is_printed(site: Site) -> None:
    site.lines["PUBLIC_URL"] = "http://lab.example"
    plain = site.answer()
    assert (plain["status"], plain["cookies"]) == (200, {"lab_csrf": False, "lab_visitor": False})
    site.mend("PUBLIC_URL is http://lab.example")
    site.mend("lab.W015")  # which https brings: nobody is believed to have ended TLS
    assert site.findings() == []
    plain = site.answer()
    assert (plain["status"], plain["to"]) == (301, "https://lab.example/accounts/sign-in/")
    cookies = site.answer(secure=True)["cookies"]
    assert cookies == {"__Host-lab_csrf": True, "__Host-lab_visitor": True}


def test_debug_pages_for_everybody_are_mended_by_what_is_printed(site: Site) -> None:
    site.lines["DEBUG"] = "true"
    site.mend("lab.E013")
    assert site.findings() == []


def test_stand_ins_on_everybodys_own_machine_are_mended_by_what_is_printed(site: Site) -> None:
    site.lines |= {"APP_MODE": "sandbox", "PUBLIC_URL": "https://lab.example", "TRUSTED_PROXIES": "loopback"}
    site.mend("lab.W035")
