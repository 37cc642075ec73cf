"""From one run to what differs from another, with and without script."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("scripted", [True, False])
def test_from_a_run_to_why_it_went_otherwise(new_context: Callable[..., BrowserContext], scripted: bool) -> None:
    guest = Visitor(new_context(java_script_enabled=scripted).new_page(), scripted=scripted)
    page = guest.page
    guest.run("basic")
    guest.run("enhanced")
    page.get_by_label("More about this run").click()
    page.get_by_role("link", name="Compare", exact=True).click()
    expect(page.get_by_role("heading", name="Compare two runs")).to_be_visible()
    page.get_by_role("link", name="Enhanced against basic").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Both get credentials of LabGuest: A in 3 calls, B in 2.")
    page.get_by_role("link", name="passed over: new in every run").click()
    expect(page.get_by_role("heading", name="Values that are new in every run")).to_be_visible()
    page.get_by_role("link", name="Swap A and B").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Both get credentials of LabGuest: A in 2 calls, B in 3.")
    page.get_by_role("link", name="A, call 1: 200 OK").click()
    expect(page.locator("#call-1")).to_be_visible()
    assert guest.errors == []


def test_two_ticked_runs_of_the_history_are_compared(guest: Visitor) -> None:
    page = guest.page
    guest.run("basic")
    guest.run("basic", "no-classic")
    page.goto("/runs/")
    boxes = page.locator('input[name="run"]')
    boxes.nth(0).check()
    boxes.nth(1).check()
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "B stops one step earlier because the classic flow is off."
    )
