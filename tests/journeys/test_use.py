"""Try it: real calls that join the run."""

import pytest
from playwright.sync_api import expect

from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser


def test_samples_are_called_and_join_the_trace(guest: Visitor) -> None:
    page = guest.page
    guest.run()
    guest.look("Try it")
    page.get_by_role("button", name="Who am I?").click()
    expect(page.locator("#call-3 h3")).to_be_focused()
    expect(page.locator("#call-3")).to_contain_text("assumed-role/LabGuest/CognitoIdentityCredentials")
    expect(page.locator("#call-3")).to_contain_text("signed")
    expect(page.locator("#call-3")).to_contain_text("Allowed, as expected")
    page.get_by_role("button", name="Call: Scan the SampleProducts table").click()
    expect(page.get_by_role("row", name="P-1001 Ridgeline 28 Backpack")).to_be_visible()
    expect(page.locator("#call-4")).to_contain_text("200 OK")
    page.get_by_role("button", name="Call: Read the product catalogue").click()
    expect(page.locator("#call-5")).to_contain_text("application/pdf")

    guest.look("Calls")
    assert guest.operations() == ["GetId", "GetCredentialsForIdentity", "GetCallerIdentity", "Scan", "GetObject"]
    assert guest.errors == []


@pytest.mark.slow
def test_what_the_role_does_not_allow_is_refused_with_the_reason(guest: Visitor) -> None:
    page = guest.page
    guest.run("basic")
    guest.look("Try it")
    page.get_by_role("button", name="Call: Try to write to the bucket").click()
    refused = page.locator("#call-4")
    expect(refused).to_contain_text("403 AccessDenied")
    expect(refused).to_contain_text("is not authorized to perform: s3:PutObject")
    expect(refused).to_contain_text("What to do.")
    expect(refused.locator(".difference")).to_contain_text("no statement of role LabGuest")
    expect(refused).to_contain_text("Refused, as expected")
    expect(page.locator(".pill").first).to_contain_text("Succeeded")


@pytest.mark.slow
def test_programs_stand_beside_the_calls(guest: Visitor) -> None:
    page = guest.page
    guest.run()
    guest.look("Try it")
    page.get_by_text("The same call in your own code").first.click()
    expect(page.locator("#python-who-am-i")).to_contain_text('boto3.client("sts"')
    expect(page.locator("#javascript-who-am-i")).to_contain_text("GetCallerIdentityCommand")
    page.get_by_role("link", name="List the public bucket").click()
    page.get_by_text("The same call in your own code").click()
    expect(page.locator("#python-list-bucket")).to_contain_text("list_objects_v2")
