"""What only somebody at a keyboard finds; what axe finds is asked of every page in `test_every_page.py`."""

import pytest
from playwright.sync_api import expect

from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser


def test_the_first_stop_of_the_keyboard_skips_to_the_content(guest: Visitor) -> None:
    page = guest.page
    page.goto("/demo/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
