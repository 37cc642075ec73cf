"""The demo shows what has to be chosen, and keeps the rest out of the way."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.journeys.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AUTHENTICATED = "/demo/?access=authenticated"


def test_settings_are_a_line_that_says_what_they_are(new_context: Callable[..., BrowserContext]) -> None:
    person = Person(new_context(viewport={"width": 375, "height": 800}).new_page())
    page = person.page
    page.goto(f"{AUTHENTICATED}&pool=rules")
    line = page.locator("summary", has_text="Settings")
    expect(line).to_contain_text("Role by rule")
    expect(line).to_contain_text("usual values")
    step = page.get_by_role("radio", name="Step by step")
    expect(step).to_be_hidden()
    person.open_settings()
    expect(page.get_by_role("radio", name="Role by rule")).to_be_checked()
    step.check()
    expect(line).to_contain_text("Step by step")
    assert person.errors == []


def test_each_flow_says_what_it_is_before_it_is_chosen(new_context: Callable[..., BrowserContext]) -> None:
    page = new_context().new_page()
    page.goto("/demo/")
    page.locator("summary", has_text="Which flow?").click()
    expect(page.get_by_role("link", name="Enhanced flow")).to_contain_text("The identity pool chooses the role")
    expect(page.get_by_role("link", name="Basic flow")).to_contain_text("assumes a role that it chooses")
    purpose = page.get_by_text("Trade the identity for temporary AWS credentials")
    expect(purpose).to_be_hidden()
    page.get_by_text("2 calls: GetId, GetCredentialsForIdentity").click()
    expect(purpose).to_be_visible()


def test_a_fresh_sign_in_is_used_again_from_its_providers_card(new_context: Callable[..., BrowserContext]) -> None:
    """With the flow, the pool and the values that the page has."""
    ana = Person(new_context().new_page())
    page = ana.page
    ana.sign_in("Sign in with Google")
    first = ana.code
    page.goto(f"{AUTHENTICATED}&flow=basic")
    ana.open_settings()
    page.locator("[name=RoleSessionName]").fill("once-more")
    page.get_by_role("button", name="Reuse the Google sign-in").click()
    expect(page.get_by_role("heading", name="Google, basic flow")).to_be_visible()
    assert ana.verdict == "Succeeded"
    assert ana.code != first
    ana.look("Calls")
    expect(page.locator(".call", has_text="AssumeRoleWithWebIdentity")).to_contain_text("once-more")
    assert ana.errors == []


def test_stand_ins_take_the_theme_along_and_can_be_found(new_context: Callable[..., BrowserContext]) -> None:
    person = Person(new_context(color_scheme="light").new_page())
    page = person.page
    page.goto(AUTHENTICATED)
    page.get_by_role("button", name="Colours: system").click()
    page.get_by_role("button", name="Sign in with Google").click()
    person.go_on()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/")
    page.get_by_role("link", name="Stand-in providers").click()
    expect(page.get_by_role("heading", name="Identity providers on this machine")).to_be_visible()
