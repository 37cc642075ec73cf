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
    assert "nothing was run in this exercise’s pool yet" in page
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
    assert "has another identity pool" in demo
    assert "another identity pool" not in client.get(f"{reverse('flows:demo')}?pool=ready").content.decode()
    assert f'href="{reverse("flows:demo")}?pool=ready">Start a run</a>' in demo
    assert f'href="{reverse("flows:send_call")}?pool=ready">Send a call</a>' in demo


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


def test_the_question_comes_first_and_its_answer_begins_the_exercise(
    client: Client, sandbox: RunningSandbox, transactional_db: None
) -> None:
    before = client.get(reverse("training:exercise", args=["same-by-hand"])).content.decode()
    assert "disabled" not in before[before.index('id="questions"') : before.index('class="brief"')]
    assert "Choose one of the answers." in act(client, "answer", "same-by-hand", question="guess", option="9")
    assert not Attempt.objects.exists()

    page = act(client, "answer", "same-by-hand", question="guess", option="1")
    assert Attempt.objects.get().state == "working"
    # Answered is answered: nobody has to press anything else for it.
    assert "1 of 7 done" in page
    assert "your answer" in page
    assert "Answer the question: In the" not in page


def test_who_changes_what_the_brief_asks_for_is_not_told_to_set_it_back(
    client: Client, sandbox: RunningSandbox, transactional_db: None
) -> None:
    slug, warning = "same-by-hand", "You changed something before"
    act(client, "begin", slug)
    Attempt.objects.update(changed_at=timezone.now())
    # With the basic flow on, its refusal cannot be seen any more; once it was seen, the change is a step like others.
    assert warning in client.get(reverse("training:exercise", args=[slug])).content.decode()
    CheckResult.objects.update_or_create(attempt=Attempt.objects.get(), check_id="off", defaults={"done": True})
    assert warning not in client.get(reverse("training:exercise", args=[slug])).content.decode()


@pytest.mark.slow
def test_the_demo_says_in_which_of_two_accounts_the_pool_is(
    client: Client, sandbox: RunningSandbox, transactional_db: None
) -> None:
    act(client, "begin", "trust-clinic")
    for key, whose in (("opponent-trust-clinic", "The other account"), ("trust-clinic", "Your account")):
        page = " ".join(client.get(f"/demo/?pool={key}").content.decode().split())
        assert f'<b data-shows="pool">Trust clinic · {whose}</b>' in page
        assert "another identity pool" not in page


@pytest.mark.slow
def test_who_mends_before_the_attack_is_told_to_set_it_back(
    client: Client, sandbox: RunningSandbox, transactional_db: None
) -> None:
    slug, warning = "guest-takes-admin", "You changed something before"
    act(client, "begin", slug)
    Attempt.objects.update(changed_at=timezone.now())
    for seen in ("attack-seen", "attack-used"):
        assert warning in client.get(reverse("training:exercise", args=[slug])).content.decode()
        CheckResult.objects.update_or_create(attempt=Attempt.objects.get(), check_id=seen, defaults={"done": True})
    assert warning not in client.get(reverse("training:exercise", args=[slug])).content.decode()


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
    for what in ("check", "hint", "solution", "help", "feedback", "set_back"):
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


def test_who_looks_again_twice_within_a_second_gets_the_page_twice(client: Client, begun: Attempt) -> None:
    """A browser that is led to the very address that is open only scrolls, without asking."""
    Attempt.objects.update(lease_until=timezone.now() + timedelta(minutes=1))
    address, seen = reverse("training:exercise", args=["ready"]), set[str]()
    for number in range(1, 6):
        link = re.search(r'href="([^"]+)">Look again', client.get(address).text)
        assert link
        address = link[1]
        seen.add(address)
        assert len(seen) == number


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


@pytest.mark.slow
def test_the_same_guest_twice_is_not_two_guests(
    client: Client, sandbox: RunningSandbox, transactional_db: None
) -> None:
    client.get(reverse("training:exercise", args=["guest-in-two-calls"]))
    act(client, "begin", "guest-in-two-calls")
    chosen = {"provider": "guest", "access": "guest", "flow": "enhanced", "pool": "guest-in-two-calls", "pace": "all"}
    client.post(reverse("flows:run_create"), chosen)
    first = Run.objects.get()
    client.post(reverse("flows:run_create"), chosen | {"IdentityId": first.identity_id})
    assert Run.objects.latest("pk").identity_id == first.identity_id
    assert "Make the exchange a second time" in act(client, "check", "guest-in-two-calls")
    client.post(reverse("flows:run_create"), chosen)
    assert "Two runs, two identity IDs" in act(client, "check", "guest-in-two-calls")
