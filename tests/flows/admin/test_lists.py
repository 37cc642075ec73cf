"""Finding a run among many."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from flows.models import ApiCall, Outcome, Run
from tests.flows.admin.conftest import MakeRun, client_of, today

NOON, HOUR = datetime(2026, 3, 4, 12, tzinfo=UTC), timedelta(hours=1)
RUNS, CALLS = "/admin/flows/run/", "/admin/flows/apicall/"


@pytest.fixture
def root(admin_user: User) -> Client:
    return client_of(admin_user)


def listed(client: Client, path: str, **query: str) -> set[int]:
    response = client.get(path, query)
    assert response.status_code == 200, query
    return {row.pk for row in response.context["cl"].result_list}


def test_a_run_is_found_by_whatever_names_it(root: Client, make_run: MakeRun) -> None:
    run, other = make_run(identity_id="us-east-1:aaaaaaaa-1"), make_run(identity_id="us-east-1:bbbbbbbb-2")
    call = run.calls.first()
    assert call

    for term in (run.identity_id, "us-east-1:aaaaaaaa…", "aaaaaaaa-1", call.request_id, run.code, f"  {run.code} "):
        assert listed(root, RUNS, q=term) == {run.pk}
    assert listed(root, RUNS, q="nothing") == set()
    assert listed(root, RUNS, q="") == {run.pk, other.pk}


def test_a_row_leads_to_its_run_and_from_there_back_to_the_same_list(root: Client, make_run: MakeRun) -> None:
    run = make_run(outcome=Outcome.REFUSED)
    page = root.get(RUNS, {"outcome__exact": "refused"}).content.decode()
    (address,) = re.findall(rf'href="({RUNS}{run.pk}/change/[^"]*)"', page)
    saved = root.post(html.unescape(address), {"review_note": "Seen"})
    assert saved["Location"] == f"{RUNS}?outcome__exact=refused"
    plain = root.get(RUNS).content.decode()
    assert set(re.findall(rf'href="({RUNS}{run.pk}/change/[^"]*)"', plain)) == {f"{RUNS}{run.pk}/change/"}


def test_a_row_is_chosen_by_a_box_that_says_which_one_it_is(root: Client, make_run: MakeRun) -> None:
    run, _ = make_run(), make_run()
    page = root.get(RUNS).content.decode()
    box = f'name="_selected_action" value="{run.pk}" class="action-select"'
    assert f'<input type="checkbox" {box} aria-label="Select this object for an action - Run {run.short_code}">' in page
    root.post(RUNS, {"action": "mark_reviewed", "_selected_action": [run.pk]})
    assert set(Run.objects.exclude(reviewed_at=None)) == {run}


def test_a_call_is_found_by_its_request_id_and_by_its_run(root: Client, make_run: MakeRun) -> None:
    run = make_run(identity_id="us-east-1:aaaaaaaa-1")
    make_run()
    first, second = run.calls.all()

    assert listed(root, CALLS, q=second.request_id) == {second.pk}
    assert listed(root, CALLS, q=run.code) == {first.pk, second.pk}
    assert listed(root, CALLS, q=run.identity_id) == {first.pk, second.pk}


@pytest.mark.parametrize(
    "query",
    [
        {"outcome__exact": "refused"},
        {"provider": "guest", "outcome__exact": "refused"},
        {"flow": "basic"},
        {"mode": "aws"},
        {"reviewed": "yes"},
        {"pool": "us-east-1:elsewhere"},
        {"role": "LabReader"},
        {"person": "ana"},
        {"q": "ana", "reviewed": "yes"},
    ],
)
def test_a_filter_leaves_what_fits(root: Client, make_run: MakeRun, admin_user: User, query: dict[str, str]) -> None:
    make_run()
    ana = User.objects.create_user("ana")
    run = make_run(
        outcome=Outcome.REFUSED,
        flow="basic",
        mode="aws",
        reviewed_at="2026-01-01T00:00:00Z",
        reviewed_by=admin_user,
        pool_id="us-east-1:elsewhere",
        role_arn="arn:aws:iam::000000000000:role/team/LabReader",
        user=ana,
        visitor=None,
        created_at="2025-05-05T00:00:00Z",
    )
    wanted = {name: str(ana.pk) if value == "ana" and name == "person" else value for name, value in query.items()}
    assert listed(root, RUNS, **wanted) == {run.pk}


def test_filters_offer_what_there_is_and_take_more(root: Client, make_run: MakeRun) -> None:
    run = make_run(created_at=today())
    make_run()
    page = root.get(RUNS).content.decode()
    assert "?role=LabGuest" in page
    assert "(no account)" in page
    assert listed(root, RUNS, when="today") == {run.pk}
    assert listed(root, RUNS, person="x") == listed(root, RUNS, role="Gone") == set()
    assert "Gone" in root.get(RUNS, {"role": "Gone"}).content.decode()


@pytest.mark.parametrize("path", [RUNS, CALLS])
def test_more_rows_take_no_more_queries(root: Client, make_run: MakeRun, admin_user: User, path: str) -> None:
    make_run(user=admin_user, visitor=None)
    few = _queries(root, path)
    for _ in range(20):
        make_run(user=User.objects.create_user(f"user-{Run.objects.count()}"), visitor=None)
    assert _queries(root, path) == few


def test_more_calls_take_no_more_queries(root: Client, make_run: MakeRun) -> None:
    one, many = make_run(calls=1), make_run(calls=30)
    _queries(root, f"{RUNS}{one.pk}/change/")  # the first page also reads content types, which are then kept
    counts = {_queries(root, f"{RUNS}{run.pk}/change/") for run in (one, many)}
    assert len(counts) == 1


@pytest.mark.parametrize("path", [RUNS, CALLS])
def test_no_list_counts_without_an_end_or_reads_the_bodies(root: Client, make_run: MakeRun, path: str) -> None:
    make_run()
    with CaptureQueriesContext(connection) as context:
        root.get(path)
    statements = [query["sql"] for query in context]
    assert all("LIMIT" in sql for sql in statements if "COUNT(" in sql)
    assert not any('"flows_apicall"."response_body"' in sql for sql in statements)


def _queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as context:
        assert client.get(path).status_code == 200
    return len(context)


def test_calls_are_read_newest_first(root: Client, make_run: MakeRun) -> None:
    make_run()
    keys = [call.pk for call in root.get(CALLS).context["cl"].result_list]
    assert keys == sorted(ApiCall.objects.values_list("pk", flat=True), reverse=True)


def test_times_are_written_as_everywhere_else(root: Client, make_run: MakeRun) -> None:
    run = make_run(created_at="2025-05-05T13:07:09Z")
    for path in (RUNS, f"{RUNS}{run.pk}/change/"):
        assert "2025-05-05 13:07:09" in root.get(path).content.decode(), path


def test_a_filter_looks_through_the_newest_runs_and_a_link_leads_further_back(
    root: Client, make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.admin_lists.LOOKED_THROUGH", 3)
    old, *_ = [make_run(provider="amazon" if age == 0 else "guest", created_at=NOON + age * HOUR) for age in range(6)]

    path, steps = f"{RUNS}?provider=amazon", 0
    while not listed(root, path):
        shown = root.get(path).content.decode()
        assert "The newest 3 were looked through." in shown
        path = RUNS + re.findall(r'href="([^"]+)">look further back', shown)[0].replace("&amp;", "&")
        steps += 1
    assert listed(root, path) == {old.pk}
    assert steps == 2
    assert "look further back" not in root.get(path).content.decode()
    assert listed(root, RUNS, q=f"#{old.pk}") == {old.pk}, "what is named is found among all"
    assert "looked through" not in root.get(RUNS).content.decode()


def test_a_time_to_look_back_from_that_is_none_is_passed_over(root: Client, make_run: MakeRun) -> None:
    run = make_run()
    for when in ("yesterday", "2026-13-01", "0001-01-01T00:00:00+23:00"):
        assert root.get(RUNS, {"when": when}).status_code in (200, 302), when
    assert listed(root, RUNS, when="yesterday") == {run.pk}
