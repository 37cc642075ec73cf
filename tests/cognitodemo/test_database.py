"""Connections to PostgreSQL as settings make them. `make verify` runs these on one."""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import load_backend

from cognitodemo import database

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL is asked"),
    pytest.mark.django_db,
]


@contextmanager
def connected(**changed: Any) -> Iterator[BaseDatabaseWrapper]:
    """A connection of its own with other settings than the suite's."""
    config = copy.deepcopy(connections.settings["default"]) | changed
    wrapper = load_backend(config["ENGINE"]).DatabaseWrapper(config, "apart")
    try:
        yield wrapper
    finally:
        wrapper.close()
        if hasattr(wrapper, "close_pool"):
            wrapper.close_pool()


def answer(wrapper: BaseDatabaseWrapper, statement: str) -> Any:
    with wrapper.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """The options of a process that serves."""

    def of(**changed: Any) -> dict[str, Any]:
        config = {**copy.deepcopy(connections.settings["default"]), **changed}
        monkeypatch.setitem(connections.settings, "default", config)
        database.limit_requests()
        return dict(config["OPTIONS"])

    return of


def test_a_process_that_serves_waits_for_nothing_long(limited: Callable[..., dict[str, Any]]) -> None:
    with connected(OPTIONS=limited()) as wrapper:
        names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        assert [answer(wrapper, f"SHOW {name}") for name in names] == ["30s", "10s", "1min"]


def test_what_the_url_says_of_a_limit_counts(limited: Callable[..., dict[str, Any]]) -> None:
    options = limited(OPTIONS=connections.settings["default"]["OPTIONS"] | {"options": "-c statement_timeout=50"})
    with connected(OPTIONS=options) as wrapper, pytest.raises(OperationalError, match="statement timeout"):
        answer(wrapper, "SELECT pg_sleep(5)")


def test_a_pool_hands_its_connections_on() -> None:
    # Of two connections the pool may hand on the other one, which it opens in a thread of its own.
    config = database.settings(copy.deepcopy(connections.settings["default"]), pool=(1, 1))
    # A pool belongs to the alias, not to a thread: each thread has a wrapper of its own, and takes from the same.
    with connected(**config) as first:
        process = answer(first, "SELECT pg_backend_pid()")
        first.close()
        assert answer(first, "SELECT pg_backend_pid()") == process


def test_a_pool_has_the_size_that_was_set() -> None:
    config = database.settings(copy.deepcopy(connections.settings["default"]), pool=(1, 2))
    with connected(**config) as wrapper:
        answer(wrapper, "SELECT 1")
        assert (wrapper.pool.min_size, wrapper.pool.max_size) == (1, 2)  # type: ignore[attr-defined]


def test_behind_pgbouncer_nothing_is_prepared_and_no_limit_is_sent(limited: Callable[..., dict[str, Any]]) -> None:
    config = database.settings(copy.deepcopy(connections.settings["default"]), behind_bouncer=True)
    assert "options" not in limited(**config)
    with connected(**config) as wrapper:
        for _ in range(8):  # psycopg prepares what it has seen five times
            answer(wrapper, "SELECT 1")
        assert answer(wrapper, "SELECT count(*) FROM pg_prepared_statements") == 0
