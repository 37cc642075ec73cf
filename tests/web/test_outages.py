"""A database or a disk that is away: a page that waits, and one line in the log."""

import io
import json
import logging
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper as Postgresql
from django.db.backends.sqlite3.base import DatabaseWrapper as Sqlite
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from pytest_django import Settings

from benchmarks.servers import free_port
from cognitodemo.urls import handler500 as handler500
from cognitodemo.urls import urlpatterns as of_the_site
from web import outages
from web.logs import JsonFormatter, Once

pytestmark = pytest.mark.django_db
Fault = Callable[[Path], None]
_fails: list[Callable[[], None]] = []


def failing(request: HttpRequest) -> HttpResponse:
    _fails[-1]()
    return HttpResponse("done")


urlpatterns = [path("failing/", failing), *of_the_site]


def _config(**of_the_database: Any) -> dict[str, Any]:
    usual: dict[str, Any] = connections.settings["default"]
    return usual | {"TEST": {}, "OPTIONS": {}, "USER": "a", "PASSWORD": "b"} | of_the_database


def nobody_listens(directory: Path) -> None:
    Postgresql(_config(NAME="lab", HOST="127.0.0.1", PORT=free_port()), "other").ensure_connection()


def no_such_directory(directory: Path) -> None:
    Sqlite(_config(NAME=directory / "gone" / "app.sqlite3"), "other").ensure_connection()


def full(directory: Path) -> None:
    database = Sqlite(_config(NAME=directory / "full.sqlite3"), "other")
    try:
        with database.cursor() as cursor:
            cursor.execute("CREATE TABLE IF NOT EXISTS one (text)")
            cursor.execute("PRAGMA max_page_count = 2")
            cursor.execute("INSERT INTO one VALUES (zeroblob(100000))")
    finally:
        database.close()


def locked(directory: Path) -> None:
    file = directory / "locked.sqlite3"
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    database = Sqlite(_config(NAME=file, OPTIONS={"timeout": 0}), "other")
    try:
        with database.cursor() as cursor:
            cursor.execute("CREATE TABLE two (text)")
    finally:
        database.close()
        other.close()


def file_too_large(directory: Path) -> None:
    with Path("/dev/full").open("wb", buffering=0) as device:
        device.write(b"x")


def forget() -> None:
    outages._said.clear()
    outages._over.clear()


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged, as the site writes it."""
    forget()
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    handler.addFilter(Once())
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)
    forget()


@pytest.fixture
def visitor(settings: Settings) -> Client:
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (nobody_listens, "The database does not answer."),
        (no_such_directory, "The disk is full, or cannot be written."),
        (full, "The disk is full, or cannot be written."),
        (file_too_large, "The disk is full, or cannot be written."),
        (locked, "The database has too much to do."),
    ],
)
def test_the_page_waits_and_the_log_says_it_once(
    visitor: Client, lines: io.StringIO, tmp_path: Path, fault: Fault, sentence: str
) -> None:
    _fails.append(lambda: fault(tmp_path))
    for _ in range(3):
        answer = visitor.get("/failing/")
        assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (503, "5", "no-store")
        page = answer.content.decode()
        assert sentence in page
        assert '<meta http-equiv="refresh" content="5">' in page
    said = [json.loads(line) for line in lines.getvalue().splitlines()]
    (line,) = [line for line in said if line["level"] == "ERROR"]
    assert line["message"].startswith(f"{sentence} Requests are answered with status 503 until it does. (")
    assert "exception" not in line


def test_what_a_form_sent_is_not_sent_again_by_itself(visitor: Client, tmp_path: Path) -> None:
    _fails.append(lambda: full(tmp_path))
    page = visitor.post("/failing/").content.decode()
    assert "http-equiv" not in page
    assert "may have been done in part, or not at all" in page


def test_a_part_of_a_page_that_asks_for_news_leaves_the_page_as_it_is(visitor: Client, tmp_path: Path) -> None:
    _fails.append(lambda: full(tmp_path))
    assert visitor.get("/failing/", headers={"HX-Request": "true"})["HX-Reswap"] == "none"
    assert "HX-Reswap" not in visitor.post("/failing/", headers={"HX-Request": "true"})


def test_an_error_of_our_own_stays_one(visitor: Client, lines: io.StringIO) -> None:
    def fail() -> None:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT * FROM no_such_table")

    _fails.append(fail)
    assert visitor.get("/failing/").status_code == 500
    assert "no_such_table" in lines.getvalue()


def test_a_database_that_answers_again_is_said_once(lines: io.StringIO) -> None:
    outages.database_is_there()
    assert lines.getvalue() == ""
    outages.tell(outages.Part.DATABASE.value)
    outages.database_is_there()
    outages.database_is_there()
    told = [json.loads(line)["message"] for line in lines.getvalue().splitlines()]
    assert told == ["The database does not answer.", "The database answers again."]


def test_who_notices_late_that_it_was_away_does_not_say_so_again(
    lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of several threads, one has a new connection already, and another finds its own broken only then."""
    for _ in range(3):
        outages.tell(outages.Part.DATABASE.value)
        outages.database_is_there()
    monkeypatch.setattr(outages, "_SETTLED", 0.0)
    outages.tell(outages.Part.DATABASE.value)
    told = [json.loads(line)["message"] for line in lines.getvalue().splitlines()]
    assert told == ["The database does not answer.", "The database answers again.", "The database does not answer."]
