"""With APP_MODE=aws: exercises that look at runs take place on the configured pool, the others say what they need."""

from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from accounts.owners import Owner
from flows.exchange import pacing
from flows.exchange.pools import pool_for
from flows.models import Outcome, Run
from flows.services import run_all, run_open, run_use
from lessons.sample_calls import SAMPLES
from tests.flows.aws_wire import POOL, AwsWire
from tests.flows.conftest import aws_mode, aws_settings, aws_wire
from tests.training.rows import client_of
from training.models import Attempt, AttemptRun, AttemptState, Cohort
from training.services.attempts import entry_for, place_of
from training.services.joining import join
from training.services.presets import exercises_of

__all__ = ["aws_mode", "aws_settings", "aws_wire"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ana(aws_mode: AwsWire) -> User:
    """A learner of a class that was made with everything that can be done here."""
    trainer = client_of(User.objects.create_user("tora", is_staff=True))
    about = {"name": "Oslo", "seats": 2, "names": "nickname", "hints": "free", "hint_minutes": 5, "retention_days": 30}
    answer = trainer.post("/class/new/", {**about, "hours": 8, "preset": "half-day"})
    assert answer.status_code == 302
    return join(Cohort.objects.get(), ["Ana"]).membership.user


def run_as(owner: Owner) -> Run:
    pool = pool_for(owner)
    return run_all(
        run=run_open(owner=owner, access="guest", flow="enhanced", provider="guest", pool=pool, parameters={})
    )


@pytest.mark.slow
def test_a_class_has_what_can_be_done_there_and_the_others_say_what_they_need(ana: User, aws_mode: AwsWire) -> None:
    cohort = Cohort.objects.get()
    assert [row.exercise for row in cohort.assignments.all()] == exercises_of("half-day")
    assert exercises_of("all") == ["ready", "guest-in-two-calls", "which-pool"]
    trainer = client_of(User.objects.get(username="tora"))
    page = trainer.get(f"/class/{cohort.public_id}/settings/").content.decode()
    assert "needs the sandbox" in page
    chosen = {"name": "Oslo", "seats": 2, "names": "nickname", "hints": "free", "hint_minutes": 5, "retention_days": 30}
    refused = trainer.post(f"/class/{cohort.public_id}/settings/", {**chosen, "exercises": ["trust-clinic"]})
    assert "On AWS these cannot be done, they need the sandbox: Trust clinic" in refused.content.decode()

    visitor = Client()
    assert "Needs the sandbox" in visitor.get("/exercises/").content.decode()
    answer = visitor.post("/exercises/trust-clinic/begin/", follow=True).content.decode()
    assert "needs the sandbox" in answer
    assert not Attempt.objects.exists()


def test_an_exercise_is_solved_on_the_configured_pool(ana: User, aws_mode: AwsWire) -> None:
    browser, owner = client_of(ana), Owner(ana.pk, uuid4())
    browser.post("/exercises/ready/begin/")
    page = browser.get("/exercises/ready/").content.decode()
    assert POOL in page
    assert "guests</code> for guests" in page
    run = run_as(owner)
    assert run.outcome == Outcome.SUCCEEDED
    assert AttemptRun.objects.get(run=run).attempt.exercise == "ready"
    run_use(run=run, sample=SAMPLES["who-am-i"])
    browser.post("/exercises/ready/check/")
    assert Attempt.objects.get().state == AttemptState.SOLVED


@pytest.mark.slow
def test_a_run_belongs_to_the_exercise_that_was_looked_at_last(ana: User, aws_mode: AwsWire) -> None:
    browser, owner = client_of(ana), Owner(ana.pk, uuid4())
    for slug in ("ready", "guest-in-two-calls"):
        browser.post(f"/exercises/{slug}/begin/")
        browser.get(f"/exercises/{slug}/")
    assert AttemptRun.objects.get(run=run_as(owner)).attempt.exercise == "guest-in-two-calls"
    browser.get("/exercises/ready/")
    assert AttemptRun.objects.get(run=run_as(owner)).attempt.exercise == "ready"


def test_texts_say_the_configured_pool(ana: User, aws_mode: AwsWire, settings: Settings) -> None:
    settings.COGNITO_USER_POOL_ID = "us-east-1_Planted01"
    place = place_of(Owner(ana.pk, uuid4()))
    assert entry_for(place, "which-pool") is not None
    page = client_of(ana).get("/exercises/which-pool/").content.decode()
    assert "us-east-1_Planted01" in page
    assert f"LOGINS_KEY=cognito-idp.us-east-1.amazonaws.com/{POOL}" in page


def test_a_room_that_begins_at_once_is_given_turns() -> None:
    pace = pacing.Pace()
    waits = [pace.turn(1000.0, 20) for _ in range(60)]
    assert waits == pytest.approx([number / 20 for number in range(60)])
    assert pace.turn(1010.0, 20) == 0, "who comes later waits for nobody"
    many = [pace.turn(2000.0, 1) for _ in range(15)]
    assert many[9:] == [9.0, 0, 0, 0, 0, 0], "nobody waits longer than a call may take"


def test_calls_of_getid_take_a_turn_on_aws_alone(ana: User, aws_mode: AwsWire, settings: Settings) -> None:
    before = pacing.get_id._next
    run_as(Owner(ana.pk, uuid4()))
    assert pacing.get_id._next > before
    settings.APP_MODE, before = "sandbox", pacing.get_id._next
    pacing.wait_for_turn("GetId")
    pacing.wait_for_turn("GetCredentialsForIdentity")
    assert pacing.get_id._next == before
