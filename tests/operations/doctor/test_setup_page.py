"""/setup/: the same report in a browser, for those who run the site."""

import json

import jsonschema
import pytest
from django.test import Client

from accounts.models import User
from tests import ROOT
from tests.operations.doctor.conftest import Installation
from tests.operations.doctor.test_faults import change_pool


@pytest.fixture
def staff(lab: Installation) -> Client:
    return _signed_in(is_staff=True)


def _signed_in(*, is_staff: bool = False) -> Client:
    client = Client(SERVER_NAME="localhost", SERVER_PORT="8000")
    client.force_login(User.objects.create_user("maya", is_staff=is_staff))
    return client


def test_staff_see_every_check_and_the_verdict(lab: Installation, staff: Client) -> None:
    change_pool(lab, AllowUnauthenticatedIdentities=False)
    try:
        page = staff.get("/setup/").content.decode()
    finally:
        change_pool(lab, AllowUnauthenticatedIdentities=True)
    assert page.count('data-state="') == 22
    assert "Not ready: 1 check failed" in page
    assert 'id="guests" data-state="error"' in page
    assert "aws cognito-identity update-identity-pool" in page


def test_one_check_by_its_name_and_json_by_the_schema(lab: Installation, staff: Client) -> None:
    found = staff.get("/setup/?only=classic&format=json").json()
    jsonschema.validate(found, json.loads((ROOT / "docs" / "doctor-v1.schema.json").read_text()))
    assert [row["name"] for row in found["rows"]] == ["classic"]
    assert found["verdict"] == "Ready: everything that was checked is fine."


def test_nobody_else_sees_it(lab: Installation) -> None:
    visitor = Client(SERVER_NAME="localhost", SERVER_PORT="8000")
    assert visitor.get("/setup/")["Location"] == "/accounts/sign-in/?next=/setup/"
    person = _signed_in()
    assert person.get("/setup/").status_code == 403
    assert '"/setup/"' not in person.get("/demo/").content.decode()


def test_it_stands_in_the_navigation_of_staff(staff: Client) -> None:
    assert 'href="/setup/"' in staff.get("/demo/").content.decode()
    assert staff.post("/setup/").status_code == 405
