"""While a call is under way, no other one can be begun from the same page."""

import pytest
from playwright.sync_api import expect

from tests.journeys.held import arrived, hold
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_other_buttons_of_a_step(guest: Visitor) -> None:
    page = guest.page
    guest.begin()
    held = hold(page, "**/advance/", "POST")
    page.get_by_role("button", name="Send this call").click()
    for name in ("Send this call", "Run all", "Cancel run"):
        expect(page.get_by_role("button", name=name)).to_be_disabled()
    arrived(page, held).continue_()
    expect(page.get_by_role("heading", name="Next: GetCredentialsForIdentity")).to_be_visible()
    expect(page.get_by_role("button", name="Run all")).to_be_enabled()


def test_the_other_samples(guest: Visitor) -> None:
    page = guest.page
    guest.run()
    guest.look("Try it")
    held = hold(page, "**/use/", "POST")
    page.get_by_role("button", name="Who am I?").click()
    expect(page.get_by_role("button", name="Call: Scan the SampleProducts table")).to_be_disabled()
    arrived(page, held).continue_()
    expect(page.locator("#call-3")).to_contain_text("assumed-role/LabGuest")
    expect(page.get_by_role("button", name="Call: Scan the SampleProducts table")).to_be_enabled()
