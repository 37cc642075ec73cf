from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests.flows.history.conftest import MakeRun, make_run

__all__ = ["MakeRun", "make_run"]


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def today() -> datetime:
    """A time that lists take for today's, also where midnight passes before they are asked for."""
    return timezone.now() + timedelta(hours=1)


@pytest.fixture
def admin_user(db: None) -> User:
    return User.objects.create_superuser("root", password="correct horse battery")


@pytest.fixture
def staff_reviewer(db: None) -> User:
    user = User.objects.create_user("rita", password="correct horse battery", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="review_run"))
    return user


@pytest.fixture
def staff_viewer(db: None) -> User:
    """Staff that may look, and do nothing else."""
    user = User.objects.create_user("vera", password="correct horse battery", is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename__in=["view_run", "view_apicall"]))
    return user
