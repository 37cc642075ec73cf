"""From version 0.2.0 to today's and back, with data that its own code made: nothing is lost on the way, its code goes
on on today's tables, and `migrate` brings its own tables back."""

import json
import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from secrets import token_urlsafe
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
import requests

from benchmarks.class_room import postgres
from tests import ROOT
from tests.cognitodemo.demo.conftest import Demo, answers
from tests.kept.versions import Version, versions

pytestmark = pytest.mark.slow

# Of its tests, those that read: the history, runs and their calls, who may, and the admin site.
READ_TESTS = (
    "tests/flows/history", "tests/flows/admin", "tests/flows/pages/test_call_list.py",
    "tests/flows/pages/test_run_permissions.py",
)  # fmt: skip


@pytest.fixture(scope="module", params=versions(), ids=lambda version: version.name)
def version(request: pytest.FixtureRequest) -> Version:
    found: Version = request.param
    known = ["git", "cat-file", "-e", f"{found.commit}^{{commit}}"]
    if subprocess.run(known, cwd=ROOT, capture_output=True, check=False).returncode:
        pytest.skip(f"Version {found.name}, commit {found.commit}, is not in this clone: git fetch --unshallow")
    return found


@pytest.fixture(scope="module")
def old_code(version: Version, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The version's own tree."""
    archive = subprocess.run(["git", "archive", version.commit], cwd=ROOT, capture_output=True, check=True).stdout
    directory = tmp_path_factory.mktemp("old-code")
    with tarfile.open(fileobj=BytesIO(archive)) as files:
        files.extractall(directory, filter="data")
    return directory


@dataclass
class Installation:
    """A data directory, which one code or another serves, and what was noted when it was filled."""

    demo: Demo
    notes: dict[str, Any]

    def manage(self, *arguments: str, root: Path = ROOT) -> None:
        _run(root, self.demo.environment, "manage.py", *arguments)

    @contextmanager
    def served(self, root: Path = ROOT) -> Iterator[None]:
        """By `manage.py demo` of that code."""
        self.demo.root = root
        self.demo.start()
        yield
        self.demo.interrupt()

    @contextmanager
    def served_without_migrating(self, root: Path) -> Iterator[None]:
        """By `manage.py sandbox` and `manage.py serve` of that code, as two services are."""
        started = [
            subprocess.Popen(
                [sys.executable, "manage.py", command], cwd=root, env=self.demo.environment, stdout=subprocess.DEVNULL
            )
            for command in ("sandbox", "serve")
        ]
        try:
            self.demo.wait_until(lambda: answers(self.demo.url) and answers(f"{self.demo.sandbox_url}/_sandbox/health"))
            yield
        finally:
            for process in started:
                process.terminate()
            for process in started:
                process.wait(timeout=60)

    def reads_as_it_was(self) -> None:
        """The history and every run, for their person, for the browser without an account, and for an administrator."""
        runs, url = self.notes["runs"], self.demo.url
        for cookies, mine, others in (
            (runs["account_cookies"], runs["account"], runs["visitor"]),
            (runs["visitor_cookies"], runs["visitor"], runs["account"]),
        ):
            browser = requests.Session()
            browser.cookies.update(cookies)
            history = _page(browser, f"{url}/runs/")
            assert all(f"/runs/{code}/" in history for code in mine.values())
            for name, code in mine.items():
                page = _page(browser, f"{url}/runs/{code}/")
                assert "GetId" in page, name
            assert {browser.get(f"{url}/runs/{code}/").status_code for code in others.values()} == {404}
        admin = self._administrator()
        assert _page(admin, f"{url}/admin/flows/run/").count('class="action-select"') >= len(runs["account"])
        listed = re.findall(r'href="(/admin/flows/run/\d+/change/[^"]*)"', _page(admin, f"{url}/admin/flows/run/"))
        assert listed
        assert "GetId" in _page(admin, url + listed[-1])

    def runs_anew(self) -> None:
        """A run can be made, and is read."""
        browser = requests.Session()
        browser.cookies.update(self.notes["runs"]["visitor_cookies"])
        fields = {"access": "guest", "provider": "guest", "flow": "basic", "pool": "lab", "pace": "all"}
        found = _post(browser, f"{self.demo.url}/runs/", f"{self.demo.url}/demo/?access=guest", **fields)
        assert "Succeeded" in found.text

    def _administrator(self) -> requests.Session:
        kept = (self.demo.data / "demo-accounts").read_text()
        name, password = next(line for line in kept.splitlines() if line.startswith("admin ")).split()
        browser, page = requests.Session(), f"{self.demo.url}/admin/login/"
        signed_in = _post(browser, page, page, username=name, password=password, next="/admin/")
        assert "/admin/" in signed_in.url
        return browser


@pytest.fixture(scope="module")
def installation(old_code: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One that the version's own code has served, to people and programs."""
    directory = tmp_path_factory.mktemp("installation")
    demo = Demo(directory, old_code)
    demo.environment["LOG_LEVEL"] = "ERROR"  # nobody reads it, and a pipe that is full would hold it up
    demo.start()
    notes = directory / "notes.json"
    _run(old_code, demo.environment, "-m", "tests.kept.fill", demo.url, demo.sandbox_url, str(notes))
    demo.interrupt()
    yield Installation(demo, json.loads(notes.read_text()))
    demo.end()


def test_data_of_the_version_is_read_by_todays_code_and_by_its_own_afterwards(
    installation: Installation, version: Version, old_code: Path
) -> None:
    installation.manage("migrate", "--verbosity=0")
    with installation.served():
        installation.reads_as_it_was()
        installation.runs_anew()
    # Its code on today's tables: what goes on while the new code comes, and where that is taken back at once.
    with installation.served_without_migrating(old_code):
        installation.reads_as_it_was()
        installation.runs_anew()
    # And on its own again, which today's code makes of them.
    for app, name in version.migrations.items():
        installation.manage("migrate", app, name, "--verbosity=0")
    with installation.served(old_code):
        installation.reads_as_it_was()
        installation.runs_anew()
    with installation.served():
        installation.reads_as_it_was()


def test_its_read_tests_pass_on_todays_tables(version: Version, old_code: Path) -> None:
    with TemporaryDirectory() as directory, postgres(Path(directory) / "postgres") as url:
        # What pytest-django calls the database of tests, made here and taken as it is.
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE test_app")
        tables = url.replace("/app?", "/test_app?")
        environment = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "SECRET_KEY": token_urlsafe(50)}
        _run(ROOT, environment | {"DATABASE_URL": tables}, "manage.py", "migrate", "--verbosity=0")
        known = _migrations(tables)
        assert set(version.migrations.items()) < known
        arguments = ("-m", "pytest", "-q", "-x", "--reuse-db", "-m", "not slow", *READ_TESTS)
        told = _run(old_code, environment | {"DATABASE_URL": url}, *arguments)
        assert _migrations(tables) == known
    passed = re.search(r"(\d+) passed", told)
    assert passed
    assert int(passed[1]) > 100


def _migrations(url: str) -> set[tuple[str, str]]:
    with psycopg.connect(url) as connection:
        return set(connection.execute("SELECT app, name FROM django_migrations").fetchall())


def _run(root: Path, environment: dict[str, str], *arguments: str) -> str:
    """What Python writes, whose exit code has to be 0."""
    command = [sys.executable, *arguments]
    done = subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, (arguments, done.stdout[-4000:], done.stderr[-4000:])
    return done.stdout


def _page(browser: requests.Session, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200, (url, answer.status_code, answer.text[:1000])
    return answer.text


def _post(browser: requests.Session, url: str, form: str, **fields: str) -> requests.Response:
    (token, *_) = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', _page(browser, form))
    answer = browser.post(url, {"csrfmiddlewaretoken": token, **fields})
    assert answer.status_code == 200, answer.text[:2000]
    return answer
