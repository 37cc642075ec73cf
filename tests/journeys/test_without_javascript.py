"""Everything works without a script."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser


def test_a_guest_gets_uses_and_reveals_credentials(new_context: Callable[..., BrowserContext]) -> None:
    guest = Visitor(new_context(java_script_enabled=False).new_page(), scripted=False)
    page = guest.page
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name="Interactive demo").click()
    guest.change("Who is asking?", "Guest access")
    guest.change("Which flow?", "Basic flow")
    page.get_by_role("button", name="Step by step").click()
    page.get_by_role("button", name="Send this call").click()
    assert "#call-1" in page.url
    page.get_by_role("button", name="Run all").first.click()
    assert guest.operations() == ["GetId", "GetOpenIdToken", "AssumeRoleWithWebIdentity"]

    guest.look("Credentials")
    expect(page.get_by_role("button", name="Copy JSON")).to_have_count(0)
    page.get_by_role("button", name="Reveal").click()
    expect(page.get_by_text("These are shown once")).to_be_visible()
    assert "••••••••" not in page.locator("#credentials-json").inner_text()

    guest.look("Try it")
    page.get_by_role("button", name="Who am I?").click()
    expect(page.locator("#call-4")).to_contain_text("assumed-role/LabGuest")
    page.get_by_role("link", name="My runs").first.click()
    expect(page.get_by_role("heading", name="My runs")).to_be_visible()


def test_another_service_takes_its_button(new_context: Callable[..., BrowserContext]) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto("/send/")
    page.get_by_label("Service").select_option("STS")
    page.get_by_role("button", name="Use this operation").click()
    expect(page.get_by_role("heading", name="AssumeRoleWithWebIdentity")).to_be_visible()
    expect(page.get_by_label("Operation", exact=True)).to_have_value("AssumeRoleWithWebIdentity")
