"""Every page with many runs behind it: few queries, and on PostgreSQL plans that read no large table whole."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks.many_runs import Crowd, crowd
from benchmarks.page_list import Page, pages
from sandbox.testing import RunningSandbox

MANY, FEWER = 200_000, 3_000  # the second where no plans are looked at
FEW = ("run_leases",)  # an index of runs that are under way alone
LARGE = ("flows_run", "flows_apicall", "providers_signin")
_OF_LARGE = re.compile(rf'FROM "?(?:{"|".join(LARGE)})\b|JOIN "?(?:{"|".join(LARGE)})\b')
# A session and its account, rights, the class and the account of the sandbox: what a page needs besides what it shows.
MOST_QUERIES = 16

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def everybody(sandbox: RunningSandbox) -> Crowd:
    """A tenth of the runs are one person's; statistics are as the database keeps them."""
    return crowd(MANY if connection.vendor == "postgresql" else FEWER, every=10)


def queries_of(page: Page) -> list[str]:
    """What a page asks when it was opened before."""
    page.open()
    with CaptureQueriesContext(connection) as context:
        page.open()
    return [query["sql"] for query in context]


def test_no_page_asks_much_or_reads_a_large_table_whole(everybody: Crowd) -> None:
    """In one test, since the rows are what takes long."""
    asked = {page.name: queries_of(page) for page in pages(everybody)}
    assert {name: len(queries) for name, queries in asked.items() if len(queries) > MOST_QUERIES} == {}
    if connection.vendor == "postgresql":
        assert [
            f"{name} reads {whole} by {sql}"
            for name, queries in asked.items()
            for sql in dict.fromkeys(queries)
            for whole in read_whole(sql)
        ] == []


def read_whole(sql: str) -> Iterator[str]:
    """Large tables that the plan of a query goes through row by row, or an index of theirs from end to end."""
    if not _OF_LARGE.search(sql) or not sql.startswith(("SELECT", "UPDATE")):
        return
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        ((told,),) = cursor.fetchall()
    (plan,) = told if isinstance(told, list) else json.loads(told)
    yield from _whole(plan["Plan"], limited=False)


def _whole(node: dict[str, Any], *, limited: bool) -> Iterator[str]:
    """`limited`: whether it is stopped as soon as enough is found, as a page's first rows in the order of an index."""
    scans, table = node["Node Type"], node.get("Relation Name")
    if table in LARGE:
        if scans in ("Seq Scan", "Parallel Seq Scan"):
            yield table
        elif "Index" in scans and "Index Cond" not in node and node["Index Name"] not in FEW and not limited:
            yield f"{table}, along {node['Index Name']},"
    # What sorts or groups reads all of what is below it.
    below = scans == "Limit" or (limited and scans not in ("Sort", "Aggregate", "Hash", "HashAggregate", "Unique"))
    for child in node.get("Plans", ()):
        yield from _whole(child, limited=below)
