"""What people of a class, and files from elsewhere, may make the site do: so much, and no more."""

import json
from contextlib import suppress
from datetime import timedelta
from pathlib import Path as File
from time import thread_time
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.owners import Owner
from flows.pages.send.members import UnusableValue, members_of, parameters_of
from tests.attacks.test_across_a_class import KNOWN, NUMBERED, patterns
from tests.training.rows import a_class, client_of, learners_of
from training.exercises import catalogue
from training.exercises.catalogue import OWN, read_folder
from training.exercises.format import BadExercise
from training.exercises.paths import BadPath, Path
from training.models import Attempt, HelpRequest, QuestionAnswer, Role
from training.services import class_file, classes, room
from training.services.errors import Refused
from training.services.own_accounts import active_membership


@pytest.fixture
def trainer(db: None) -> User:
    return User.objects.create_user("tora", is_staff=True)


@pytest.mark.parametrize(
    "text",
    [
        "[@,@][]|" * 60 + "@",
        "to_string([@,@])|" * 28 + "@",
        "[@,@]|" * 80 + "to_string(@)",
        "[@,@]|" * 40 + "@ == @",
        "[@,@]|" * 80 + "@",
    ],
)
def test_a_check_from_elsewhere_cannot_keep_the_server(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.exercises.paths.MOST", 50_000)
    began = thread_time()
    assert Path(text).find([1], {}) is None
    assert thread_time() - began < 5


@pytest.mark.parametrize("text", ["!" * 499 + "a", "(" * 249 + "a" + ")" * 249, "&" * 499 + "a"])
def test_a_check_that_is_nested_deeply_is_no_error_of_ours(text: str) -> None:
    with suppress(BadPath):
        assert Path(text).find({}, {}) in (None, True, False)


def test_a_link_in_a_folder_from_elsewhere_shows_no_file_of_this_machine(tmp_path: File) -> None:
    secret = tmp_path / "secret.env"
    secret.write_text("SANDBOX_SECRET_ACCESS_KEY=zq")
    folder = tmp_path / "ready"
    folder.mkdir()
    for file in (*(OWN / "ready").glob("*.md"), *(OWN / "ready").glob("*.toml"), *(OWN / "ready").glob("hints/*.md")):
        copy = folder / file.relative_to(OWN / "ready")
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(file.read_text())
    read_folder(folder, trusted=False)
    (folder / "brief.md").unlink()
    (folder / "brief.md").symlink_to(secret)
    with pytest.raises(BadExercise, match="not followed"):
        read_folder(folder, trusted=False)


def test_whoever_is_added_to_a_class_stays_in_the_one_where_they_work(trainer: User) -> None:
    learner = learners_of(a_class(trainer, learners=1))[0]
    classes.staff_add(a_class(trainer, name="Another"), learner.user.username, Role.OBSERVER)
    assert active_membership(Owner(learner.user_id, learner.user.pk)) == learner  # type: ignore[arg-type]


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 30, "\u0663", "-1", "x"])
def test_numbers_that_are_none_are_not_found(trainer: User, number: str) -> None:
    cohort = a_class(trainer)
    learner = client_of(learners_of(cohort)[0].user)
    assert learner.post("/class/me/switch/", {"member": number}).status_code == 404
    tora, place = client_of(trainer), f"/class/{cohort.public_id}"
    assert tora.post(f"{place}/staff/", {"do": "remove", "member": number}).status_code == 404
    assert tora.post(f"{place}/unlock/", {"assignment": number}).status_code == 404
    assert tora.get(f"{place}/seats/{'9' * 30}/").status_code == 404


@pytest.mark.slow
def test_a_seat_asks_for_help_so_often_in_an_hour(trainer: User) -> None:
    seat = learners_of(a_class(trainer))[0]
    for _ in range(room.MOST_IN_AN_HOUR):
        room.help_ask(membership=seat, text="x")
        room.help_withdraw(membership=seat)
    with pytest.raises(Refused, match="very often"):
        room.help_ask(membership=seat, text="x")
    HelpRequest.objects.update(at=timezone.now() - timedelta(hours=2))
    room.help_ask(membership=seat, text="x")


@pytest.mark.parametrize(
    "change",
    [
        {"ends_at": "9999-12-31T23:59:59Z"},
        {"starts_at": "0001-01-01T00:00:00Z"},
        {"welcome": "a\x00b"},
        {"welcome": "a\u202eb"},
        {"state": "archived"},
        {"preset": ["x"] * 9},
        {"exercises": [{"exercise": "ready\n"}]},
        {"exercises": [{"exercise": "ready"}] * 2},
    ],
)
def test_a_hostile_file_makes_no_class(trainer: User, change: dict[str, Any]) -> None:
    document = json.loads(class_file.class_export(a_class(trainer))) | change
    with pytest.raises(Refused):
        class_file.class_import(json.dumps(document).encode(), trainer=trainer)


def test_a_deep_file_makes_no_class(trainer: User) -> None:
    for text in ("[" * 100_000, '{"seats":' + "[" * 100_000):
        with pytest.raises(Refused):
            class_file.class_import(text.encode(), trainer=trainer)


@pytest.mark.parametrize("answer", ["amr", "9" * 300, "\u00b2"])
def test_an_answer_that_a_file_brought_does_not_close_the_exercise(trainer: User, answer: str) -> None:
    slug, folder = next((slug, one) for slug, one in catalogue.folders().items() if one.exercise.questions)
    seat = learners_of(a_class(trainer, learners=1, exercises=1))[0]
    seat.cohort.assignments.update(exercise=slug)
    attempt = Attempt.objects.create(membership=seat, user_id=seat.user_id, exercise=slug)
    QuestionAnswer.objects.create(attempt=attempt, question=folder.exercise.questions[0].id, answer=answer)
    assert client_of(seat.user).get(f"/exercises/{slug}/").status_code == 200


@pytest.mark.parametrize("depth", [60, 400, 900, 100_000])
def test_deep_json_is_not_sent(depth: int) -> None:
    with pytest.raises(UnusableValue):
        parameters_of(members_of("dynamodb", "PutItem"), {"p-Item": "[" * depth + "]" * depth})


def test_every_address_has_things_of_another_to_be_tried_with() -> None:
    """A new one is said to test_across_a_class.py, which goes through all of them."""
    wanted = [(str(one.name), set(one.pattern.converters)) for _, one in patterns()]
    assert {name for name, parts in wanted if "number" in parts} == NUMBERED
    assert set().union(*(parts for _, parts in wanted)) == KNOWN
    assert len(wanted) > 80
