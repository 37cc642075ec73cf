"""A link to one run."""

import logging
import re

import pytest
from django.test import Client

from accounts.models import User
from flows.models import Note, Run, RunShare
from tests.flows.history.conftest import OTHER_VISITOR, MakeRun, ana, browser, make_run, reviewer
from web.logs import JsonFormatter

__all__ = ["ana", "make_run", "reviewer"]


@pytest.fixture
def run(make_run: MakeRun, ana: User) -> Run:
    return make_run(user=ana, visitor=None)


def share(client: Client, run: Run) -> str:
    """The path of a link that was just made."""
    page = client.post(f"{run.get_absolute_url()}share/").content.decode()
    (link,) = re.findall(r'id="share-link">http://testserver(/shared/[^<]+)<', page)
    return str(link)


def test_whoever_has_the_link_reads_the_run_and_its_trace(run: Run, ana: User, reviewer: User) -> None:
    Note.objects.create(run=run, author=reviewer, text="Only for Ana.")
    path = share(browser(user=ana), run)
    answer = Client().get(path)
    page = answer.content.decode()
    assert (answer.status_code, answer["Referrer-Policy"]) == (200, "no-referrer")
    assert "GetId" in page
    assert run.code not in page
    assert "Only for Ana." not in page
    assert Client().get(f"{path}export.json").json()["run"] == run.short_code


def test_it_gives_no_right_to_anything_else(run: Run, ana: User) -> None:
    share(browser(user=ana), run)
    stranger = browser(OTHER_VISITOR)
    for path in ("", "calls/", "export.json"):
        assert stranger.get(f"{run.get_absolute_url()}{path}").status_code == 404
    for path in ("share/", "unshare/", "use/", "reveal/", "notes/", "delete/"):
        assert stranger.post(f"{run.get_absolute_url()}{path}").status_code == 404


def test_a_link_dies_by_a_new_one_by_revoking_it_and_with_the_run(run: Run, ana: User) -> None:
    owner = browser(user=ana)
    first = share(owner, run)
    second = share(owner, run)
    assert [Client().get(path).status_code for path in (first, second)] == [404, 200]
    owner.post(f"{run.get_absolute_url()}unshare/")
    assert Client().get(second).status_code == 404
    third = share(owner, run)
    owner.post(f"{run.get_absolute_url()}delete/")
    assert Client().get(third).status_code == 404


def test_what_the_link_ends_with_is_kept_nowhere_and_stays_out_of_logs(
    run: Run, ana: User, caplog: pytest.LogCaptureFixture
) -> None:
    path = share(browser(user=ana), run)
    token = path.split("/")[2]
    assert token not in RunShare.objects.get().digest
    with caplog.at_level(logging.INFO, "lab.request"):
        Client().get(path)
        Client().get(f"{path}export.json")
    lines = [JsonFormatter().format(record) for record in caplog.records if "GET" in record.getMessage()]
    assert len(lines) == 2
    assert all(token not in line and "/shared/…" in line for line in lines)


def test_whoever_has_the_link_compares_the_run_with_one_of_their_own(run: Run, ana: User, make_run: MakeRun) -> None:
    path = share(browser(user=ana), run)
    token = path.split("/")[2]
    stranger, own = browser(OTHER_VISITOR), make_run(visitor=OTHER_VISITOR)
    choice = stranger.get("/compare/", {"shared": token}).content.decode()
    assert f'value="{own.code}"' in choice
    pasted = stranger.get("/compare/", {"a": own.code, "shared": f"https://lab.example{path}?call=1"})
    assert pasted["Location"] == f"/compare/?a={own.code}&shared={token}"
    answer = stranger.get(pasted["Location"])
    page = answer.content.decode()
    assert (answer.status_code, answer["Referrer-Policy"]) == (200, "no-referrer")
    assert f'href="/shared/{token}/"' in page
    assert run.code not in page


def test_a_comparison_by_link_needs_the_right_link_and_ones_own_run(run: Run, ana: User, make_run: MakeRun) -> None:
    token = share(browser(user=ana), run).split("/")[2]
    stranger, own = browser(OTHER_VISITOR), make_run(visitor=OTHER_VISITOR)
    assert stranger.get("/compare/", {"a": own.code, "shared": "x" * 24}).status_code == 404
    assert stranger.get("/compare/", {"a": run.code, "shared": token}).status_code == 404
    assert "not the link of a shared run" in stranger.get("/compare/", {"a": own.code, "shared": "no"}).content.decode()
    browser(user=ana).post(f"{run.get_absolute_url()}unshare/")
    assert stranger.get("/compare/", {"a": own.code, "shared": token}).status_code == 404
