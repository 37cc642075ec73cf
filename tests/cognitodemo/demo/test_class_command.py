"""`manage.py class` again: the next morning, after the class was ended, and after everything was killed."""

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing

import pytest

from tests.cognitodemo.demo.classroom import Learner, Machine, at_work

pytestmark = pytest.mark.slow

SEATS = 13
CHANGING = {"Seats": "", "Ends": ""}
_SECONDS = 60  # in which every account is there again
_UNWRITTEN = 5  # seconds before the kill in which what was put into a bucket may not have been written yet


def accounts_of(room: Machine) -> dict[tuple[str, int], int]:
    """(State of an account, whether nobody is at it) -> how many there are."""
    with closing(sqlite3.connect(room.data / "app.sqlite3", timeout=30)) as database:
        query = "SELECT state, lease_until IS NULL, count(*) FROM training_sandboxaccount GROUP BY 1, 2"
        return {(state, free): count for state, free, count in database.execute(query)}


def test_a_class_that_was_killed_in_its_middle_is_whole_again(machine: Callable[..., Machine]) -> None:
    room = machine("room")
    room.start(seats=SEATS)
    told, code = dict(room.told), room.told["Code"].split()[0]
    people = [Learner(room.url, f"Learner {number}") for number in range(8)]
    buckets = {}
    for one in people:
        one.join(code)
        one.show_key()
        buckets[one] = one.client("s3", told["CLI and SDK"])
        buckets[one].create_bucket(Bucket="mine")
        one.put(buckets[one])
    people[0].solve_ready()
    late = [Learner(room.url, f"Late {number}") for number in range(SEATS - len(people) - 1)]

    def join() -> None:
        if late:
            late[-1].join(code)
            people.append(late.pop())

    writers, runners, emptied = people[:3], people[3:6], people[6]
    work = [lambda one=one: one.put(buckets[one]) for one in writers] + [one.run for one in runners]
    dying = threading.Event()
    with at_work(join, emptied.empty_account, *work, dying=dying):
        while any(len(one.objects) < 8 for one in writers) or any(len(one.runs) < 2 for one in runners):
            time.sleep(0.05)
        while ("resetting", 0) not in accounts_of(room):
            time.sleep(0.002)
        dying.set()
        room.kill()
        killed = time.monotonic()

    room.start(seats=SEATS)
    assert all(one.is_in() for one in people)  # by the cookies that they had
    for one in writers:
        found = {entry["Key"] for entry in buckets[one].list_objects_v2(Bucket="mine")["Contents"]}
        missing = one.objects.keys() - found
        assert all(one.objects[key] > killed - _UNWRITTEN for key in missing), missing
    for one in (writers[0], runners[0], emptied, people[-1]):
        assert "Succeeded" in one.get(f"/runs/{one.run()}/")  # in the own account's pool
    end = time.monotonic() + _SECONDS
    while accounts_of(room) != {("ready", 1): SEATS}:
        assert time.monotonic() < end, accounts_of(room)
        time.sleep(0.1)

    assert {**room.told, **CHANGING} == {**told, **CHANGING}
    for one in people:
        history = one.get("/runs/")
        assert all(f"/runs/{run}/" in history for run in one.runs)
    assert "<b>Solved.</b>" in people[0].get("/exercises/ready/")
    assert "lab.request" not in room.log.read_text(), "what was told stays on the trainer's screen"
    emptied.show_key()
    assert "mine" not in str(emptied.client("s3", told["CLI and SDK"]).list_buckets()["Buckets"])
    Learner(room.url, "Somebody new").join(code)


def test_a_class_of_the_evening_before_goes_on_in_the_morning_and_one_that_was_ended_is_followed_by_a_new_one(
    machine: Callable[..., Machine],
) -> None:
    room = machine("room")
    room.start()
    evening, anna = dict(room.told), Learner(room.url, "Anna")
    anna.join(evening["Code"].split()[0])
    room.kill()
    with closing(sqlite3.connect(room.data / "app.sqlite3")) as database, database:
        past = "starts_at = datetime('now', '-12 hours'), ends_at = datetime('now', '-2 hours')"
        database.execute(f"UPDATE training_cohort SET {past}")

    room.start()
    assert room.told["Seats"] == "1 of 3 taken"
    assert {**room.told, **CHANGING} == {**evening, **CHANGING}
    assert "had ended by itself; it goes on." in room.output
    assert anna.is_in()
    Learner(room.url, "Bo").join(evening["Code"].split()[0])

    class_page = f"/class/{evening['The class'].rstrip('/').rpartition('/')[2]}/"
    room.trainer().post(f"{class_page}act/", class_page, do="end")
    room.kill()
    room.start()
    assert "was ended by a trainer, so this is a new class of that name." in room.output
    assert evening["The class"] in room.output
    assert room.told["Code"] != evening["Code"]
