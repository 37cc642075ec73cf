"""Buttons pressed twice, and people who come at the same moment, at the application as it is served.

Threads of a test share one connection's locks in SQLite's memory; here are a file, a server, and browsers beside it.
"""

import http.cookiejar
import re
import sqlite3
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from benchmarks.servers import free_port
from sandbox.testing import RunningSandbox
from tests.journeys.conftest import web_application
from tests.journeys.test_class import PASSWORD, make_trainer

pytestmark = pytest.mark.slow

SLUG = "guest-in-two-calls"


@dataclass(frozen=True)
class Site:
    url: str
    directory: Path

    def rows(self, statement: str) -> list[Any]:
        """What the application's own file has."""
        with closing(sqlite3.connect(f"file:{self.directory / 'app.sqlite3'}?mode=ro", uri=True)) as connection:
            return connection.execute(statement).fetchall()


@dataclass
class Browser:
    """One browser, without scripts."""

    site: Site
    cookies: http.cookiejar.CookieJar = field(default_factory=http.cookiejar.CookieJar)

    def open(self, path: str, form: dict[str, str] | None = None) -> str:
        """The page at the end of all redirects, whatever its status."""
        url = self.site.url + path
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        request = urllib.request.Request(url, data, {"Referer": url})
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        try:
            return str(opener.open(request, timeout=60).read().decode())
        except urllib.error.HTTPError as answer:
            return answer.read().decode()

    def filled(self, path: str, form: dict[str, str]) -> dict[str, str]:
        """A form of the page at `path`, ready to be sent."""
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.open(path))
        assert found, path
        return {**form, "csrfmiddlewaretoken": found[1]}

    def post(self, path: str, form: dict[str, str], *, page: str = "") -> str:
        return self.open(path, self.filled(page or path, form))

    def tab(self) -> "Browser":
        """The same browser, with a second form under way."""
        other = Browser(self.site)
        for cookie in self.cookies:
            other.cookies.set_cookie(cookie)
        return other


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """What each returns, all begun at the same moment."""
    gate = threading.Barrier(len(works))

    def begin(work: Callable[[], Any]) -> Any:
        gate.wait(timeout=60)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(begin, works))


def press(browser: Browser, path: str, forms: Sequence[dict[str, str]], *, page: str = "") -> list[str]:
    """Send forms of one page at once, from tabs of one browser."""
    filled = [browser.filled(page or path, form) for form in forms]
    tabs = [browser.tab() for _ in forms]
    return at_once(*(_sender(tab, path, form) for tab, form in zip(tabs, filled, strict=True)))


def _sender(browser: Browser, path: str, form: dict[str, str]) -> Callable[[], str]:
    return lambda: browser.open(path, form)


@pytest.fixture(scope="module")
def site(served_sandbox: RunningSandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    directory = tmp_path_factory.mktemp("haste")
    with web_application(served_sandbox, free_port(), directory, {}) as url:
        make_trainer(directory)
        yield Site(url, directory)


@pytest.fixture
def trainer(site: Site) -> Browser:
    browser = Browser(site)
    browser.post("/accounts/sign-in/", {"username": "kari", "password": PASSWORD})
    return browser


@pytest.fixture
def place(site: Site, trainer: Browser) -> str:
    """The address of a new class of three seats."""
    form = {"name": "Oslo", "seats": "3", "preset": "half-day", "names": "nickname", "hints": "free",
            "hint_minutes": "5", "retention_days": "30", "hours": "10"}  # fmt: skip
    trainer.post("/class/new/", form)
    (public_id,) = site.rows("SELECT public_id FROM training_cohort ORDER BY id DESC LIMIT 1")[0]
    return f"/class/{public_id}/"


def code_of(trainer: Browser, place: str) -> str:
    found = re.search(r"/join/([0-9A-Z]{4}-[0-9A-Z]{4})/", trainer.open(f"{place}projector/"))
    assert found
    return found[1]


def joined(trainer: Browser, place: str, name: str) -> Browser:
    browser = Browser(trainer.site)
    browser.post(f"/join/{code_of(trainer, place)}/", {"name": name})
    return browser


def names_in(site: Site, place: str) -> list[str]:
    """Of seats, in their order."""
    rows = site.rows(
        "SELECT s.name FROM training_seatname s JOIN training_membership m ON m.id = s.membership_id"
        " JOIN training_cohort c ON c.id = m.cohort_id"
        f" WHERE c.public_id = '{place.split('/')[2]}' ORDER BY m.seat, s.position"
    )
    return [name for (name,) in rows]


def test_join_pressed_four_times_takes_one_seat(site: Site, trainer: Browser, place: str) -> None:
    address = f"/join/{code_of(trainer, place)}/"
    answers = press(Browser(site), address, [{"name": "Ana"}] * 4)
    assert names_in(site, place) == ["Ana"]
    assert all("Your exercises" in page or "You are at seat 1" in page for page in answers)


def test_people_of_one_name_who_come_at_once_are_told_of_each_other(site: Site, trainer: Browser, place: str) -> None:
    address = f"/join/{code_of(trainer, place)}/"
    browsers = [Browser(site) for _ in range(3)]
    forms = [browser.filled(address, {"name": "Ana"}) for browser in browsers]
    at_once(*(_sender(browser, address, form) for browser, form in zip(browsers, forms, strict=True)))
    assert names_in(site, place) == ["Ana"]


def test_the_last_seats_and_the_third_name_are_taken_once(site: Site, trainer: Browser, place: str) -> None:
    address = f"/join/{code_of(trainer, place)}/"
    browsers = [Browser(site) for _ in range(6)]
    forms = [browser.filled(address, {"name": f"Person {one}"}) for one, browser in enumerate(browsers)]
    at_once(*(_sender(browser, address, form) for browser, form in zip(browsers, forms, strict=True)))
    assert len(names_in(site, place)) == 3
    inside = next(browser for browser in browsers if "Your exercises" in browser.open("/class/me/")
                  or "/class/me/export.json" in browser.open("/class/me/"))  # fmt: skip
    press(inside, "/class/me/name/", [{"name": f"Mate {one}"} for one in range(5)], page="/class/me/")
    assert len(names_in(site, place)) == 5


def test_help_is_asked_once_and_taken_once(site: Site, trainer: Browser, place: str) -> None:
    learner = joined(trainer, place, "Ana")
    press(learner, f"{place}help/", [{"text": "x"}] * 4, page="/class/me/")
    [(request,)] = site.rows("SELECT id FROM training_helprequest WHERE state = 'waiting'")
    press(trainer, f"{place}help/{request}/take/", [{}] * 4, page=f"{place}board/")
    taken = site.rows(f"SELECT count(*) FROM training_helpevent WHERE request_id = {request} AND verb = 'took it'")
    assert taken == [(1,)]


def test_an_exercise_is_begun_answered_and_solved_once(site: Site, trainer: Browser, place: str) -> None:
    learner = joined(trainer, place, "Ana")
    exercise = f"/exercises/{SLUG}/"
    press(learner, f"{exercise}begin/", [{}] * 3, page=exercise)
    latest = f"SELECT id, membership_id FROM training_attempt WHERE exercise = '{SLUG}' ORDER BY id DESC LIMIT 1"
    [(attempt, member)] = site.rows(latest)
    assert site.rows(f"SELECT count(*) FROM training_attempt WHERE membership_id = {member}") == [(1,)]
    form = re.search(r'action="[^"]*/answer/".*?name="question" value="([^"]+)"', learner.open(exercise), re.DOTALL)
    assert form
    press(
        learner, f"{exercise}answer/", [{"question": form[1], "option": str(one)} for one in (1, 2, 1)], page=exercise
    )
    assert site.rows(f"SELECT count(*) FROM training_questionanswer WHERE attempt_id = {attempt}") == [(1,)]

    press(trainer, f"{place}seats/{member}/solve/", [{"attempt": str(attempt)}] * 3, page=f"{place}seats/{member}/")
    assert site.rows(f"SELECT state FROM training_attempt WHERE id = {attempt}") == [("solved",)]
    runs = f"SELECT count(*) FROM training_attemptrun WHERE attempt_id = {attempt} AND kind = 'solve'"
    [(first,)] = site.rows(runs)
    trainer.post(f"{place}seats/{member}/solve/", {"attempt": str(attempt)}, page=f"{place}seats/{member}/")
    [(again,)] = site.rows(runs)
    assert first <= again - first, "what was pressed three times was done once"


def test_a_grant_to_come_back_lets_one_browser_in(site: Site, trainer: Browser, place: str) -> None:
    joined(trainer, place, "Ana")
    back = Browser(site)
    code = code_of(trainer, place)
    back.post(f"/join/{code}/again/", {"name": "Ana"}, page=f"/join/{code}/")
    [(asked,)] = site.rows("SELECT id FROM training_returnrequest ORDER BY id DESC LIMIT 1")
    trainer.post(f"{place}returns/{asked}/", {"do": "grant"}, page=place)
    pages = press(back, f"/join/waiting/{asked}/", [{}] * 3)
    assert sum("/class/me/export.json" in page for page in pages) == 1
