"""A hundred thousand runs: the queries stay few, and each enters an index where its page begins."""

import re
import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Field
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from flows.models import Run
from flows.models import RunQuerySet as Runs
from flows.pages.history.pagination import Cursor, history_page
from tests.flows.history.conftest import NOON, OTHER_VISITOR, VISITOR, browser, run_row

MANY = 100_000
MIDDLE = Cursor(NOON - timedelta(seconds=MANY // 2), MANY // 2)


@pytest.fixture
def crowd(db: None, reviewer: User) -> User:
    """A reviewer, and runs: half of one visitor, a quarter each of the reviewer and of another visitor."""
    owners: list[dict[str, Any]] = [
        {"visitor": VISITOR, "user": None},
        {"visitor": None, "user": reviewer.pk},
        {"visitor": VISITOR, "user": None},
        {"visitor": OTHER_VISITOR, "user": None},
    ]
    times = (NOON - timedelta(seconds=number) for number in range(MANY))
    _insert({"code": f"code-{number}", "created_at": at, **owners[number % 4]} for number, at in enumerate(times))
    return reviewer


def _insert(rows: Iterable[dict[str, Any]]) -> None:
    """Straight into the table: a hundred thousand model instances would take most of the test's time to make."""
    fields = {field.name: field for field in Run._meta.concrete_fields if not field.primary_key}
    same = {name: _stored(field, field.pre_save(run_row(), True)) for name, field in fields.items()}
    columns = ", ".join(f'"{field.column}"' for field in fields.values())
    places = ", ".join(["%s"] * len(fields))
    values = (same | {name: _stored(fields[name], value) for name, value in row.items()} for row in rows)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO flows_run ({columns}) VALUES ({places})", [tuple(row.values()) for row in values]
        )


def _stored(field: Field, value: Any) -> Any:
    return field.get_db_prep_save(value, connection)


def plan(runs: Runs) -> str:
    return runs.order_by("-created_at", "-pk")[:26].explain()


def queries_of(client: Client, path: str) -> list[str]:
    with CaptureQueriesContext(connection) as context:
        assert client.get(path).status_code == 200
    return [query["sql"] for query in context]


@pytest.mark.slow
def test_a_page_costs_the_same_wherever_it_is(crowd: User) -> None:
    """Queries, plans and time in one test, since the rows are what takes long."""
    mine, everybody = browser(), browser(user=crowd)
    for client, path in ((mine, "/runs/"), (everybody, "/runs/?scope=everybody")):
        joined = "&" if "?" in path else "?"
        first, middle = queries_of(client, path), queries_of(client, f"{path}{joined}before={MIDDLE}")
        # Two ask for the person's class and its account, whose calls by CLI are runs; two are for counts and charts;
        # two find out that the reviewer was given permissions at all, which saves most people larger queries;
        # and one looks up whose everybody's runs are.
        assert len(middle) == len(first) <= 14
        assert not [
            sql
            for sql in first + middle
            if re.search(r"COUNT\(.*flows_run\b(?!\.)", sql) and "flows_apicall" not in sql
        ]

    if connection.vendor == "sqlite":
        older = {"created_at__lte": MIDDLE.created_at}
        assert "run_visitor_history (visitor=? AND created_at<?)" in plan(
            Run.objects.filter(user=None, visitor=VISITOR, **older)
        )
        assert "run_user_history (user_id=? AND created_at<?)" in plan(Run.objects.filter(user=crowd, **older))
        assert "run_history (created_at<?)" in plan(Run.objects.filter(**older))
        assert "TEMP B-TREE" not in plan(Run.objects.filter(user=None, visitor=VISITOR, **older))

    runs = Run.objects.filter(user=None, visitor=VISITOR)
    assert seconds_of(runs, MIDDLE) < 10 * seconds_of(runs, None) + 0.005


def seconds_of(runs: Runs, before: Cursor | None) -> float:
    """The best of five, so that a busy machine does not decide."""
    times = []
    for _ in range(5):
        started = time.perf_counter()
        history_page(runs, before=before)
        times.append(time.perf_counter() - started)
    return min(times)
