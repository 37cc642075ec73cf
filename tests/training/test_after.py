"""When a class is over: its file, its report, its certificates, its successor."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from flows.models import Run
from tests.training.rows import a_class, client_of, learners_of
from training.models import (
    Attempt,
    AttemptRun,
    Broadcast,
    CheckResult,
    Cohort,
    HintUse,
    QuestionAnswer,
    SeatName,
    Unlock,
)
from training.services.certificates import verified
from training.services.class_file import class_export, class_import
from training.services.errors import Refused
from training.services.titles import title_of


@pytest.fixture
def trainer(db: None) -> User:
    return User.objects.create_user("tora", password="correct horse battery", is_staff=True)


@pytest.fixture
def cohort(trainer: User) -> Cohort:
    """With something of everything that a file has."""
    cohort = a_class(trainer, learners=4, exercises=3, state="closed")
    now = timezone.now()
    Cohort.objects.filter(pk=cohort.pk).update(
        ended_at=now, ends_at=now + timedelta(hours=1), welcome="Coffee at ten", hints="trainer"
    )
    seats = learners_of(cohort)
    SeatName.objects.create(membership=seats[1], name="Ida", position=2)
    Unlock.objects.create(assignment=cohort.assignments.all()[2], membership=seats[0])
    Attempt.objects.filter(state="solved").update(solved_at=now)
    Attempt.objects.filter(membership=seats[2]).update(solved_for=True)
    for attempt in Attempt.objects.all():
        CheckResult.objects.create(attempt=attempt, check_id="attack-seen", done=True, done_at=now)
        CheckResult.objects.create(attempt=attempt, check_id="attack-closed")
        QuestionAnswer.objects.create(attempt=attempt, question="cause", answer="amr", right=True)
        HintUse.objects.create(attempt=attempt, number=1)
    cohort.refresh_from_db()
    return cohort


def test_a_class_exported_and_imported_is_equal(
    cohort: Cohort, trainer: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(8):
        first = class_export(cohort)
    answer = client_of(trainer).post("/class/import/", {"file": SimpleUploadedFile("class.json", first)})
    assert answer.status_code == 302
    other = Cohort.objects.exclude(pk=cohort.pk).get()
    assert class_export(other) == first
    assert b"Ida" in first
    assert b'"solved_for":true' in first.replace(b" ", b"")
    users = User.objects.filter(username__startswith="seat-")
    assert users.count() == 4
    assert not any(user.has_usable_password() for user in users)


def _without(document: dict[str, Any], **changes: Any) -> bytes:
    return json.dumps({**document, **changes}).encode()


def test_a_file_that_is_none_is_refused_and_leaves_nothing(cohort: Cohort, trainer: User) -> None:
    good = json.loads(class_export(cohort))
    seat = good["seats"][0]
    bad = [
        b"",
        b"[]",
        b"\xff\xfe",
        b"[" * 100_000,
        _without(good, format="other"),
        _without(good, version=2),
        _without(good, more=1),
        _without(good, seats_count=0),
        _without(good, seats=[seat, seat]),
        _without(good, seats=[{**seat, "seat": 499}]),
        _without(good, seats=[{**seat, "name": "a\x00b"}]),
        _without(good, seats=[{**seat, "attempts": [{"exercise": "<script>"}]}]),
        _without(good, seats=[{**seat, "attempts": good["seats"][1]["attempts"] * 2}]),
        _without(good, exercises=good["exercises"] * 2),
        _without(good, ends_at="2000-01-01T00:00:00Z"),
        _without(good, starts_at="yesterday"),
    ]
    before = User.objects.count()
    for document in bad:
        with pytest.raises(Refused):
            class_import(document, trainer=trainer)
    assert (Cohort.objects.count(), User.objects.count()) == (1, before)
    answer = client_of(trainer).post("/class/import/", {"file": SimpleUploadedFile("class.json", b"{}")})
    assert answer.status_code == 400
    assert "This is not the export of a class" in answer.content.decode()


def test_who_is_not_staff_imports_nothing_and_makes_no_successor(cohort: Cohort) -> None:
    other = User.objects.create_user("sven")
    assert client_of(other).post("/class/import/").status_code == 403
    seat = learners_of(cohort)[0]
    for client in (client_of(other), client_of(seat.user), Client()):
        for path in ("report/", "certificates/", "export.json"):
            assert client.get(f"/class/{cohort.public_id}/{path}").status_code == 404
        assert client.post(f"/class/{cohort.public_id}/next/").status_code in (403, 404)


def test_the_next_class_has_the_exercises_and_settings_and_none_of_the_people(cohort: Cohort, trainer: User) -> None:
    client_of(trainer).post(f"/class/{cohort.public_id}/next/", {"name": "Oslo, Tuesday"})
    made = Cohort.objects.get(name="Oslo, Tuesday")
    assert (made.state, made.welcome, made.hints, made.seats) == ("open", "Coffee at ten", "trainer", 4)
    exercises = [list(one.assignments.values_list("exercise", "state", "position")) for one in (made, cohort)]
    assert exercises[0] == exercises[1]
    assert not learners_of(made)
    assert made.join_digest not in ("", cohort.join_digest)


def test_the_report_says_nothing_more_of_a_person_than_was_chosen(cohort: Cohort, trainer: User) -> None:
    client, address = client_of(trainer), f"/class/{cohort.public_id}/report/"
    page = client.get(address).content.decode()
    assert "5 people at 4" in " ".join(page.split())
    assert "Blue Heron 4" in page
    assert "Logins missing" not in page
    assert ">Minutes<" not in page
    assert "Logins missing" in client.get(address, {"refusals": "on", "times": "on"}).content.decode()


def a_run(user: User) -> Run:
    return Run.objects.create(
        user=user, mode="sandbox", region="us-east-1", pool_id="us-east-1:1", access="guest", flow="enhanced",
        provider="guest", outcome="succeeded",
    )  # fmt: skip


def test_what_learners_call_an_exercise_is_counted_in_the_report(trainer: User) -> None:
    cohort = a_class(trainer, learners=3, exercises=2, state="open")
    first = "ready"
    cohort.assignments.filter(position=cohort.assignments.all()[0].position).update(exercise=first)
    for seat, word in zip(learners_of(cohort), ("clear", "unclear", "unclear"), strict=True):
        Attempt.objects.update_or_create(
            membership=seat, exercise=first, current=True, defaults={"user": seat.user, "state": "solved"}
        )
        answer = client_of(seat.user).post(f"/exercises/{first}/feedback/", {"word": word}, follow=True)
        assert "Thank you." in answer.content.decode()
    page = client_of(trainer).get(f"/class/{cohort.public_id}/report/")
    (opinion,) = page.context["report"].opinions
    assert (opinion.exercise, opinion.clear, opinion.unclear) == (title_of(first), 1, 2)
    assert "clear: 1, unclear: 2" in page.content.decode()


def test_a_certificate_verifies_without_a_row_and_not_when_changed(cohort: Cohort, trainer: User) -> None:
    seat = learners_of(cohort)[1]
    SeatName.objects.filter(name="Ida").update(name="Ida\nSignature: X")
    page = client_of(seat.user).get(f"/class/{cohort.public_id}/certificate/")
    assert "Certificate of Ida" in page.content.decode()
    first, second = page.context["certificates"]
    everybodys = client_of(trainer).get(f"/class/{cohort.public_id}/certificates/").context["certificates"]
    assert first in everybodys
    Cohort.objects.all().delete()
    assert verified(first.text)
    assert verified(second.text.replace("\n", "  \r\n"))
    assert not verified(first.text.replace("Blue", "Red"))
    assert not verified(first.text.replace("(version 1", "(version 2"))
    assert not verified("")
    answer = Client().post("/certificates/", {"text": first.text}).content.decode()
    assert "was made by this site" in answer
    answer = Client().post("/certificates/", {"text": first.text + "x"}).content.decode()
    assert "not a certificate of this site" in answer


def test_a_certificate_says_what_the_system_tried_and_of_what_there_was_nothing_to_try(cohort: Cohort) -> None:
    seat = learners_of(cohort)[1]
    for exercise in ("ready", "mine-and-everybodys"):
        Attempt.objects.create(
            membership=seat, exercise=exercise, version=1, state="solved", solved_at=timezone.now(), current=False
        )
    page = client_of(seat.user).get(f"/class/{cohort.public_id}/certificate/")
    lines = page.context["certificates"][0].text.splitlines()
    assert f"- {title_of('ready')} (version 1)" in lines
    assert f"- {title_of('mine-and-everybodys')} (version 1, its repair tried by the system)" in lines


def test_what_a_trainer_solved_in_somebodys_place_is_in_no_certificate(cohort: Cohort) -> None:
    seat = learners_of(cohort)[1]
    learner, address = client_of(seat.user), f"/class/{cohort.public_id}/certificate/"
    Attempt.objects.filter(membership=seat).delete()
    at = {"membership": seat, "version": 1, "state": "solved", "solved_at": timezone.now()}
    Attempt.objects.create(exercise="two-doors", solved_for=True, **at)
    assert "You have not solved an exercise yet." in learner.get(address).content.decode()
    own = Attempt.objects.create(exercise="ready", **at)
    AttemptRun.objects.create(attempt=own, run=a_run(seat.user), kind="learner")
    (first, *_) = learner.get(address).context["certificates"]
    assert title_of("ready") in first.text
    assert title_of("two-doors") not in first.text


def test_who_has_solved_something_finds_their_certificate_on_their_page_and_the_way_back(cohort: Cohort) -> None:
    seat = learners_of(cohort)[1]
    learner, address = client_of(seat.user), f"/class/{cohort.public_id}/certificate/"
    assert address in learner.get("/class/me/").content.decode()
    assert 'href="/class/me/"' in learner.get(address).content.decode().partition("<main")[2]
    Attempt.objects.filter(membership=seat).delete()
    assert address not in learner.get("/class/me/").content.decode()


def test_what_was_said_to_the_room_is_over_with_the_class(cohort: Cohort, trainer: User) -> None:
    learner = client_of(learners_of(cohort)[0].user)
    Broadcast.objects.create(cohort=cohort, author=trainer, text="Coffee at ten", until=timezone.now() + timedelta(1))
    address = f"/class/{cohort.public_id}/news/"
    assert "Coffee at ten" not in learner.get(address).content.decode()
    Cohort.objects.filter(pk=cohort.pk).update(state="open", ended_at=None)
    assert "Coffee at ten" in learner.get(address).content.decode()


@pytest.mark.usefixtures("one_window")
def test_whoever_runs_an_open_class_is_led_to_it_after_signing_in(cohort: Cohort, trainer: User) -> None:
    def page_after(client: Client, **more: str) -> str:
        form = {"username": "tora", "password": "correct horse battery", **more}
        return str(client.post("/accounts/sign-in/", form)["Location"])

    assert page_after(Client()) == "/runs/"
    Cohort.objects.filter(pk=cohort.pk).update(state="open", ended_at=None)
    assert page_after(Client()) == cohort.get_absolute_url()
    assert page_after(Client(), next="/demo/") == "/demo/"
    a_class(trainer, learners=1, exercises=1, state="open")
    assert page_after(Client()) == "/class/all/"


def test_the_address_that_the_terminal_prints_leads_a_trainer_who_is_not_signed_in_there(
    cohort: Cohort, trainer: User
) -> None:
    address = f"/class/{cohort.public_id}/projector/"
    browser = Client()
    answer = browser.get(address)
    assert answer.status_code == 404
    way = re.search(r'href="(/accounts/sign-in/[^"]*)"\s+rel="nofollow"\s*>Sign in<', answer.content.decode())
    assert way is not None
    page = browser.get(way[1])
    form = {"next": page.context["next"], "username": "tora", "password": "correct horse battery"}
    assert browser.post("/accounts/sign-in/", form).headers["Location"] == address
    stranger = client_of(User.objects.create_user("sven")).get(address).content.decode()
    assert "You are not signed in" not in stranger


def test_a_learner_sees_who_opened_their_runs(cohort: Cohort, trainer: User) -> None:
    Cohort.objects.filter(pk=cohort.pk).update(state="open", ended_at=None)
    seat = learners_of(cohort)[0]
    run = a_run(seat.user)
    AttemptRun.objects.create(attempt=Attempt.objects.filter(membership=seat)[0], run=run)
    learner = client_of(seat.user)
    assert "/class/me/looks/" in learner.get("/class/me/").content.decode()
    assert "Nobody but you, so far." in learner.get("/class/me/looks/").content.decode()
    assert client_of(trainer).get(run.get_absolute_url()).status_code == 200
    page = " ".join(learner.get("/class/me/looks/").content.decode().split())
    assert f'run <a href="{run.get_absolute_url()}">{run.short_code}</a>' in page
    assert "Nobody but you" not in page


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_what_was_solved_for_somebody_before_it_was_marked_is_marked_by_the_migration(trainer: User) -> None:
    seat = learners_of(a_class(trainer, learners=2, exercises=1, state="open"))[0]
    Attempt.objects.filter(membership=seat).delete()
    at = {"membership": seat, "version": 1, "state": "solved", "solved_at": timezone.now()}
    for_them, own = (Attempt.objects.create(exercise=name, **at) for name in ("two-doors", "ready"))
    for attempt, kind in ((for_them, "solve"), (own, "learner")):
        AttemptRun.objects.create(attempt=attempt, run=a_run(seat.user), kind=kind)
    try:
        MigrationExecutor(connection).migrate([("training", "0007_told_at_the_seat")])
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
    assert dict(Attempt.objects.values_list("exercise", "solved_for")) == {"two-doors": True, "ready": False}
