"""How often: counted once for all processes."""

import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from pytest_django import Settings

from accounts.models import User
from web.rate_counter import RateCounter
from web.ratelimit import Limit, address_of, give_back, hit, spent

PASSWORD = "correct horse battery"
Clock = Callable[[float], None]


@pytest.fixture
def clock(db: None, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Sets what time it is, for this process and in PostgreSQL, whose own functions otherwise go before all others."""

    def set_to(seconds: float) -> None:
        monkeypatch.setattr(time, "time", lambda: seconds)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "CREATE OR REPLACE FUNCTION public.clock_timestamp() RETURNS timestamptz"
                    f" LANGUAGE sql AS 'SELECT to_timestamp({seconds})'"
                )
                cursor.execute("SET LOCAL search_path = public, pg_catalog")

    set_to(600.0)
    return set_to


def test_a_limit_holds_within_a_minute_and_ends_with_it(clock: Clock) -> None:
    limit = Limit("run", "someone", 2)
    clock(617.0)
    assert [hit(limit), hit(limit)] == [0, 0]
    assert hit(limit) == 43
    clock(659.9)
    assert hit(limit) == 1
    clock(660.0)
    assert hit(limit) == 0


def test_subjects_and_scopes_are_counted_apart(clock: Clock) -> None:
    assert hit(Limit("run", "a", 1)) == 0
    assert hit(Limit("run", "b", 1)) == 0
    assert hit(Limit("sign-in", "a", 1)) == 0
    assert hit(Limit("run", "a", 1)) > 0


def test_the_strictest_of_several_limits_decides(clock: Clock) -> None:
    loose, strict = Limit("run", "a", 100), Limit("run", "b", 1)
    assert hit(loose, strict) == 0
    assert hit(loose, strict) > 0
    assert hit(loose) == 0


def test_what_is_given_back_does_not_count(clock: Clock) -> None:
    limit = Limit("sign-in", "a", 1)
    for _ in range(5):
        assert hit(limit) == 0
        give_back(limit)
    assert hit(limit) == 0


def test_a_clock_that_is_behind_starts_no_new_window(clock: Clock) -> None:
    limit = Limit("run", "a", 1)
    clock(660.0)
    assert hit(limit) == 0
    clock(659.0)
    assert hit(limit) > 0
    clock(661.0)
    assert hit(limit) > 0


def test_what_a_clock_that_was_an_hour_ahead_has_counted_holds_up_nobody(clock: Clock) -> None:
    limit, another = Limit("run", "a", 1), Limit("run", "b", 1)
    clock(660.0 + 3600)
    assert [hit(limit), hit(another)] == [0, 0]
    assert spent(limit) > 0
    clock(662.0)
    assert spent(limit) == 0
    assert hit(limit) == 0
    assert hit(limit) > 0  # and it counts anew
    assert RateCounter.objects.count() == 1
    clock(660.0 + 3600)
    assert hit(another) == 0


def test_counters_of_minutes_past_are_removed(clock: Clock) -> None:
    for number in range(5):
        hit(Limit("run", f"visitor {number}", 1))
    clock(600.0 + 180)
    hit(Limit("run", "another", 1))
    assert RateCounter.objects.count() == 1


def test_no_address_and_no_name_is_stored(db: None) -> None:
    hit(Limit("sign-in", "203.0.113.7", 1))
    subject = RateCounter.objects.get().subject
    assert re.fullmatch(r"[0-9a-f]{32}", subject)
    assert hit(Limit("sign-in", "203.0.113.8", 1)) == 0
    assert RateCounter.objects.exclude(subject=subject).get().subject[:16] != subject[:16]


@pytest.mark.parametrize(
    ("peer", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", "unknown"),
    ],
)
def test_the_address_that_counts(rf: RequestFactory, peer: str, counted: str) -> None:
    assert address_of(rf.get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR="198.51.100.1")) == counted


# --- At the doors ----------------------------------------------------------------------------------------------------


@pytest.fixture
def ana(clock: Clock) -> User:
    return User.objects.create_user("ana", password=PASSWORD)


def sign_in(
    client: Client, name: str = "ana", password: str = "wrong", path: str = "/accounts/sign-in/", **more: str
) -> int:
    return client.post(path, {"username": name, "password": password}, **more).status_code  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["/accounts/sign-in/", "/admin/login/"])
def test_guesses_from_one_address_end_in_a_page_that_says_when(
    client: Client, ana: User, settings: Settings, path: str
) -> None:
    settings.SIGN_INS_PER_MINUTE = 3
    assert [sign_in(client, f"name-{number}", path=path) for number in range(4)] == [200, 200, 200, 429]

    response = client.post(path, {"username": "ana", "password": PASSWORD})
    assert response["Retry-After"] == "60"
    assert "Try again in 60 seconds." in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_guesses_at_one_account_from_many_addresses_end_too(client: Client, ana: User, settings: Settings) -> None:
    settings.SIGN_INS_PER_MINUTE = 3
    got = [sign_in(client, "Ana" if number % 2 else "ana", REMOTE_ADDR=f"203.0.113.{number}") for number in range(4)]
    assert got == [200, 200, 200, 429]


def test_a_class_behind_one_address_signs_in_together(ana: User, settings: Settings) -> None:
    settings.SIGN_INS_PER_MINUTE = 2
    assert [sign_in(Client(), password=PASSWORD) for _ in range(6)] == [302] * 6


def test_sign_ups_are_limited(client: Client, ana: User, settings: Settings) -> None:
    settings.SIGN_UPS_PER_MINUTE = 1
    settings.SIGN_UP_OPEN = True
    assert client.post("/accounts/sign-up/", {"username": "bo"}).status_code == 200
    assert client.post("/accounts/sign-up/", {"username": "bo"}).status_code == 429


def test_guesses_of_the_old_password_are_limited(client: Client, ana: User, settings: Settings) -> None:
    settings.SIGN_INS_PER_MINUTE = 1
    client.force_login(ana)
    form = {"old_password": "wrong", "new_password1": "x", "new_password2": "x"}
    assert client.post("/accounts/password/", form).status_code == 200
    assert client.post("/accounts/password/", form).status_code == 429


def test_runs_of_a_visitor_are_limited_and_those_of_an_account_are_not(
    client: Client, ana: User, settings: Settings
) -> None:
    settings.RUNS_PER_MINUTE = 2
    client.get("/runs/")  # brings the visitor cookie
    form = {"flow": "none"}  # is refused by the form, so nothing is sent; it counts all the same
    statuses = [client.post("/runs/", form).status_code for _ in range(3)]
    assert statuses[:2] != [429, 429]
    assert statuses[2] == 429
    page = client.post("/runs/", form, headers={"Referer": "http://testserver/demo/?access=guest"}).content.decode()
    assert "sign in" in page
    assert 'href="http://testserver/demo/?access=guest">Back' in page
    elsewhere = client.post("/runs/", form, headers={"Referer": "https://evil.example/"}).content.decode()
    assert "evil.example" not in elsewhere

    client.force_login(ana)
    assert client.post("/runs/", form).status_code != 429


def test_a_visitor_who_drops_the_cookie_is_held_by_the_address(ana: User, settings: Settings) -> None:
    settings.RUNS_PER_MINUTE_PER_ADDRESS = 2
    assert [Client().post("/runs/", {"flow": "none"}).status_code == 429 for _ in range(3)] == [False, False, True]


# --- Many processes -------------------------------------------------------------------------------------------------

COUNTER = """
import django, sys
django.setup()
from web.ratelimit import Limit, hit
print(sum(hit(Limit("run", "shared", 50)) == 0 for _ in range(40)))
"""


@pytest.mark.slow
@pytest.mark.skipif(connection.vendor != "sqlite", reason="the processes share a SQLite file")
def test_four_processes_allow_together_what_the_limit_says(tmp_path: Path, environment: dict[str, str]) -> None:
    database = tmp_path / "app.sqlite3"
    environment |= {"DATABASE_URL": f"sqlite:///{database}", "DJANGO_SETTINGS_MODULE": "cognitodemo.settings"}
    manage = [sys.executable, "manage.py", "migrate", "cognitodemo", "--verbosity", "0"]
    subprocess.run(manage, env=environment, check=True)
    workers = [
        subprocess.Popen([sys.executable, "-c", COUNTER], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    allowed = sum(int(worker.communicate(timeout=60)[0]) for worker in workers)

    with sqlite3.connect(database) as kept:
        windows = kept.execute("SELECT hits FROM cognitodemo_ratecounter").fetchall()
    # Should a minute have ended meanwhile, the counter began anew and shows less than all the hits.
    assert allowed == 50 if windows == [(160,)] else 50 < allowed <= 100


def test_what_is_not_limited_is_never_spent(db: None) -> None:
    assert spent() == 0
