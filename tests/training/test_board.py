"""The board: complete in five queries, and then only what has changed."""

import re
import time
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from flows.services import run_share, run_unshare
from tests.flows.history.conftest import run_row
from tests.training.rows import a_class, client_of, learners_of
from training.models import Assignment, Attempt, Cohort, HelpRequest, Membership, Role
from training.services import room
from training.services.versions import touch

SESSION_AND_USER = 2


@pytest.fixture
def trainer(db: None) -> User:
    return User.objects.create_user("tora", password="correct horse battery")


@pytest.fixture
def cohort(trainer: User) -> Cohort:
    return a_class(trainer)


def board(client: Client, cohort: Cohort) -> tuple[str, str]:
    """The page, and what it sends when it asks for changes."""
    page = client.get(f"/class/{cohort.public_id}/board/").content.decode()
    return page, since(page)


def since(page: str, place: str = "board-since") -> str:
    return str(re.findall(rf'id="{place}"\s+name="since"\s+value="([^"]+)"', page)[0])


def changes(client: Client, cohort: Cohort, token: str) -> tuple[int, str]:
    answer = client.get(f"/class/{cohort.public_id}/board/changes/", {"since": token})
    return answer.status_code, answer.content.decode()


@pytest.mark.slow
def test_sixty_learners_by_twenty_exercises_are_five_queries_and_all_of_them_stand_there(
    trainer: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    cohort = a_class(trainer, learners=60, exercises=20)
    client = client_of(trainer)
    client.get(f"/class/{cohort.public_id}/board/")
    with django_assert_num_queries(SESSION_AND_USER + 5):
        page, token = board(client, cohort)
    assert len(re.findall(r'<th[^>]*\sid="n-\d+"', page)) == 60
    assert len(re.findall(r'<td[^>]*\sid="c-\d+-\d+"', page)) == 1200
    assert "60 of 60 seats" in page

    with django_assert_num_queries(SESSION_AND_USER + 1):
        assert changes(client, cohort, token) == (204, "")

    attempt = Attempt.objects.filter(membership__cohort=cohort, state="working").first()
    assert attempt is not None
    attempt.checks_passed, attempt.changed_in = 3, touch(cohort)
    attempt.save()
    with django_assert_num_queries(SESSION_AND_USER + 6):
        status, answer = changes(client, cohort, token)
    assert status == 200
    assert re.findall(r'id="(c-\d+-\d+)"', answer) == [f"c-{attempt.membership_id}-{attempt.assignment_id}"]
    assert "3 of 6" in answer
    assert len(answer) < 4096


def test_the_board_is_told_of_all_who_came_since_it_was_shown(trainer: User, cohort: Cohort) -> None:
    client = client_of(trainer)
    _, token = board(client, cohort)
    Cohort.objects.filter(pk=cohort.pk).update(seats=9)
    for number, told in enumerate(("1 new learner: show", "2 new learners: show"), 1):
        user = User.objects.create_user(f"late-{number}")
        Membership.objects.create(cohort=cohort, user=user, seat=3 + number, display_name=f"Late {number}")
        touch(cohort)
        _, answer = changes(client, cohort, token)
        assert told in answer
        token = since(answer)
    touch(cohort)
    _, answer = changes(client, cohort, token)
    assert "board-appeared" not in answer  # it stands there, and is not read out again
    Membership.objects.filter(user__username__startswith="late-").delete()
    touch(cohort)
    _, answer = changes(client, cohort, since(answer))
    assert "board-appeared" in answer
    assert "show" not in answer


@pytest.mark.slow
def test_help_is_asked_taken_handed_over_and_resolved(trainer: User, cohort: Cohort) -> None:
    other = User.objects.create_user("truls", password="correct horse battery")
    second = Membership.objects.create(cohort=cohort, user=other, role=Role.TRAINER, display_name="Truls")
    seat = learners_of(cohort)[0]
    client, learner = client_of(trainer), client_of(seat.user)
    _, token = board(client, cohort)

    learner.post(f"/class/{cohort.public_id}/help/", {"text": "I chose <basic> and it says SAML"})
    learner.post(f"/class/{cohort.public_id}/help/", {"text": ""})
    asked = HelpRequest.objects.get()
    answer = changes(client, cohort, token)[1]
    assert "I chose &lt;basic&gt; and it says SAML" in answer
    assert "asks for help" in answer
    assert 'hx-swap-oob="beforeend:#help-queue"' in answer

    client.post(f"/class/{cohort.public_id}/help/{asked.pk}/take/")
    client_of(other).post(f"/class/{cohort.public_id}/help/{asked.pk}/take/")
    asked.refresh_from_db()
    assert asked.taken_by == trainer
    assert "Tora is coming" in learner.get(f"/class/{cohort.public_id}/news/").content.decode()

    client.post(f"/class/{cohort.public_id}/help/{asked.pk}/hand-over/", {"to": second.pk})
    assert "Truls is coming" in learner.get(f"/class/{cohort.public_id}/news/").content.decode()
    _, token = board(client, cohort)
    client_of(other).post(f"/class/{cohort.public_id}/help/{asked.pk}/resolve/")
    assert f'id="help-{asked.pk}" hx-swap-oob="delete"' in changes(client, cohort, token)[1]
    assert list(asked.events.values_list("verb", flat=True)) == ["asked", "took it", "to Truls", "resolved"]


def test_news_cost_one_small_query_while_the_class_has_not_changed(
    cohort: Cohort, trainer: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    seat = learners_of(cohort)[0]
    learner, address = client_of(seat.user), f"/class/{cohort.public_id}/news/"
    first = learner.get(address, headers={"hx-request": "true"}).content.decode()
    token = since(first, "news-since")

    def ask() -> HttpResponse:
        return learner.get(address, {"since": token}, headers={"hx-request": "true"})  # type: ignore[return-value]

    with django_assert_num_queries(SESSION_AND_USER + 1):
        assert ask().status_code == 204
    # Something else has changed: the words stay as they are, and only the token is another one.
    touch(cohort)
    answer = ask()
    assert (answer.status_code, answer["HX-Reswap"]) == (200, "none")
    token = since(answer.content.decode(), "news-since")
    with django_assert_num_queries(SESSION_AND_USER + 1):
        assert ask().status_code == 204
    for forged in ("9" * 40 + ".0.ab", f"{cohort.version}.{'9' * 40}.ab", f"{cohort.version + 1}.0.ab", "²." * 9):
        assert learner.get(address, {"since": forged}, headers={"hx-request": "true"}).status_code == 200
    Membership.objects.filter(pk=seat.pk).delete()
    assert ask().content == b""


@pytest.mark.slow
def test_what_ends_by_itself_is_told_without_a_change(cohort: Cohort, trainer: User) -> None:
    learner, address = client_of(learners_of(cohort)[0].user), f"/class/{cohort.public_id}/news/"
    learner.get(address, headers={"hx-request": "true"})  # the first of a process takes longer than any other
    until = timezone.now() + timedelta(seconds=5)
    room.broadcast(cohort=cohort, author=trainer, text="Five minutes", until=until)
    said = learner.get(address, headers={"hx-request": "true"}).content.decode()
    assert "Five minutes" in said
    while timezone.now() < until + timedelta(seconds=1):
        time.sleep(0.1)
    answer = learner.get(address, {"since": since(said, "news-since")}, headers={"hx-request": "true"})
    assert answer.status_code == 200
    assert "Five minutes" not in answer.content.decode()


def test_stuck_is_who_works_without_progress_and_nobody_else(trainer: User) -> None:
    cohort = a_class(trainer, learners=4, exercises=2)
    # Seat 1 is at the first exercise, 2 has solved both, 3 has begun nothing; 4 has solved the first.
    long_ago = timezone.now() - timedelta(hours=1)
    cohort.memberships.update(joined_at=long_ago)
    Attempt.objects.update(last_progress_at=long_ago)
    one, two, three, four = learners_of(cohort)
    client = client_of(trainer)
    page, token = board(client, cohort)

    def said(member: Membership, text: str) -> str:
        """What stands in the seat's cell about its progress, without what is hidden."""
        cell = re.findall(rf'id="t-{member.pk}"[^>]*(>.*?</td>)', text, re.DOTALL)[0]
        return " ".join(re.sub(r"<span [^>]*\bhidden>stuck|<[^>]*>|^>", " ", cell).split())

    assert [said(member, page) for member in (one, two, three, four)] == [
        "60 min stuck Last refusal: Logins missing: treated as a guest",
        "all solved",
        "60 min nothing begun",
        "60 min between exercises",
    ]
    assert page.count("data-stuck") == 1
    assert re.findall(r'id="n-(\d+)"', page) == [str(member.pk) for member in (one, three, four, two)]

    # Whoever begins is at work from then on, and the board is told.
    begun = Attempt.objects.get(membership=one)
    Attempt.objects.create(
        membership=three, user_id=three.user_id, assignment=begun.assignment, exercise=begun.exercise,
        state="working", last_progress_at=long_ago, changed_in=touch(cohort),
    )  # fmt: skip
    assert said(three, changes(client, cohort, token)[1]) == "60 min stuck"


def test_unlocking_reaches_the_board_and_the_learners(trainer: User, cohort: Cohort) -> None:
    last = Assignment.objects.filter(cohort=cohort).last()
    assert last is not None
    client, first = client_of(trainer), learners_of(cohort)[0]
    address = f"/class/{cohort.public_id}/unlock/"
    client.post(address, {"assignment": last.pk, "lock": ""})
    page, token = board(client, cohort)
    assert page.count('class="chip"><svg') == 1
    learner = client_of(first.user)
    news = learner.get(f"/class/{cohort.public_id}/news/").content.decode()
    mark = since(news, "news-since")
    assert learner.get(f"/class/{cohort.public_id}/news/", {"since": mark}).status_code == 204

    client.post(address, {"assignment": last.pk, "seat": first.pk})
    answer = changes(client, cohort, token)[1]
    assert f'id="c-{first.pk}-{last.pk}"' in answer
    assert learner.get(f"/class/{cohort.public_id}/news/", {"since": mark}).status_code == 200
    client.post(address, {"assignment": "next"})
    last.refresh_from_db()
    assert last.state == "open"


def test_hints_are_opened_until_there_are_no_more(trainer: User, cohort: Cohort) -> None:
    client, seat = client_of(trainer), learners_of(cohort)[0]
    attempt = Attempt.objects.filter(membership=seat).get()
    for _ in range(4):
        client.post(f"/class/{cohort.public_id}/seats/{seat.pk}/hint/", {"attempt": attempt.pk})
    attempt.refresh_from_db()
    assert (attempt.hints_open, attempt.hints_used) == (3, 3)


def test_a_broadcast_carries_a_shared_run_to_the_class_and_keeps_no_link(trainer: User, cohort: Cohort) -> None:
    run = run_row(user=trainer, visitor=None)
    run.save()
    link = f"http://testserver/shared/{run_share(run=run)}/"
    client, seat = client_of(trainer), learners_of(cohort)[0]
    client.post(f"/class/{cohort.public_id}/broadcast/", {"text": f"Look at this: {link}"})
    said = cohort.broadcasts.get()
    name = f"run {run.short_code} (Guest access, enhanced flow)"
    assert said.text == f"Look at this: {name}"
    learner, path = client_of(seat.user), f"/class/{cohort.public_id}/said/{said.pk}/"
    news = learner.get(f"/class/{cohort.public_id}/news/").content.decode()
    assert f'Look at this: <a href="{path}">{name}</a></p>' in news
    assert news.count(path) == 1
    assert client_of(User.objects.create_user("eve")).get(path).status_code == 404
    assert learner.get(path).status_code == 200
    run_unshare(run=run)
    assert learner.get(path).status_code == 404


def test_without_a_script_the_next_page_says_what_was_said(trainer: User, cohort: Cohort) -> None:
    seat = learners_of(cohort)[0]
    learner = client_of(seat.user)
    learner.get("/class/me/")
    said = '<b>From your trainer:</b>\n<p class="break">&lt;b&gt;Coffee&lt;/b&gt; at ten</p>'
    assert said not in learner.get("/runs/").content.decode()
    room.broadcast(cohort=cohort, author=trainer, text="<b>Coffee</b> at ten")
    for page in ("/runs/", "/learn/flows/"):
        place = learner.get(page).content.decode().partition("<noscript>")[2].partition("</noscript>")[0]
        assert said in place
    room.broadcast_withdraw(cohort=cohort)
    assert said not in learner.get("/runs/").content.decode()
    room.broadcast(cohort=cohort, author=trainer, text="<b>Coffee</b> at ten")
    Membership.objects.filter(pk=seat.pk).delete()
    assert said not in learner.get("/runs/").content.decode()


def test_an_ended_class_changes_no_more(trainer: User) -> None:
    cohort = a_class(trainer, state="closed")
    seat = learners_of(cohort)[0]
    client_of(seat.user).post(f"/class/{cohort.public_id}/help/", {"text": "Help"})
    client_of(trainer).post(f"/class/{cohort.public_id}/broadcast/", {"text": "Hello"})
    assert not HelpRequest.objects.exists()
    assert not cohort.broadcasts.exists()
    assert client_of(trainer).get(f"/class/{cohort.public_id}/board/").status_code == 200


@pytest.mark.slow
def test_another_classs_trainer_its_learners_and_observers_get_nowhere(trainer: User, cohort: Cohort) -> None:
    stranger = User.objects.create_user("sven", password="correct horse battery")
    a_class(stranger, name="Bergen")
    seat = learners_of(cohort)[0]
    asked = room.help_ask(membership=seat, text="Help")
    attempt = Attempt.objects.filter(membership=seat).get()
    here = f"/class/{cohort.public_id}/"
    _, token = board(client_of(trainer), cohort)
    seen = ["board/", f"board/changes/?since={token}", "progress/", f"seats/{seat.pk}/"]
    done = {
        "broadcast/": {"text": "x"},
        "unlock/": {"assignment": "next"},
        f"help/{asked.pk}/take/": {},
        f"help/{asked.pk}/hand-over/": {},
        f"help/{asked.pk}/resolve/": {},
        f"seats/{seat.pk}/hint/": {"attempt": attempt.pk},
        f"seats/{seat.pk}/begin-again/": {"attempt": attempt.pk},
        f"seats/{seat.pk}/reset/": {"kind": "everything"},
        f"seats/{seat.pk}/solve/": {"attempt": attempt.pk},
    }
    for client in (client_of(stranger), client_of(seat.user), Client()):
        for path in seen:
            assert client.get(here + path).status_code == 404, path
        for path, fields in done.items():
            assert client.post(here + path, fields).status_code == 404, path
    observer = User.objects.create_user("odd", password="correct horse battery")
    Membership.objects.create(cohort=cohort, user=observer, role=Role.OBSERVER, display_name="Odd")
    for path in seen:
        assert client_of(observer).get(here + path).status_code in (200, 204), path
    for path, fields in done.items():
        assert client_of(observer).post(here + path, fields).status_code == 404, path
    # A seat, an attempt or a request of another class is not found by way of one's own.
    own = client_of(stranger)
    bergen = Cohort.objects.get(name="Bergen")
    for path, fields in done.items():
        if str(seat.pk) in path or str(asked.pk) in path:
            assert own.post(f"/class/{bergen.public_id}/{path}", fields).status_code == 404, path


def test_a_refusal_is_told_without_the_long_names_that_it_begins_with(trainer: User, cohort: Cohort) -> None:
    said = (
        "User: arn:aws:sts::123456789012:assumed-role/Guests/x is not authorized to perform: s3:PutObject on resource: "
        '"arn:aws:s3:::b/x.txt" because no identity-based policy allows the s3:PutObject action'
    )
    Attempt.objects.update(last_refusal=said, state="working")
    page, _ = board(client_of(trainer), cohort)
    assert "Not authorized: s3:PutObject. Because no identity-based policy allows" in page
    assert "123456789012" not in page
    identity = "us-east-1:157d6171-eea1-c2b3-9d4e-1f2a3b4c5d6e"
    Attempt.objects.update(last_refusal=f"Access to Identity '{identity}' is forbidden.")
    assert "Access to Identity &#x27;…5d6e&#x27; is forbidden." in board(client_of(trainer), cohort)[0]
