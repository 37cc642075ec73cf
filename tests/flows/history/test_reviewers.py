"""People with the permission to review read everybody's runs."""

import pytest

from accounts.models import User
from tests.flows.history.conftest import OTHER_VISITOR, MakeRun, browser


def test_a_reviewer_begins_with_runs_of_their_own(make_run: MakeRun, reviewer: User) -> None:
    other = make_run()
    mine = make_run(user=reviewer, visitor=None)
    page = browser(OTHER_VISITOR, reviewer).get("/runs/").content.decode()
    assert mine.get_absolute_url() in page
    assert other.get_absolute_url() not in page


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ({"scope": "everybody"}, {"ana's", "visitor's"}),
        ({"scope": "visitors"}, {"visitor's"}),
        ({"owner": "ana"}, {"ana's"}),
        ({"owner": " ANA "}, {"ana's"}),
    ],
)
def test_a_reviewer_reads_everybodys(
    make_run: MakeRun, ana: User, reviewer: User, query: dict[str, str], fits: set[str]
) -> None:
    runs = {"ana's": make_run(user=ana, visitor=None), "visitor's": make_run()}
    page = browser(OTHER_VISITOR, reviewer).get("/runs/", query).content.decode()

    for name, run in runs.items():
        assert (run.get_absolute_url() in page) == (name in fits)
    assert '<th scope="col" role="columnheader">Owner</th>' in page


def test_a_name_that_nobody_has_is_said(make_run: MakeRun, reviewer: User) -> None:
    make_run()
    page = browser(OTHER_VISITOR, reviewer).get("/runs/", {"owner": "nobody"}).content.decode()
    assert "There is no account with this name." in page


@pytest.mark.parametrize("query", [{"scope": "everybody"}, {"owner": "rita"}])
def test_without_the_permission_there_is_no_such_choice(
    make_run: MakeRun, ana: User, reviewer: User, query: dict[str, str]
) -> None:
    make_run(user=reviewer, visitor=None)
    page = browser(user=ana).get("/runs/", query).content.decode()
    assert "No runs yet" in page or "No matching runs" in page
    assert 'name="scope"' not in page


def test_a_reviewer_opens_a_run_and_does_not_delete_it(make_run: MakeRun, reviewer: User) -> None:
    run = make_run()
    client = browser(OTHER_VISITOR, reviewer)
    assert client.get(run.get_absolute_url()).status_code == 200
    assert client.post(f"{run.get_absolute_url()}delete/").status_code == 404
