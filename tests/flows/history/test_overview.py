"""What stands above the list: outcomes with how many there are, unfinished runs, charts."""

import re
from datetime import timedelta

from flows.models import ApiCall, Outcome
from flows.pages.charts import charts, newest
from tests.flows.history.conftest import NOON, MakeRun, browser
from tests.flows.history.test_filters import listed


def chips(**query: str) -> dict[str, int]:
    page = browser().get("/runs/", query).content.decode()
    found = re.findall(r">\s*([A-Z][a-z]+) <span class=\"num\">(\d+)</span>", page.partition('class="chips"')[2])
    return {label: int(count) for label, count in found}


def test_outcomes_are_counted_and_lead_to_their_runs(make_run: MakeRun) -> None:
    refused = [make_run(outcome=Outcome.REFUSED), make_run(outcome=Outcome.REFUSED, flow="basic")]
    make_run()
    make_run(outcome=Outcome.OPEN)
    assert chips() == {"All": 3, "Succeeded": 1, "Refused": 2, "Unfinished": 1}
    assert chips(flow="basic", outcome="refused") == {"All": 1, "Refused": 1}
    assert listed(outcome="refused") == {run.short_code for run in refused}


def test_unfinished_runs_are_folded_above_the_others(make_run: MakeRun) -> None:
    waiting, over = make_run(outcome=Outcome.OPEN), make_run()
    page = browser().get("/runs/").content.decode()
    fold = page.partition('class="more unfinished"')[2].partition("</details>")[0]
    assert waiting.get_absolute_url() in fold
    assert over.get_absolute_url() not in fold
    assert page.count(f'href="{waiting.get_absolute_url()}"') == 1
    assert listed(outcome="unfinished") == {waiting.short_code}


def test_a_browser_with_nothing_but_unfinished_runs_sees_them(make_run: MakeRun) -> None:
    waiting = make_run(outcome=Outcome.OPEN)
    page = browser().get("/runs/").content.decode()
    assert waiting.get_absolute_url() in page
    assert "No runs yet" not in page


def test_few_runs_are_not_drawn_and_more_are(make_run: MakeRun) -> None:
    for _ in range(4):
        make_run(outcome=Outcome.REFUSED, error_code="NotAuthorizedException", error_message="Guests may not. At all.")
    assert 'class="charts"' not in browser().get("/runs/").content.decode()
    make_run()
    page = browser().get("/runs/").content.decode()
    assert "NotAuthorizedException: Guests may not: 4" in " ".join(page.split())


def test_charts_say_how_many_when_and_how_long(make_run: MakeRun) -> None:
    arn = "User: arn:aws:sts::000000000000:assumed-role/Lab/x is not authorized"
    runs = [
        make_run(created_at=NOON),
        make_run(created_at=NOON, outcome=Outcome.REFUSED, error_code="AccessDenied", error_message=arn),
        make_run(created_at=NOON - timedelta(days=9), outcome=Outcome.INTERRUPTED),
        make_run(created_at=NOON, outcome=Outcome.OPEN),
    ]
    for position, duration in enumerate((10.0, 20.0, 90.0), 3):
        ApiCall.objects.create(
            run=runs[0], position=position, operation="GetId", signed=False, state="answered", duration_ms=duration
        )
    drawn = charts(newest(type(runs[0]).objects.all()))
    assert drawn
    assert drawn.over_time.step == "12 hours"
    assert [bar.title for bar in drawn.over_time.bars] == [
        "2026-02-23 12:00: 1 failed",
        "2026-03-04 12:00: 1 succeeded, 1 refused",
    ]
    assert [(kind.label, kind.count) for kind in drawn.over_time.kinds] == [
        ("Succeeded", 1),
        ("Refused", 1),
        ("Failed", 1),
    ]
    assert [(line.label, line.value) for line in drawn.reasons.lines] == [("AccessDenied", "1")]
    assert [line.title for line in drawn.times.lines] == ["GetId: median 20 ms, 95th percentile 90 ms, 3 calls"]


def test_nothing_that_has_ended_is_nothing_to_draw(make_run: MakeRun) -> None:
    run = make_run(outcome=Outcome.OPEN)
    assert charts(newest(type(run).objects.all())) is None


def test_two_runs_can_be_ticked_and_compared(make_run: MakeRun) -> None:
    runs = [make_run(), make_run(flow="basic")]
    page = browser().get("/runs/").content.decode()
    assert '<form class="compare-two" id="compare-two" action="/compare/">' in page
    for run in runs:
        assert f'name="run" value="{run.code}" form="compare-two"' in page
    assert browser().get("/compare/", {"run": [run.code for run in runs]}).status_code == 200
