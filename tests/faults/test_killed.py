"""`kill -9` in the middle of a class at work: nothing that was answered is lost, and all goes on by itself."""

import json
import os
import signal
import time

import pytest

from sandbox.controls.client import ask_switch
from tests.faults.people import Class, Worker, lost
from tests.faults.site import BACK, Postgres, Site, kill

pytestmark = pytest.mark.slow


def test_a_worker_that_is_killed_is_replaced_and_leaves_no_run_behind(site: Site) -> None:
    room = Class(site)
    with room.at_work():
        assert site.sandbox is not None
        os.killpg(site.sandbox.pid, signal.SIGSTOP)  # so that each has a call under way
        time.sleep(0.5)
        mark, before = site.mark(), site.workers()
        os.kill(before[0], signal.SIGKILL)
        moment = time.monotonic()
        os.killpg(site.sandbox.pid, signal.SIGCONT)
        site.wait_until(lambda: room.all_succeed_since(moment), BACK)
    site.wait_until(lambda: len(site.workers()) == len(before), BACK)
    answered = room.told()
    assert {told.status for told in answered} <= {200, 0}
    assert lost(answered, site) == []
    outcomes = [outcome for outcome, _ in site.runs().values()]
    # Interrupted by whoever took the worker's place, if it had a run under way.
    assert set(outcomes) - {"interrupted"} == {"succeeded"}, outcomes
    assert [line for line in site.troubles(mark) if "Unexpected exit from worker" not in line] == []
    assert len(site.troubles(mark)) == 1


def test_a_sandbox_that_is_killed_fails_runs_with_the_reason_and_says_so_once(site: Site) -> None:
    room = Class(site)
    with room.at_work():
        mark, moment = site.mark(), time.monotonic()
        kill(site.sandbox)
        site.wait_until(lambda: any("does not answer" in line for line in site.troubles(mark)), BACK)
        time.sleep(1)
        site.start_sandbox()
        again = time.monotonic()
        site.wait_until(lambda: room.all_succeed_since(again), BACK)
    answered = room.told(moment)
    failed = [told for told in answered if not told.succeeded]
    assert failed
    assert {told.status for told in answered} <= {200, 503}
    assert all(any(word in told.page for word in _OF_THE_SANDBOX) for told in failed)
    assert lost(room.told(), site) == []
    assert {outcome for outcome, _ in site.runs().values()} == {"succeeded", "failed"}
    said = [line for line in site.troubles(mark) if "Ctrl-C stops it" not in line]
    assert all(f"The sandbox at {site.sandbox_url}" in line for line in said), said
    assert len([line for line in said if "does not answer" in line]) <= len(site.workers()), said


_OF_THE_SANDBOX = ("Could not connect to the endpoint URL", "The sandbox does not answer", "Connection was closed")


def test_a_database_that_is_killed_answers_with_a_page_that_waits(site: Site, postgres: Postgres) -> None:
    room = Class(site)
    with room.at_work():
        mark, moment = site.mark(), time.monotonic()
        postgres.kill()
        time.sleep(1)
        postgres.start_again()
        again = time.monotonic()
        site.wait_until(lambda: room.all_succeed_since(again), BACK)
    refused = [told for told in room.told(moment) if told.status != 200]
    assert {told.status for told in refused} == {503}
    assert all("The database does not answer." in told.page for told in refused)
    assert lost(room.told(), site) == []
    for one in room.people:
        assert "Running" not in one.get("/runs/")
    said = site.troubles(mark)
    assert all(line.startswith(("The database does not answer.", "The database answers again.")) for line in said), said
    assert len(said) <= 2 * len(site.workers()), said
    assert site.ready()


def _replace(room: Class, site: Site, before: list[int]) -> None:
    """Have the server put new workers in the place of these, and wait until everybody has had answers of them."""
    assert site.web is not None
    os.kill(site.web.pid, signal.SIGHUP)
    site.wait_until(lambda: len(site.workers()) == len(before) and not set(site.workers()) & set(before))
    moment = time.monotonic()
    site.wait_until(lambda: room.all_succeed_since(moment), BACK)


def test_workers_that_are_replaced_one_after_another_are_not_noticed(site: Site) -> None:
    room = Class(site)
    with room.at_work():
        mark, before = site.mark(), site.workers()
        _replace(room, site, before)
    answered = room.told()
    assert all(told.succeeded for told in answered), [told for told in answered if not told.succeeded][:3]
    assert lost(answered, site) == []
    assert site.troubles(mark) == []


def test_runs_that_are_under_way_in_each_worker_end_before_it_is_replaced(site: Site) -> None:
    room = Class(site, people=6)
    for one in room.people:
        hold_up(one, site, seconds=1.0)
        one.session.headers["Connection"] = "close"  # else all of them may have come to the same worker, and stay there
    with room.at_work():
        mark, before = site.mark(), site.workers()
        site.wait_until(lambda: set(before) <= site.at_work())
        _replace(room, site, before)
    answered = room.told()
    assert all(told.succeeded for told in answered), [told for told in answered if not told.succeeded][:3]
    assert lost(answered, site) == []
    assert {outcome for outcome, _ in site.runs().values()} == {"succeeded"}
    assert site.troubles(mark) == []


def hold_up(one: Worker, site: Site, seconds: float) -> None:
    """Each call of theirs is answered so much later: a run takes two of them, and is under way most of the time."""
    fault = json.dumps({"delay": seconds}).encode()
    keys = (one.account, one.show_key())
    ask_switch(site.sandbox_url, "POST", "faults", fault, keys=keys, region="us-east-1", seconds=30)
