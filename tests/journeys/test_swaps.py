"""Views of a run are swapped in place, and are addresses all the same."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.held import arrived, hold
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_view_is_swapped_in_with_address_title_focus_and_announcement(guest: Visitor) -> None:
    page = guest.page
    guest.run()
    page.evaluate("window.sameDocument = true")
    guest.look("Why")
    assert page.evaluate("window.sameDocument")
    assert page.url.endswith("/why/")
    expect(page.get_by_role("heading", name="Why", exact=True)).to_be_focused()
    expect(page.locator("#live")).to_have_text("Why")


def test_back_and_forward_lead_through_the_views(guest: Visitor) -> None:
    page = guest.page
    guest.run()
    guest.look("Calls")
    guest.look("JSON")
    page.go_back()
    expect(page.get_by_role("heading", name="Calls")).to_be_visible()
    expect(page.locator(".call")).to_have_count(2)
    page.go_back()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    page.go_forward()
    expect(page.get_by_role("heading", name="Calls")).to_be_visible()
    expect(page.locator("header.bar")).to_have_count(1)


def test_back_never_brings_revealed_credentials_back(guest: Visitor) -> None:
    page = guest.page
    guest.run()
    guest.look("Credentials")
    page.get_by_role("button", name="Reveal").click()
    expect(page.get_by_text("These are shown once")).to_be_visible()
    guest.look("Why")
    page.go_back()
    expect(page.get_by_role("button", name="Reveal")).to_be_visible()
    assert "••••••••" in page.locator("#credentials-json").inner_text()


def test_the_demo_keeps_its_choices_in_the_address(guest: Visitor) -> None:
    page = guest.page
    page.goto("/demo/")
    guest.open_settings()
    page.get_by_role("radio", name="Basic (classic) flow off").check()
    expect(page.locator("summary", has_text="Settings")).to_contain_text("Basic (classic) flow off")
    guest.change("Which flow?", "Basic flow")
    expect(page).to_have_url(re.compile(r"/demo/\?access=guest&flow=basic&pool=no-classic$"))
    expect(page.locator("[name=pool]:checked")).to_have_value("no-classic")
    page.go_back()
    expect(page.locator("summary", has_text="Which flow?")).to_contain_text("Enhanced flow")


def test_a_call_of_the_comparison_opens_beside_it(guest: Visitor) -> None:
    page = guest.page
    page.goto("/learn/flows/")
    page.get_by_role("table").get_by_role("link", name="GetOpenIdToken").click()
    panel = page.get_by_role("complementary", name="API reference")
    expect(panel.get_by_role("heading", name="GetOpenIdToken")).to_be_focused()
    assert page.url.endswith("/learn/flows/")


def test_the_theme_is_remembered(guest: Visitor) -> None:
    page = guest.page
    page.goto("/")
    page.get_by_role("button", name="Colours: system").click()
    chosen = page.locator("html").get_attribute("data-theme")
    page.goto("/demo/")
    assert chosen == "dark"
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="Colours: dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.get_by_role("button", name="Colours: light").click()
    page.reload()
    expect(page.get_by_role("button", name="Colours: system")).to_be_visible()
    assert page.locator("html").get_attribute("data-theme") is None


def test_an_error_page_replaces_the_page(guest: Visitor) -> None:
    page = guest.page
    guest.run()
    other_tab = page.context.new_page()
    other_tab.goto(f"/runs/{guest.code}/delete/")
    other_tab.get_by_role("main").get_by_role("button").click()
    expect(other_tab.get_by_role("heading", name="My runs")).to_be_visible()
    page.get_by_role("link", name="Why", exact=True).click()
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    expect(page.locator("header.bar")).to_have_count(1)


def test_a_site_that_does_not_answer_is_said_where_everybody_sees_it(guest: Visitor) -> None:
    page = guest.page
    guest.run()
    page.route("**/why/", lambda route: route.abort())
    page.get_by_role("link", name="Why", exact=True).click()
    said = page.get_by_text("No answer came from this site")
    expect(said).to_be_in_viewport()
    page.unroute("**/why/")
    guest.look("Why")
    expect(said).to_have_count(0)


def test_a_swap_that_takes_long_shows_that_it_is_under_way(guest: Visitor) -> None:
    page = guest.page
    guest.run()
    held = hold(page, "**/why/")
    page.get_by_role("navigation", name="Views of this run").get_by_role("link", name="Why", exact=True).click()
    expect(page.locator("#live")).to_have_text("Loading")
    expect(page.locator("body")).to_have_css("position", "fixed", pseudo="before")
    expect(page.locator("body")).to_have_css("opacity", "1", pseudo="before")
    arrived(page, held).continue_()
    expect(page.get_by_role("heading", name="Why", exact=True)).to_be_focused()
    expect(page.locator("#live")).to_have_text("Why")
    expect(page.locator("body")).not_to_have_css("position", "fixed", pseudo="before")


def test_another_service_brings_its_operations_and_its_list_keeps_the_focus(guest: Visitor) -> None:
    page = guest.page
    page.goto("/send/?operation=GetOpenIdToken")
    page.evaluate("window.sameDocument = true")
    services = page.get_by_label("Service")
    services.focus()
    services.press("ArrowDown")
    services.press("ArrowDown")
    expect(page.get_by_role("heading", name="ListObjectsV2")).to_be_visible()
    expect(page.get_by_label("Operation", exact=True)).to_have_value("ListObjectsV2")
    expect(page.get_by_label("Bucket (required)")).to_be_visible()
    assert page.evaluate("window.sameDocument")
    expect(services).to_be_focused()
    expect(page.locator("#live")).to_have_text("S3: ListObjectsV2")
    expect(page).to_have_url(re.compile(r"/send/\?pool=lab&service=s3$"))
    offered = page.locator("#operations option").evaluate_all("options => options.map(option => option.value)")
    assert "GetObject" in offered
    assert "GetId" not in offered


def test_another_service_takes_away_why_the_last_call_was_not_sent(guest: Visitor) -> None:
    page = guest.page
    page.goto("/send/?service=s3&operation=GetObject")
    page.get_by_label("Sent by").select_option("nobody")
    page.locator("summary", has_text="more parameters").click()
    page.get_by_label("PartNumber").fill("one")
    page.get_by_role("button", name="Send this call").click()
    expect(page.get_by_role("heading", name="Not sent")).to_be_visible()
    page.get_by_label("Service").select_option("STS")
    expect(page.get_by_role("heading", name="AssumeRoleWithWebIdentity")).to_be_visible()
    expect(page.get_by_role("heading", name="Not sent")).to_have_count(0)
    expect(page).to_have_title("Send a call · Identity Pools Lab")
