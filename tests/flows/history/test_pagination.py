"""From page to page, without counting."""

import re

import pytest
from django.test import Client

from flows.models import Run
from flows.pages.history.pagination import PAGE_SIZE, Cursor
from tests.flows.history.conftest import NOON, MakeRun, browser, run_row


def seen(page: str) -> list[str]:
    return re.findall(r'<th scope="row" role="rowheader">.*?<a href="[^"]+">(\d+)</a>', page, re.DOTALL)


def follow(client: Client, page: str, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page)
    assert found, f"no {rel} link"
    return client.get(found[1].replace("&amp;", "&")).content.decode()


@pytest.fixture
def many(db: None) -> list[str]:
    """Numbers of sixty runs, newest first. Half of them were made in the same microsecond as their neighbour."""
    for number in range(60):
        run_row(created_at=NOON.replace(minute=number // 2)).save()
    return [run.short_code for run in Run.objects.order_by("-created_at", "-pk")]


def test_walking_to_the_end_meets_every_run_once(many: list[str]) -> None:
    client = browser()
    page = client.get("/runs/").content.decode()
    walked = seen(page)
    while 'rel="next"' in page:
        page = follow(client, page, "next")
        walked += seen(page)
    assert walked == many


@pytest.mark.slow
def test_walking_back_shows_the_same_pages(many: list[str]) -> None:
    client = browser()
    first = client.get("/runs/").content.decode()
    second = follow(client, first, "next")
    third = follow(client, second, "next")

    assert seen(follow(client, third, "prev")) == seen(second)
    back = follow(client, follow(client, third, "prev"), "prev")
    assert seen(back) == seen(first) == many[:PAGE_SIZE]
    assert 'rel="prev"' not in back


def test_a_new_run_shifts_no_page(many: list[str]) -> None:
    client = browser()
    first = client.get("/runs/").content.decode()
    run_row(created_at=NOON.replace(hour=13)).save()
    assert seen(follow(client, first, "next")) == many[PAGE_SIZE : 2 * PAGE_SIZE]


def test_one_page_needs_no_links(make_run: MakeRun) -> None:
    make_run()
    page = browser().get("/runs/").content.decode()
    assert 'rel="' not in page.partition('<nav class="pager"')[2].partition("</nav>")[0]
    assert "1 run in total." in " ".join(page.split())


@pytest.mark.parametrize(
    "text", ["", "x", "1", "1.", ".1", "-1.1", "9" * 17 + ".1", "1.1;drop", "99999999999999999999.1"]
)
@pytest.mark.parametrize("name", ["before", "after"])
def test_a_malformed_place_is_the_beginning(make_run: MakeRun, name: str, text: str) -> None:
    run = make_run()
    response = browser().get("/runs/", {name: text})
    assert response.status_code == 200
    assert seen(response.content.decode()) == [run.short_code]


def test_a_place_beyond_the_end_says_so_and_leads_back(make_run: MakeRun) -> None:
    make_run()
    page = browser().get("/runs/", {"before": "1.1"}).content.decode()
    assert "There are no runs on this page any more." in page


def test_a_place_keeps_its_microseconds(db: None) -> None:
    run = run_row(created_at=NOON.replace(microsecond=123456))
    run.save()
    cursor = Cursor.at(run)
    assert Cursor.parse(str(cursor)) == cursor
