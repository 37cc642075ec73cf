"""When a class ends by itself, and how it goes on."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests.training.rows import a_class, client_of
from training.models import Cohort
from training.services import classes

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainer() -> User:
    return User.objects.create_user("tora", is_staff=True)


@pytest.fixture
def cohort(trainer: User) -> Cohort:
    """A class that ended by itself an hour ago."""
    made = a_class(trainer)
    now = timezone.now()
    Cohort.objects.update(starts_at=now - timedelta(hours=9), ends_at=now - timedelta(hours=1))
    made.refresh_from_db()
    return made


@pytest.fixture
def client(trainer: User) -> Client:
    return client_of(trainer)


def said(cohort: Cohort, **more: Any) -> dict[str, Any]:
    about = {"name": cohort.name, "seats": cohort.seats, "names": "nickname", "hints": "free"}
    return about | {"hint_minutes": 5, "retention_days": 30, "exercises": ["ready"]} | more


def hours_left(cohort: Cohort) -> float:
    cohort.refresh_from_db()
    assert cohort.ends_at is not None
    return round((cohort.ends_at - timezone.now()) / timedelta(hours=1), 1)


def test_a_class_that_is_served_again_has_its_hours_from_then_on(cohort: Cohort) -> None:
    until = timezone.now() + timedelta(hours=10)
    assert classes.cohort_prolong(cohort, until)
    assert cohort.is_open
    assert hours_left(cohort) == 10
    assert not classes.cohort_prolong(cohort, until + timedelta(hours=2)), "it had not ended"
    assert hours_left(cohort) == 12
    classes.cohort_prolong(cohort, until)
    assert hours_left(cohort) == 12, "no class is made shorter"


def test_a_class_without_an_end_gets_one_when_it_is_served(cohort: Cohort) -> None:
    classes.cohort_change(cohort, ends_at=None)
    assert not classes.cohort_prolong(cohort, timezone.now() + timedelta(hours=10))
    assert hours_left(cohort) == 10


def test_a_class_that_is_gone_on_with_ends_by_itself_again(client: Client, cohort: Cohort) -> None:
    client.post(f"{cohort.get_absolute_url()}act/", {"do": "end"})
    client.post(f"{cohort.get_absolute_url()}act/", {"do": "reopen"})
    assert hours_left(cohort) == 10
    assert cohort.is_open
    assert "It ends by itself on" in client.get(cohort.get_absolute_url()).content.decode()


def test_settings_say_when_a_class_ends_and_change_it_only_where_asked(client: Client, cohort: Cohort) -> None:
    settings = f"{cohort.get_absolute_url()}settings/"
    classes.cohort_change(cohort, ends_at=timezone.now() + timedelta(hours=2))
    assert "Leave it empty, and it ends on" in client.get(settings).content.decode()
    client.post(settings, said(cohort, hours=""))
    assert hours_left(cohort) == 2
    client.post(settings, said(cohort, hours="5"))
    assert hours_left(cohort) == 5
    assert client.post(settings, said(cohort, hours="0")).status_code == 400


def test_a_class_without_an_end_says_so(client: Client, cohort: Cohort) -> None:
    classes.cohort_change(cohort, ends_at=None)
    assert "It ends when you end it." in client.get(cohort.get_absolute_url()).content.decode()
