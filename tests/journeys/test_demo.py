"""The demo shows what has to be chosen, and keeps the rest out of the way."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.journeys.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FOLD = "Choose the identity pool, and whether to stop before each call"
AUTHENTICATED = "/demo/?access=authenticated"


def test_settings_are_folded_on_a_phone_unless_they_are_not_as_usual(
    new_context: Callable[..., BrowserContext],
) -> None:
    page = new_context(viewport={"width": 375, "height": 800}).new_page()
    page.goto(AUTHENTICATED)
    step = page.get_by_role("radio", name="Step by step")
    expect(step).to_be_hidden()
    page.get_by_text(FOLD).click()
    expect(step).to_be_visible()
    page.goto(f"{AUTHENTICATED}&pool=rules")
    expect(page.get_by_role("radio", name="Role by rule")).to_be_checked()
    expect(step).to_be_visible()


def test_settings_are_open_where_there_is_room(new_context: Callable[..., BrowserContext]) -> None:
    page = new_context().new_page()
    page.goto(AUTHENTICATED)
    expect(page.get_by_role("radio", name="Step by step")).to_be_visible()
    expect(page.get_by_text(FOLD)).to_be_hidden()


def test_each_flow_says_what_it_is_before_it_is_chosen(new_context: Callable[..., BrowserContext]) -> None:
    page = new_context().new_page()
    page.goto("/demo/?access=guest")
    flows = page.get_by_role("navigation", name="Flow").get_by_role("link")
    expect(flows).to_contain_text(["The identity pool chooses the role", "assumes a role that it chooses"])
    purpose = page.get_by_text("Trade the identity for temporary AWS credentials")
    expect(purpose).to_be_hidden()
    page.get_by_text("2 calls: GetId, GetCredentialsForIdentity").click()
    expect(purpose).to_be_visible()


def test_stand_ins_take_the_theme_along_and_can_be_found(new_context: Callable[..., BrowserContext]) -> None:
    person = Person(new_context(color_scheme="light").new_page())
    page = person.page
    page.goto(AUTHENTICATED)
    page.get_by_role("button", name="Switch between light and dark").click()
    page.get_by_role("button", name="Sign in with Google").click()
    expect(page.get_by_role("list", name="Steps").locator("[aria-current=step]")).to_have_text("Sign in")
    person.go_on()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/")
    page.get_by_role("link", name="Stand-in providers").click()
    expect(page.get_by_role("heading", name="Identity providers on this machine")).to_be_visible()
