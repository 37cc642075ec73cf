"""The filters above the history."""

from datetime import timedelta

import pytest

from flows.models import Outcome
from tests.flows.history.conftest import NOON, MakeRun, browser


def listed(**query: str) -> set[str]:
    """Numbers of the runs that are listed."""
    rows = browser().get("/runs/", query).content.decode().split('<th scope="row" role="rowheader">')[1:]
    return {row.partition("</a>")[0].rpartition(">")[2] for row in rows}


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ({"outcome": "refused"}, {"refused"}),
        ({"flow": "basic"}, {"basic", "developer"}),
        ({"flow": "enhanced"}, {"plain", "refused", "old"}),
        ({"provider": "guest"}, {"plain", "refused", "basic", "old"}),
        ({"since": "2026-03-04"}, {"plain", "refused", "basic", "developer"}),
        ({"until": "2026-03-03"}, {"old"}),
        ({"since": "2026-03-03", "until": "2026-03-03"}, {"old"}),
        ({"outcome": "refused", "flow": "basic"}, set()),
        ({}, {"plain", "refused", "basic", "developer", "old"}),
    ],
)
def test_a_filter_leaves_what_fits(make_run: MakeRun, query: dict[str, str], fits: set[str]) -> None:
    runs = {
        "plain": make_run(),
        "refused": make_run(outcome=Outcome.REFUSED),
        "basic": make_run(flow="basic"),
        "developer": make_run(flow="developer-basic", provider="developer", access="authenticated"),
        "old": make_run(created_at=NOON - timedelta(hours=12, microseconds=1)),
    }
    assert listed(**query) == {runs[name].short_code for name in fits}


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"outcome": "splendid"}, "Outcome: Select a valid choice"),
        ({"since": "yesterday"}, "From: Enter a valid date"),
        ({"since": "2026-03-05", "until": "2026-03-04"}, "This day is before the first one"),
    ],
)
def test_a_value_that_does_not_fit_is_named_and_filters_nothing(
    make_run: MakeRun, query: dict[str, str], told: str
) -> None:
    run = make_run(created_at=NOON + timedelta(days=1))
    assert told in browser().get("/runs/", query).content.decode()
    assert listed(**query) == {run.short_code}


def test_what_was_chosen_stays_chosen_and_goes_along_to_the_next_page(make_run: MakeRun) -> None:
    for _ in range(26):
        make_run(calls=0, outcome=Outcome.REFUSED)
    page = browser().get("/runs/", {"outcome": "refused"}).content.decode()

    assert '<input type="hidden" name="outcome" value="refused" form="runs-filter">' in page
    assert 'rel="next" href="/runs/?outcome=refused&amp;before=' in page


def test_when_nothing_fits_the_way_back_is_offered(make_run: MakeRun) -> None:
    make_run()
    page = browser().get("/runs/", {"outcome": "failed"}).content.decode()
    assert "No matching runs" in page
    assert "No runs yet" not in page


def test_the_form_works_without_script(make_run: MakeRun) -> None:
    make_run()
    page = browser().get("/runs/").content.decode()
    form = page.partition('class="filters"')[2].partition("</form>")[0]
    assert 'action="/runs/"' in form
    assert '<button class="btn">Search</button>' in form
    assert "method" not in form.partition(">")[0]  # a GET form
    assert form.count("<label") == 5
