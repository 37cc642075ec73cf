"""The list of exercises and an exercise's page, for a visitor without a class and without JavaScript."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from flows.models import Run
from sandbox.testing import RunningSandbox
from training.models import Attempt, CheckResult


@pytest.fixture
def begun(client: Client, sandbox: RunningSandbox, transactional_db: None) -> Attempt:
    assert client.get(reverse("training:exercise", args=["ready"])).status_code == 200
    act(client, "begin")
    return Attempt.objects.get()


def act(client: Client, what: str, slug: str = "ready", **data: object) -> str:
    answer = client.post(reverse(f"training:exercise_{what}", args=[slug]), data, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_exercise_is_done_by_clicking(client: Client, begun: Attempt) -> None:
    page = act(client, "check")
    assert "0 of 2 done" in page
    assert "Start a run as a guest" in page
    chosen = {"provider": "guest", "access": "guest", "flow": "enhanced", "pool": "ready", "pace": "all"}
    client.post(reverse("flows:run_create"), chosen)
    run = Run.objects.get()
    # Whoever comes back sees what the run has proved, before the button is pressed.
    assert "1 of 2 done" in client.get(reverse("training:exercise", args=["ready"])).content.decode()
    client.post(reverse("flows:run_use", args=[run.code]), {"sample": "who-am-i"})
    page = act(client, "check")
    assert "2 of 2 done" in page
    assert "Solved." in page
    assert f"{reverse('flows:run_view', args=[run.code, 'calls'])}?call=" in page
    # Every other page says from which exercise one comes, and leads to its pool.
    demo = client.get(reverse("flows:demo")).content.decode()
    assert "You are in the exercise" in demo
    assert f'href="{reverse("flows:demo")}?pool=ready">Start a run</a>' in demo
    assert f'href="{reverse("flows:send_call")}?pool=ready">Send a call</a>' in demo


def test_a_question_is_answered_when_the_exercise_is_begun_and_counts_at_once(
    client: Client, sandbox: RunningSandbox, transactional_db: None
) -> None:
    address = reverse("training:exercise", args=["guest-in-two-calls"])
    before = client.get(address).content.decode()
    assert "Press <b>Begin</b> first" in before
    assert "You have one answer" not in before
    begun = act(client, "begin", "guest-in-two-calls")
    assert "Press <b>Begin</b> first" not in begun
    (question,) = re.findall(r'name="question" value="([^"]+)"', begun)
    answered = act(client, "answer", "guest-in-two-calls", question=question, option=2)
    assert "1 of 6 done" in answered
    assert "your answer" in answered


def test_with_one_port_for_browsers_code_goes_to_the_port_of_the_sandbox(
    client: Client, begun: Attempt, sandbox: RunningSandbox, settings: Settings
) -> None:
    chosen = {"provider": "guest", "access": "guest", "flow": "enhanced", "pool": "ready", "pace": "all"}
    client.post(reverse("flows:run_create"), chosen)
    run = Run.objects.get()
    client.post(reverse("flows:run_use", args=[run.code]), {"sample": "who-am-i"})
    settings.SANDBOX_PUBLIC_URL, settings.SANDBOX_CLI_URL = settings.PUBLIC_URL, "http://192.168.1.5:4566"
    pages = {
        "solution": act(client, "solution"),
        "calls": client.get(f"{run.get_absolute_url()}calls/?call=2").content.decode(),
        "try it": client.get(f"{run.get_absolute_url()}try/?call=3").content.decode(),
        "credentials": client.post(f"{run.get_absolute_url()}reveal/").content.decode(),
    }
    assert {name: "http://192.168.1.5:4566" in page for name, page in pages.items()} == dict.fromkeys(pages, True)


@pytest.mark.slow
def test_hints_and_solution_are_in_the_page_only_when_they_were_asked_for(client: Client, begun: Attempt) -> None:
    before = client.get(reverse("training:exercise", args=["ready"])).content.decode()
    assert "Where you work" in before
    assert "the latest one: there is a row of views" not in before
    act(client, "hint")
    page = act(client, "hint")
    assert "the latest one: there is a row of views" in page
    assert "assumed-role/ReadyGuest" not in page
    page = act(client, "solution")
    assert begun.account is not None
    assert f"{begun.account.account_id}:assumed-role/ReadyGuest" in page


@pytest.mark.slow
def test_another_browser_finds_no_attempt_of_ours(client: Client, begun: Attempt) -> None:
    stranger = Client()
    for what in ("check", "hint", "solution", "answer", "help", "feedback", "set_back"):
        assert stranger.post(reverse(f"training:exercise_{what}", args=["ready"])).status_code == 404
    assert "Begin" in stranger.get(reverse("training:exercise", args=["ready"])).content.decode()
    assert not CheckResult.objects.exists()


def test_an_exercise_that_does_not_exist_is_not_found(client: Client, db: None) -> None:
    assert client.get(reverse("training:exercise", args=["no-such"])).status_code == 404


@pytest.mark.slow
def test_the_page_takes_eight_queries_at_most(
    client: Client, begun: Attempt, django_assert_max_num_queries: object
) -> None:
    for name, args in (("exercise", ["ready"]), ("exercise_list", [])):
        with django_assert_max_num_queries(8):  # type: ignore[operator]
            client.get(reverse(f"training:{name}", args=args))


def test_the_page_that_waits_for_probes_gets_the_checks_alone(client: Client, begun: Attempt) -> None:
    address = reverse("training:exercise", args=["ready"])
    whole = client.get(address).content.decode()
    asked = client.get(address, headers={"HX-Request": "true", "HX-Target": "checks"}).content.decode()
    section = re.compile(r'<section [^>]*id="checks".*?</section>', re.DOTALL)
    token = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')
    assert [token.sub("", found) for found in section.findall(whole)] == [token.sub("", asked).strip()]
    Attempt.objects.update(lease_until=timezone.now() + timedelta(minutes=1))
    assert client.get(address, headers={"HX-Request": "true", "HX-Target": "checks"}).status_code == 204


def test_a_run_and_its_check_take_few_statements(
    client: Client, begun: Attempt, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    chosen = {"provider": "guest", "access": "guest", "flow": "basic", "pool": "ready", "pace": "all"}
    new_minute = 1  # then what was counted in those before is deleted
    for _ in range(2):  # of which the first compiles what is prepared
        with django_assert_max_num_queries(35 + new_minute):
            client.post(reverse("flows:run_create"), chosen)
    page = Run.objects.latest("pk").get_absolute_url()
    with django_assert_max_num_queries(6):
        client.get(page)
    with django_assert_max_num_queries(16 + new_minute):
        client.post(reverse("training:exercise_check", args=["ready"]))
