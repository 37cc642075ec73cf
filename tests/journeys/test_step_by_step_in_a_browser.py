"""One call at a time: the request is shown before it is sent."""

import pytest
from playwright.sync_api import expect

from tests.journeys.held import arrived, hold
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_each_call_is_shown_before_it_is_sent(guest: Visitor) -> None:
    page = guest.page
    guest.begin("basic")
    expect(page.locator(".call")).to_have_count(1)
    expect(page.locator("#next")).to_contain_text("IdentityPoolId")
    page.get_by_role("button", name="Send this call").click()
    expect(page.locator("#call-1 > summary")).to_be_focused()
    expect(page.locator("#live")).to_have_text("GetId: 200 OK")
    expect(page.get_by_role("heading", name="Next: GetOpenIdToken")).to_be_visible()
    page.get_by_role("button", name="Send this call").click()

    expect(page.get_by_role("heading", name="Next: AssumeRoleWithWebIdentity")).to_be_visible()
    expect(page.locator("#next")).to_contain_text("same as in call 2")
    page.get_by_label("Role session name").fill("learner-one")
    page.get_by_label("Duration in seconds").fill("900")
    page.get_by_role("button", name="Send this call").click()
    sent = page.locator("#call-3")
    expect(sent).to_contain_text("learner-one")
    expect(sent).to_contain_text("900")
    expect(sent).to_contain_text("assumed-role/LabGuest/learner-one")
    expect(page.locator(".pill").first).to_have_text("Succeeded")
    assert guest.errors == []


def test_run_all_does_the_rest(guest: Visitor) -> None:
    guest.begin()
    guest.page.get_by_role("button", name="Send this call").click()
    expect(guest.page.locator("#call-1 > summary")).to_be_focused()
    guest.page.get_by_role("button", name="Run all").first.click()
    expect(guest.page.locator(".pill").first).to_have_text("Succeeded")
    assert guest.operations() == ["GetId", "GetCredentialsForIdentity"]


def test_a_call_that_takes_long_is_said_to_be_under_way(guest: Visitor) -> None:
    page = guest.page
    guest.begin()
    held = hold(page, "**/advance/")
    page.get_by_role("button", name="Send this call").click()
    expect(page.locator("#live")).to_have_text("Sending")
    expect(page.get_by_role("button", name="Send this call")).to_be_disabled()
    arrived(page, held).continue_()
    expect(page.locator("#live")).to_have_text("GetId: 200 OK")


def test_the_run_at_a_glance_leads_to_each_call(guest: Visitor) -> None:
    page = guest.page
    guest.begin("basic")
    page.get_by_role("button", name="Send this call").click()
    expect(page.locator("#call-1 > summary")).to_be_focused()
    guest.look("Overview")
    way = page.get_by_role("list", name="The run at a glance")
    expect(way.get_by_role("listitem")).to_contain_text(["succeeded", "not run", "not run", "none yet"])
    way.get_by_role("link", name="GetId").click()
    expect(page.locator("#call-1 > summary")).to_be_focused()
    page.go_back()
    page.get_by_role("region", name="The run as a diagram").get_by_role("link", name="1: GetId").click()
    expect(page.locator("#call-1 > summary")).to_be_in_viewport()
    assert guest.errors == []


def test_a_page_left_open_does_not_send_a_call_twice(guest: Visitor) -> None:
    page = guest.page
    guest.begin()
    stale = page.context.new_page()
    stale.goto(page.url)
    page.get_by_role("button", name="Send this call").click()
    expect(page.locator("#call-1")).to_be_visible()
    stale.get_by_role("button", name="Send this call").click()
    expect(stale.locator("#messages")).to_contain_text("already")
    expect(stale.locator("[id^=call-]").filter(has=stale.locator("summary > h3"))).to_have_count(1)


def test_an_open_run_can_be_cancelled_and_keeps_its_calls(guest: Visitor) -> None:
    page = guest.page
    guest.begin("basic")
    page.get_by_role("button", name="Send this call").click()
    expect(page.locator("#call-1 > summary")).to_be_focused()
    page.get_by_role("button", name="Cancel run").click()
    expect(page.locator(".pill").first).to_have_text("Cancelled after 1 of 3 calls")
    expect(page.get_by_role("heading", name="Overview")).to_be_focused()
    expect(page.get_by_role("button", name="Cancel run")).to_have_count(0)
    guest.look("Calls")
    assert guest.operations() == ["GetId"]
    expect(page.get_by_role("button", name="Send this call")).to_have_count(0)
    assert guest.errors == []
