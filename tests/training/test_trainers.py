"""Who makes classes: the group "Trainers", without the staff flag, and nobody else."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from accounts.models import User
from training.services.classes import cohort_make


@pytest.fixture
def trainer(db: None) -> User:
    made = User.objects.create_user("tora")
    made.groups.add(Group.objects.get(name="Trainers"))
    return made


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_group_makes_classes_without_being_staff(trainer: User) -> None:
    client = client_of(trainer)

    assert client.get("/class/", follow=True).redirect_chain[-1][0] == "/class/all/"
    assert "New class" in client.get("/class/all/").content.decode()
    assert client.get("/class/new/").status_code == 200
    assert client.get("/setup/").status_code == 403


def test_a_trainer_makes_a_class_from_an_earlier_one(trainer: User) -> None:
    cohort = cohort_make(trainer=trainer, name="Oslo", seats=1, exercises=["ready"], seed_soon=False)
    client = client_of(trainer)

    assert "New class from this one" in client.get(cohort.get_absolute_url()).content.decode()
    assert client.post(reverse("training:successor", args=[cohort.public_id]), {"name": "Bergen"}).status_code == 302


def test_an_account_without_the_group_makes_none(db: None) -> None:
    client = client_of(User.objects.create_user("lea"))

    assert client.get("/class/new/").status_code == 403
    assert "New class" not in client.get("/class/all/").content.decode()
