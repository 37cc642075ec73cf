"""A class that works by CLI and SDK moves on its board, while somebody looks at it, and nobody presses anything."""

import threading
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from accounts.owners import Owner
from flows.exchange.pools import pool_for
from flows.exchange.sandbox_requests import NotDone
from flows.models import Run
from flows.services import run_all, run_open
from sandbox.testing import RunningSandbox
from tests.training.rows import a_class, client_of, learners_of
from training.models import Attempt, AttemptState, CheckResult, Cohort, Membership
from training.services import following
from training.services.attempts import attempt_begin, entry_for, place_of
from training.services.board import board_of, with_room
from training.services.checking import attempt_check
from training.services.classes import cohort_end
from training.services.following import follow

SLUG = "guest-in-two-calls"


@pytest.fixture
def cohort(sandbox: RunningSandbox, transactional_db: None) -> Cohort:
    cache.clear()
    cohort = a_class(User.objects.create_user("tora"), learners=2)
    Attempt.objects.all().delete()
    cohort.assignments.filter(position=0).update(exercise=SLUG)
    return cohort


@pytest.fixture
def ana(cohort: Cohort) -> Attempt:
    return begin(learners_of(cohort)[0])


def begin(member: Membership) -> Attempt:
    place = place_of(Owner(member.user_id, uuid4()))
    entry = entry_for(place, SLUG)
    assert entry is not None
    return attempt_begin(place=place, entry=entry)


def by_sdk(sandbox: RunningSandbox, attempt: Attempt) -> None:
    guest = sandbox.anonymous("cognito-identity")
    identity = guest.get_id(IdentityPoolId=attempt.facts["pool_id"])["IdentityId"]
    keys = guest.get_credentials_for_identity(IdentityId=identity)["Credentials"]
    sts = sandbox.client(
        "sts", access_key=keys["AccessKeyId"], secret_key=keys["SecretKey"], token=keys["SessionToken"]
    )
    sts.get_caller_identity()


def cell(cohort: Cohort, attempt: Attempt) -> str:
    board = board_of(with_room(Cohort.objects.filter(pk=cohort.pk)).get())
    row = next(row for row in board.rows if row.member.pk == attempt.membership_id)
    return row.cells[0].word


def test_a_cell_moves_by_what_was_done_by_sdk(sandbox: RunningSandbox, cohort: Cohort, ana: Attempt) -> None:
    bo = begin(learners_of(cohort)[1])
    follow(cohort.pk)
    before = cell(cohort, ana)
    by_sdk(sandbox, ana)
    sandbox.requests.clear()
    follow(cohort.pk)
    assert cell(cohort, ana) != before
    assert cell(cohort, bo) == before
    assert Run.objects.get().user == ana.user
    read = [request.query_string for request in sandbox.requests if request.raw_path == "/_sandbox/calls"]
    assert len(read) == 1
    assert ana.account is not None
    assert f"account={ana.account.account_id}" in read[0]

    version = Cohort.objects.get(pk=cohort.pk).version
    sandbox.requests.clear()
    follow(cohort.pk)
    assert [request.raw_path for request in sandbox.requests] == ["/_sandbox/calls/accounts"]
    assert Cohort.objects.get(pk=cohort.pk).version == version, "boards are told of nothing"


def test_what_the_application_does_itself_makes_nothing_to_read(
    sandbox: RunningSandbox, cohort: Cohort, ana: Attempt
) -> None:
    owner = ana.owner
    run_all(
        run=run_open(
            owner=owner, access="guest", flow="enhanced", provider="guest", pool=pool_for(owner, SLUG), parameters={}
        )
    )
    before = cell(cohort, ana)
    sandbox.requests.clear()
    follow(cohort.pk)
    assert [request.raw_path for request in sandbox.requests] == ["/_sandbox/calls/accounts"]
    assert cell(cohort, ana) != before, "a run in the browser moves the cell as well"


def test_nobody_misses_what_was_not_asked_for(sandbox: RunningSandbox, cohort: Cohort, ana: Attempt) -> None:
    by_sdk(sandbox, ana)
    follow(cohort.pk)
    results = CheckResult.objects.filter(attempt=ana)
    assert results
    assert all(results.values_list("done", flat=True))
    ana.refresh_from_db()
    assert ana.checks_passed == len(results)
    attempt_check(attempt=ana)
    assert results.filter(done=False).exists()


def test_a_solved_exercise_is_not_unsolved_by_whoever_read_it_before(
    sandbox: RunningSandbox, cohort: Cohort, ana: Attempt
) -> None:
    by_sdk(sandbox, ana)
    follow(cohort.pk)
    behind = Attempt.objects.get(pk=ana.pk)
    Attempt.objects.filter(pk=ana.pk).update(state=AttemptState.SOLVED)
    attempt_check(attempt=behind)
    assert Attempt.objects.get(pk=ana.pk).state == AttemptState.SOLVED
    assert behind.state == AttemptState.SOLVED


@pytest.mark.slow
def test_accounts_that_have_to_wait_are_read_next_time(
    sandbox: RunningSandbox, cohort: Cohort, ana: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    bo = begin(learners_of(cohort)[1])
    monkeypatch.setattr(following, "_MOST_ACCOUNTS", 1)
    by_sdk(sandbox, ana)
    by_sdk(sandbox, bo)
    follow(cohort.pk)
    assert Run.objects.count() == 1
    follow(cohort.pk)
    assert set(Run.objects.values_list("user", flat=True)) == {ana.user_id, bo.user_id}


@pytest.mark.slow
def test_a_sandbox_that_does_not_answer_is_said(cohort: Cohort, settings: Settings) -> None:
    settings.AWS_ENDPOINT = "http://127.0.0.1:9"
    with pytest.raises(NotDone):
        follow(cohort.pk)


@pytest.mark.slow
def test_a_board_that_asks_has_its_class_followed(sandbox: RunningSandbox, cohort: Cohort, ana: Attempt) -> None:
    by_sdk(sandbox, ana)
    # A database in memory, as tests have it, does not let one thread read what another is writing: one after the other.
    page_is_there = threading.Event()
    following._executor().submit(page_is_there.wait)
    client_of(User.objects.get(username="tora")).get(f"/class/{cohort.public_id}/board/")
    page_is_there.set()
    following._executor().submit(int).result(timeout=30)
    assert Run.objects.count() == 1


@pytest.mark.slow
def test_an_exercise_of_a_class_that_has_ended_is_for_reading(cohort: Cohort, ana: Attempt) -> None:
    cohort_end(cohort)
    assert ana.membership is not None
    browser = client_of(ana.membership.user)
    for what in ("hint", "check", "answer", "set_back"):
        page = browser.post(reverse(f"training:exercise_{what}", args=[SLUG]), follow=True).content.decode()
        assert "This class has ended" in page
    assert "Show hint" not in page
    assert "Set the environment back" not in page
    ana.refresh_from_db()
    assert (ana.hints_used, ana.checked_at) == (0, None)
