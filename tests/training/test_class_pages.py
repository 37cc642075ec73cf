"""The pages of a class: who gets in by which code, who may open what, and what they cost."""

import logging
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import URLPattern, reverse
from pytest_django import DjangoAssertNumQueries, Settings

from flows.exchange.sandbox_requests import administrators_key
from sandbox.testing import RunningSandbox
from tests.training.test_joining import new_class
from training.models import Attempt, Cohort, Membership, SandboxAccount
from training.pages import joining
from training.services import codes
from training.urls import own, trained

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_window")]


def joined(cohort: Cohort, name: str) -> tuple[Client, Membership]:
    """A browser that has joined by the link."""
    browser = Client()
    answer = browser.post(reverse("training:join_class", args=[codes.join_code(cohort)]), {"name": name})
    assert answer.status_code == 302
    return browser, Membership.objects.get(cohort=cohort, display_name=name)


def signed_in(username: str) -> Client:
    browser = Client()
    user, _ = get_user_model().objects.get_or_create(username=username)
    browser.force_login(user)
    return browser


@pytest.mark.slow
def test_a_code_and_a_name_are_enough_and_the_return_code_brings_one_back(sandbox: RunningSandbox) -> None:
    cohort = new_class()
    browser = Client()
    answer = browser.post(reverse("training:join"), {"code": codes.join_code(cohort).lower()}, follow=True)
    answer = browser.post(answer.redirect_chain[-1][0], {"name": "Ana"}, follow=True)
    name = Membership.objects.get(cohort=cohort, display_name="Ana").seat_names.get()
    assert codes.return_code(name) in answer.content.decode()
    other = Client()
    assert other.post(reverse("training:come_back"), {"code": codes.return_code(name)}).status_code == 302
    assert other.get(reverse("training:me")).status_code == 200


def test_who_mistypes_a_return_code_stays_on_the_page_for_it_and_reads_what_else_helps() -> None:
    answer = Client().post(reverse("training:come_back"), {"code": "NOPE-NOPE-NOPE"})
    page = answer.content.decode()
    assert (answer.status_code, "Come back to your seat" in page) == (400, True)
    assert "Compare it with what you noted" in page
    assert "I was here already" in page


@pytest.mark.slow
def test_who_guesses_is_held_up_and_the_room_around_them_is_not(settings: Settings, sandbox: RunningSandbox) -> None:
    settings.WRONG_CODES_PER_MINUTE = 3
    cohort = new_class(seats=10)
    code, guesser = codes.join_code(cohort), Client()
    tries = [guesser.post(reverse("training:join"), {"code": f"ABCD-EFG{n}"}).status_code for n in range(6)]
    assert tries == [400, 400, 400, 429, 429, 429]
    assert guesser.get(reverse("training:join_class", args=[code])).status_code == 429
    for number in range(5):
        joined(cohort, f"Person {number}")
    assert guesser.post(reverse("training:join"), {"code": "ABCD-EF"}).status_code == 400, "no code, no guess"


@pytest.mark.slow
def test_who_drops_cookies_is_held_up_by_what_codes_begin_with_then_by_address(
    settings: Settings, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joining, "_ALIKE_PER_MINUTE", 3)
    settings.WRONG_CODES_PER_MINUTE_PER_ADDRESS = 5
    cohort = new_class(seats=10)

    def wrong(code: str) -> int:
        return Client().post(reverse("training:join"), {"code": code}).status_code

    beside = "ZZ" if not codes.join_code(cohort).startswith("ZZ") else "YY"
    assert [wrong(f"{beside}11-222{n}") for n in range(5)] == [400, 400, 400, 429, 429]
    joined(cohort, "Ana")
    assert [wrong(f"XX11-222{n}") for n in range(3)] == [400, 400, 429]
    assert Client().get(reverse("training:join_class", args=[codes.join_code(cohort)])).status_code == 429


@pytest.mark.slow
def test_who_reads_the_roster_by_guessing_names_keeps_nobody_from_joining(
    sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joining, "_NAMES_PER_MINUTE", 2)
    cohort = new_class()
    address = reverse("training:ask_to_return", args=[codes.join_code(cohort)])
    assert [Client().post(address, {"name": f"n{n}"}).status_code for n in range(3)] == [302, 302, 429]
    joined(cohort, "Ana")


def test_no_code_is_in_the_log(caplog: pytest.LogCaptureFixture, sandbox: RunningSandbox) -> None:
    from web.logs import JsonFormatter

    cohort = new_class()
    with caplog.at_level(logging.DEBUG):
        _, member = joined(cohort, "Ana")
    text = "".join(JsonFormatter().format(record) for record in caplog.records)
    assert "/join/…" in text
    for code in (codes.join_code(cohort), codes.return_code(member.seat_names.get())):
        assert code not in text


@pytest.mark.slow
def test_nobody_opens_a_class_that_is_not_theirs(sandbox: RunningSandbox) -> None:
    """Every address of a class, for a stranger, a learner of it and a trainer of another one."""
    cohort = new_class()
    learner, member = joined(cohort, "Ana")
    other = new_class(name="Bergen")
    Membership.objects.filter(cohort=other).update(user=get_user_model().objects.create(username="other"))
    numbers = {"return_decide": 1, "seat_code": member.seat_names.get().pk, "seat_remove": member.pk}
    for browser in (Client(), learner, signed_in("other")):
        for name in {str(each.name) for each in trained if isinstance(each, URLPattern)} - {"class_list", "class_new"}:
            args = [cohort.public_id, *([numbers[name]] if name in numbers else [])]
            address = reverse(f"training:{name}", args=args)
            assert {browser.get(address).status_code, browser.post(address).status_code} <= {404, 405}
    assert Membership.objects.filter(pk=member.pk).exists()
    member.seat_names.get(return_epoch=1)


def test_an_observer_changes_nothing(sandbox: RunningSandbox) -> None:
    cohort = new_class()
    observer = signed_in("observer")
    user = get_user_model().objects.get(username="observer")
    Membership.objects.create(cohort=cohort, user=user, role="observer", display_name="observer")
    assert observer.get(cohort.get_absolute_url()).status_code == 200
    assert observer.post(reverse("training:cohort_act", args=[cohort.public_id]), {"do": "end"}).status_code == 404
    cohort.refresh_from_db()
    assert cohort.is_open


@pytest.mark.slow
def test_a_key_is_shown_to_its_owner_on_request_alone(sandbox: RunningSandbox) -> None:
    cohort = new_class()
    ana, member = joined(cohort, "Ana")
    bo, _ = joined(cohort, "Bo")
    number = SandboxAccount.objects.get(membership=member).account_id
    secret = administrators_key(number).secret_access_key
    address = reverse("training:account")
    assert secret not in ana.get(address).content.decode()
    shown = ana.post(address, {"account": number})
    assert secret in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert bo.post(address, {"account": number}).status_code == 404
    assert bo.post(reverse("training:account_reset"), {"account": number}).status_code == 404
    assert administrators_key(number).secret_access_key == secret


def test_the_page_of_a_seat_costs_at_most_eight_queries(
    sandbox: RunningSandbox, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    ana, _ = joined(new_class(), "Ana")
    with django_assert_max_num_queries(8 + 2):  # session and user are not counted
        ana.get(reverse("training:me"))


@pytest.mark.slow
def test_a_seats_account_is_reset_and_its_exercise_solved_by_the_trainer(
    sandbox: RunningSandbox, transactional_db: None
) -> None:
    cohort = new_class()
    ana, member = joined(cohort, "Ana")
    trainer = Client()
    assert cohort.created_by is not None
    trainer.force_login(cohort.created_by)
    ana.post(reverse("training:exercise_begin", args=["ready"]))
    attempt = Attempt.objects.get(membership=member)
    seat, here = reverse("training:seat", args=[cohort.public_id, member.pk]), [cohort.public_id, member.pk]
    assert "Solve" in trainer.get(seat).content.decode()
    assert trainer.post(reverse("training:seat_reset", args=here), {"kind": "all"}).status_code == 404
    before = SandboxAccount.objects.get(membership=member).epoch
    trainer.post(reverse("training:seat_reset", args=here), {"kind": "environment", "next": "seat"})
    assert SandboxAccount.objects.get(membership=member).epoch == before + 1
    assert "Your trainer has emptied your account" in ana.get(reverse("training:me")).content.decode()

    answer = trainer.post(reverse("training:seat_solve", args=here), {"attempt": attempt.pk, "next": "seat"})
    assert answer.headers["Location"] == seat
    assert "Your trainer has done Ready? for you" in ana.get(reverse("training:me")).content.decode()
    attempt.refresh_from_db()
    assert attempt.state == "solved"
    assert set(attempt.attempt_runs.values_list("kind", flat=True)) >= {"solve"}
    trainer.post(reverse("training:seat_reset", args=here), {"kind": "everything"})
    assert not Attempt.objects.filter(membership=member).exists()


def test_every_page_of_a_learner_asks_for_news_until_they_have_left(sandbox: RunningSandbox) -> None:
    cohort = new_class()
    ana, member = joined(cohort, "Ana")
    news = reverse("training:news", args=[cohort.public_id])
    page = ana.get(reverse("training:account")).content.decode()
    assert f'hx-get="{news}"' in page
    assert f'href="{news}"' in page  # for who has no script
    assert 'id="class-news"' in ana.get(news).content.decode()
    as_htmx = {"HX-Request": "true", "HX-Current-URL": "http://testserver/exercises/"}
    ana.post(reverse("training:help_ask", args=[cohort.public_id]), {"text": "Help"})
    assert 'name="next" value="/exercises/"' in ana.get(news, headers=as_htmx).content.decode()
    member.delete()
    assert ana.get(news, headers=as_htmx).content == b""
    assert "class-news" not in ana.get(reverse("training:exercise_list")).content.decode()


def test_own_work_is_taken_along_and_deleted(sandbox: RunningSandbox) -> None:
    cohort = new_class()
    ana, member = joined(cohort, "Ana")
    account = SandboxAccount.objects.get(membership=member)
    work: dict[str, Any] = ana.get(reverse("training:me_export")).json()
    assert (work["class"], work["names"]) == ("Oslo, Monday", ["Ana"])
    assert ana.post(reverse("training:me_delete")).status_code == 302
    assert not get_user_model().objects.filter(pk=member.user_id).exists()
    account.refresh_from_db()
    assert account.state == "retired"
    assert ana.get(reverse("training:me")).status_code == 302
    assert len(own) > 5


def test_who_works_at_an_exercise_is_seen(sandbox: RunningSandbox) -> None:
    learner, member = joined(new_class(), "Ana")
    Membership.objects.filter(pk=member.pk).update(last_seen_at=None)
    assert learner.get(reverse("training:exercise", args=["ready"])).status_code == 200
    member.refresh_from_db()
    assert member.last_seen_at is not None
