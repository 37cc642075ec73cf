"""A backup that is taken while sixteen write, restored elsewhere: all that was answered before it began is in it, as it
was, with SQLite and with PostgreSQL."""

import json
import re
import sqlite3
import stat
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from tests import ROOT
from tests.cognitodemo.demo.classroom import Browser, at_work
from tests.cognitodemo.demo.conftest import Demo
from tests.cognitodemo.demo.installations import Installation, installations

pytestmark = pytest.mark.slow

BROWSERS, CALLERS = 12, 4
POOL = "us-east-1:5a4db000-0000-c000-8000-000000000001"  # the seeded pool of the home account
RUNS = "SELECT * FROM flows_run WHERE outcome IN ('succeeded', 'refused', 'failed') ORDER BY id"
CALLS = "SELECT * FROM flows_apicall call WHERE id IN (SELECT call.id FROM flows_apicall call JOIN flows_run run"
CALLS += " ON run.id = call.run_id WHERE run.outcome IN ('succeeded', 'refused', 'failed')) ORDER BY id"


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def machines(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Installation]]:
    """Two machines, on the second of which nothing is."""
    with installations(tmp_path, request.param, ["here", "there"]) as made:
        yield made


class Visitor(Browser):
    """A browser that makes runs; those that were answered."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.runs: list[str] = []

    def run(self) -> None:
        fields = {"access": "guest", "provider": "guest", "flow": "enhanced", "pool": "lab", "pace": "all"}
        answer = self.post("/runs/", "/demo/?access=guest", **fields)
        found = re.search(r"/runs/([\w-]+)/", answer.url)
        assert found, answer.url
        self.runs.append(found[1])


class Caller:
    """A program that gets identities; those that were answered."""

    def __init__(self, url: str) -> None:
        config = Config(signature_version=UNSIGNED)
        self.client = boto3.client("cognito-identity", region_name="us-east-1", endpoint_url=url, config=config)
        self.identities: list[str] = []

    def get(self) -> None:
        self.identities.append(self.client.get_id(IdentityPoolId=POOL)["IdentityId"])


def test_all_that_was_answered_before_a_backup_is_in_it(machines: list[Installation], tmp_path: Path) -> None:
    here, there = machines
    here.demo.start()
    visitors = [Visitor(here.demo.url) for _ in range(BROWSERS)]
    callers = [Caller(here.demo.sandbox_url) for _ in range(CALLERS)]
    file = tmp_path / "all.zip"
    with at_work(*(one.run for one in visitors), *(one.get for one in callers)):
        here.demo.wait_until(lambda: all(len(one.runs) >= 2 for one in visitors))
        answered = [list(one.runs) for one in visitors]
        identities = [one for caller in callers for one in list(caller.identities)]
        began = time.monotonic()
        done = here.manage("backup", str(file))
        seconds = time.monotonic() - began
        assert done.returncode == 0, done.stdout + done.stderr
    during = sum(len(one.runs) for one in visitors) - sum(map(len, answered))
    assert during > 0, "nobody wrote meanwhile"
    cost = f"{file.stat().st_size} bytes after {seconds:.1f} s, {during} runs were made meanwhile"
    print(cost)  # noqa: T201 - with -s, what it cost
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not list(here.demo.data.glob(".backup-*"))
    assert "Deliberately not in it" in done.stdout
    again = here.manage("backup", str(file))
    assert again.returncode == 1
    assert "is a backup already" in again.stderr
    here.demo.interrupt()

    told = there.manage("restore", str(file))
    assert told.returncode == 0, told.stdout + told.stderr
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    for table, number in manifest["rows"].items():
        assert there.rows(f'SELECT count(*) FROM "{table}"') == [(number,)], table
    for table in manifest["left_out"]:
        assert there.rows(f'SELECT count(*) FROM "{table}"') == [(0,)], table
    assert manifest["sandbox_schema"] >= 3
    for query in (RUNS, CALLS):
        restored = there.rows(query)
        assert restored
        assert set(map(repr, restored)) <= set(map(repr, here.rows(query)))
    with closing(sqlite3.connect(there.demo.data / "sandbox.sqlite3")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    codes = {code for (code,) in there.rows("SELECT code FROM flows_run")}
    assert {code for one in answered for code in one} <= codes

    there.demo.start()
    client = Caller(there.demo.sandbox_url).client
    for identity in identities:
        assert client.get_credentials_for_identity(IdentityId=identity)["Credentials"]["AccessKeyId"]
    for visitor, runs in zip(visitors, answered, strict=True):
        visitor.url = there.demo.url
        assert all("Succeeded" in visitor.get(f"/runs/{code}/") for code in runs[-3:])
        visitor.run()

    refused = there.manage("restore", str(file), "--replace")
    assert refused.returncode == 1
    assert "A web server serves what is in" in refused.stderr
    there.demo.interrupt()
    before = there.rows("SELECT count(*) FROM flows_run")
    refused = there.manage("restore", str(file))
    assert refused.returncode == 1
    assert "say --replace" in refused.stderr
    assert there.rows("SELECT count(*) FROM flows_run") == before
    aside = there.manage("restore", str(file), "--replace")
    assert aside.returncode == 0, aside.stderr
    assert there.rows("SELECT count(*) FROM flows_run") == [(manifest["rows"]["flows_run"],)] != before
    (kept,) = there.demo.data.glob("before-restore-*")
    assert (kept / "sandbox.sqlite3").is_file()


def test_nothing_of_an_hour_is_in_the_bytes_of_a_backup(demo: Demo, tmp_path: Path) -> None:
    demo.start()
    visitor = Visitor(demo.url)
    visitor.run()
    page = visitor.post(f"/runs/{visitor.runs[0]}/reveal/", f"/runs/{visitor.runs[0]}/credentials/").text
    assert "These are shown once" in page
    with closing(sqlite3.connect(demo.data / "app.sqlite3")) as connection:
        sealed = [bytes(one) for (one,) in connection.execute("SELECT sealed FROM providers_sealedvalue")]
        sessions = [one.encode() for (one,) in connection.execute("SELECT session_key FROM django_session")]
    visitor.run()
    command = [sys.executable, "manage.py", "backup", str(tmp_path)]
    done = subprocess.run(command, env=demo.environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (file,) = tmp_path.glob("identity-pools-lab-*.zip")
    with zipfile.ZipFile(file) as archive:
        rows = archive.read("app.sqlite3")
    assert sealed
    assert not [one for one in [*sealed, *sessions] if one in rows]
