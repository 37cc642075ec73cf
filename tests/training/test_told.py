"""A learner reads what a trainer has done at their seat."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests.training.rows import a_class, client_of, learners_of
from training.models import Attempt, Cohort, Membership

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort() -> Cohort:
    return a_class(User.objects.create_user("tora", is_staff=True))


def news(learner: Client, cohort: Cohort, since: str = "") -> str:
    return learner.get(f"/class/{cohort.public_id}/news/", {"since": since}).content.decode()


def test_whose_exercise_a_trainer_sets_back_reads_it_on_their_pages_for_a_quarter_of_an_hour(cohort: Cohort) -> None:
    seat, other = learners_of(cohort)[:2]
    learner, trainer = client_of(seat.user), client_of(User.objects.get(username="tora"))
    before = learner.get(f"/class/{cohort.public_id}/news/").context["news"].token
    attempt = Attempt.objects.filter(membership=seat, current=True)[0]
    trainer.post(f"/class/{cohort.public_id}/seats/{seat.pk}/begin-again/", {"attempt": attempt.pk})

    told = "Your trainer has set "
    assert told in news(learner, cohort, since=before), "a page that asks what is new is told"
    assert told in learner.get("/class/me/").content.decode()
    assert told not in news(client_of(other.user), cohort)
    Membership.objects.filter(pk=seat.pk).update(told_at=timezone.now() - timedelta(minutes=16))
    assert told not in news(learner, cohort)
