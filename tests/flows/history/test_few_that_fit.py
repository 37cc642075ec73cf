"""Where few runs fit the filters, a page looks through so many of them, says so, and the next one goes on."""

import re

import pytest
from django.test import Client

from flows.models import Run
from flows.pages.history.pagination import Cursor
from tests.flows.history.conftest import MakeRun, browser


@pytest.fixture
def rare(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A page looks through ten, and of 35 runs the thirtieth alone is of Amazon."""
    monkeypatch.setattr("flows.pages.history.pagination.LOOKED_THROUGH", 10)
    runs = [make_run(provider="amazon" if number == 30 else "guest") for number in range(1, 36)]
    return runs[29]


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def link(shown: str, words: str) -> str:
    found = re.search(rf'href="([^"]+)"[^>]*>{words}</a>', shown)
    assert found is not None, f"no link {words}"
    return found[1].replace("&amp;", "&")


def listed(shown: str) -> set[str]:
    return set(re.findall(r'<a href="/runs/[\w-]+/">(\d+)</a>', shown))


def test_looking_further_back_finds_the_one_that_fits(rare: Run) -> None:
    client = browser()
    shown, steps = page(client, "/runs/?provider=amazon"), 0
    while not listed(shown):
        assert "No matching runs so far" in shown
        shown, steps = page(client, link(shown, "Look further back")), steps + 1
    assert listed(shown) == {rare.short_code}
    assert steps == 2


def test_the_way_back_leads_through_the_same_runs(rare: Run) -> None:
    client = browser()
    shown = page(client, "/runs/?provider=amazon")
    for _ in range(3):
        shown = page(client, link(shown, "(?:Look further back|Older)"))
    assert "No matching runs" in shown
    assert "so far" not in shown, "all were looked at"

    shown = page(client, f"/runs/?provider=amazon&after={_cursor(Run.objects.order_by('pk').last())}")
    assert rare.short_code in listed(shown)


def test_no_run_is_left_out_or_shown_twice_on_the_way(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.pages.history.pagination.LOOKED_THROUGH", 7)
    runs = [make_run(provider="google" if number % 3 else "guest") for number in range(40)]
    client, address, seen = browser(), "/runs/?provider=google", []
    while address:
        shown = page(client, address)
        seen += sorted(listed(shown))
        further = re.search(r'rel="next" href="([^"]+)"', shown)
        address = further[1].replace("&amp;", "&") if further else ""
    assert sorted(seen) == sorted(run.short_code for run in runs if run.provider == "google")


def test_what_is_named_is_found_however_far_back(rare: Run) -> None:
    assert rare.short_code in listed(page(browser(), f"/runs/?provider=amazon&q=%23{rare.pk}"))


def _cursor(run: Run | None) -> str:
    assert run is not None
    return str(Cursor.at(run))
