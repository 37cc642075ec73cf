"""Which exercises a class has: by preset, or one by one and in an order of its own, from the beginning and later."""

import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from tests.training.rows import a_class, client_of, learners_of
from training.models import Assignment, Attempt, Cohort
from training.services.presets import minutes_of

pytestmark = pytest.mark.django_db

PLACES = {"exercises-place-two-doors": "1", "exercises-place-ready": "3", "exercises-place-which-pool": "2"}


@pytest.fixture
def trainer() -> User:
    return User.objects.create_user("tora", is_staff=True)


@pytest.fixture
def client(trainer: User) -> Client:
    return client_of(trainer)


def said(**more: Any) -> dict[str, Any]:
    about = {"name": "Oslo", "seats": 2, "names": "nickname", "hints": "free", "hint_minutes": 5, "retention_days": 30}
    return {**about, "hours": 8, **more}


def exercises_of(cohort: Cohort) -> list[str]:
    return [row.exercise for row in cohort.assignments.order_by("position", "pk")]


def test_exercises_are_chosen_one_by_one_and_their_order_is_kept(client: Client) -> None:
    chosen = ["ready", "two-doors", "which-pool"]
    client.post("/class/new/", said(preset="single", exercises=chosen, **PLACES))
    cohort = Cohort.objects.get()
    assert exercises_of(cohort) == ["two-doors", "which-pool", "ready"]
    assert cohort.preset == ""
    assert all(cohort.assignments.values_list("digest", flat=True))
    page = client.get(cohort.get_absolute_url()).content.decode()
    assert f"3 exercises, {minutes_of(chosen)} minutes." in page


def test_ticks_do_not_count_beside_a_preset_and_are_asked_for_without_one(client: Client) -> None:
    client.post("/class/new/", said(preset="security", exercises=["two-doors"]))
    assert Cohort.objects.get().preset == "security"
    assert "two-doors" not in exercises_of(Cohort.objects.get())
    for wrong in ({}, {"exercises": ["no-such"]}):
        answer = client.post("/class/new/", said(preset="single", **wrong))
        assert answer.status_code == 400
    assert "There is no exercise no-such." in answer.content.decode()
    assert Cohort.objects.count() == 1


def test_a_running_class_gets_others_and_what_was_done_comes_back_with_them(client: Client, trainer: User) -> None:
    cohort = a_class(trainer)
    attempt = Attempt.objects.filter(membership=learners_of(cohort)[0]).get()
    locked = cohort.assignments.get(exercise="exercise-2")
    Assignment.objects.filter(pk=locked.pk).update(state="locked")
    board = client.get(f"/class/{cohort.public_id}/board/").content.decode()
    (since,) = re.findall(r'id="board-since" name="since" value="([^"]+)"', board)
    settings = f"/class/{cohort.public_id}/settings/"
    page = client.get(settings).content.decode()
    assert page.count("is not there any more") == 3
    assert re.findall(r'value="([\w-]+)"[^>]+checked', page)[:3] == ["exercise-0", "exercise-1", "exercise-2"]

    about = said(seats=3, exercises=["exercise-2", "ready"], **{"exercises-place-ready": 1})
    assert client.post(settings, about).status_code == 302
    assert exercises_of(cohort) == ["ready", "exercise-2"]
    assert cohort.assignments.get(exercise="exercise-2").state == "locked"
    changes = client.get(f"/class/{cohort.public_id}/board/changes/", {"since": since}).content.decode()
    assert "The exercises were changed: refresh" in changes
    attempt.refresh_from_db()
    assert attempt.assignment is None
    Assignment.objects.filter(exercise="exercise-2").update(exercise="exercise-0")
    Attempt.objects.filter(pk=attempt.pk).update(exercise="which-pool")
    client.post(settings, said(seats=3, exercises=["ready", "which-pool"]))
    attempt.refresh_from_db()
    assert attempt.assignment == cohort.assignments.get(exercise="which-pool")


def test_the_command_says_which_exercise_there_is_not() -> None:
    with pytest.raises(CommandError, match="There is no exercise nothing"):
        call_command("class", "Oslo", "--exercises", "ready,nothing")
    with pytest.raises(CommandError, match="Choose at least one"):
        call_command("class", "Oslo", "--exercises", ",")
