"""A seat's account is called by its name and class wherever staff read of people, and is found by both."""

import re

import pytest
from django.test import Client

from accounts.models import User
from providers.sign_in.models import SignIn
from tests.flows.history.conftest import run_row
from tests.training.rows import client_of
from training.models import Membership
from training.services import classes, joining

pytestmark = pytest.mark.django_db

CALLED = "Quill (Oslo, Monday)"


@pytest.fixture
def seat() -> Membership:
    trainer = User.objects.create_user("tora", is_staff=True)
    for name in ("Oslo, Monday", "Bergen, Friday"):
        cohort = classes.cohort_make(trainer=trainer, name=name, seats=2, exercises=["ready"], seed_soon=False)
        joining.join(cohort, ["Quill" if name.startswith("Oslo") else "Bo"])
    for member in Membership.objects.filter(made_for_seat=True):
        run_row(user=member.user, visitor=None).save()
        SignIn.objects.create(provider="google", user=member.user, expires_at="2030-01-01T00:00:00Z")
    return Membership.objects.get(display_name="Quill")


@pytest.fixture
def root() -> Client:
    return client_of(User.objects.create_superuser("root"))


def words(page: bytes) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page.decode()).split())


LISTS = ["/admin/flows/run/", "/admin/providers/signin/", "/admin/accounts/user/"]


@pytest.mark.parametrize("path", LISTS)
def test_lists_of_the_admin_call_people_as_the_class_does(root: Client, seat: Membership, path: str) -> None:
    page = words(root.get(path).content)
    assert CALLED in page
    assert "Bo (Bergen, Friday)" in page


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("term", ["quill", "Oslo, Mon"])
def test_they_are_searched_by_the_name_and_by_the_class(root: Client, seat: Membership, path: str, term: str) -> None:
    found = root.get(path, {"q": term}).context["cl"].result_list
    assert [row if isinstance(row, User) else row.user for row in found] == [seat.user]


def test_the_reviewers_history_says_and_finds_them(root: Client, seat: Membership) -> None:
    assert CALLED in words(root.get("/runs/", {"scope": "everybody"}).content)
    page = words(root.get("/runs/", {"owner": "Quill"}).content)
    assert CALLED in page
    assert "Bergen" not in page
    assert CALLED in words(root.get("/runs/", {"owner": seat.user.username}).content)


def test_an_export_of_runs_says_them(root: Client, seat: Membership) -> None:
    address = "/admin/flows/run/export/"
    fields = root.get(address).context["form"].fields
    form = {name: "on" for name in fields if name.startswith("runresource")} | {"format": "0", "resource": "0"}
    assert CALLED in root.post(address, form).content.decode()
