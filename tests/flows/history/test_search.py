"""Finding a run of one's own by what is remembered of it."""

import pytest

from flows.models import Outcome
from flows.pages.history import search
from tests.flows.history.conftest import OTHER_VISITOR, MakeRun, browser
from tests.flows.history.test_filters import listed

ENDS = "us-east-1:157d6171-ee4c-c91b-8000-ba9dfdfe0aba"


@pytest.mark.parametrize(
    "term",
    [
        ENDS,
        ENDS[:40],
        "…ba9dfdfe0aba",
        "0aba",
        "BA9DFDFE0ABA",
        "labread",
        "not authorized",
        "AccessDenied",
        "ana@example",
        "google",
        "request-",
    ],
)
def test_a_run_is_found_by_what_is_remembered_of_it(make_run: MakeRun, term: str) -> None:
    run = make_run(
        identity_id=ENDS,
        role_arn="arn:aws:iam::000000000000:role/LabReader",
        error_code="AccessDenied",
        error_message="Not authorized to perform sts:AssumeRoleWithWebIdentity",
        outcome=Outcome.REFUSED,
        subject="ana@example.org",
        provider="google",
    )
    make_run()
    term = f"request-{run.pk}-2" if term == "request-" else term
    assert listed(q=term) == {run.short_code}


def test_a_run_is_found_by_its_number(make_run: MakeRun) -> None:
    runs = [make_run(subject="nobody") for _ in range(3)]
    for written in (f"{runs[1].pk:04d}", f"Run {runs[1].pk}", f"#{runs[1].pk}", runs[1].code):
        assert listed(q=written) == {runs[1].short_code}


def test_nobody_finds_runs_of_others(make_run: MakeRun) -> None:
    run = make_run(identity_id=ENDS)
    for term in (ENDS, "ba9dfdfe0aba", str(run.pk), run.code, f"request-{run.pk}-1"):
        page = browser(OTHER_VISITOR).get("/runs/", {"q": term}).content.decode()
        assert run.get_absolute_url() not in page


def test_what_names_a_run_whole_is_found_among_all(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    newer, older = make_run(subject="ana"), make_run(subject="ana", identity_id=ENDS)
    monkeypatch.setattr(search, "WORDS_IN", 1)
    assert listed(q="ana") == {newer.short_code}
    for term in (ENDS, "ba9dfdfe0aba", str(older.pk)):
        assert listed(q=term) == {older.short_code}


def test_where_not_all_are_searched_for_words_it_is_said(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        make_run(subject="ana")
    said = "Words are looked for in the newest 1 runs"
    for most, among in ((2, False), (1, True)):
        monkeypatch.setattr(search, "WORDS_IN", most)
        assert (said in browser().get("/runs/", {"q": "ana"}).content.decode()) is among
    assert said not in browser().get("/runs/").content.decode()


def test_a_search_goes_together_with_the_filters(make_run: MakeRun) -> None:
    run, other = make_run(subject="ana"), make_run(subject="ana", flow="basic")
    assert listed(q="ana", flow="enhanced") == {run.short_code}
    assert listed(q="ana", outcome="refused") == set()
    assert listed(q="ana") == {run.short_code, other.short_code}
