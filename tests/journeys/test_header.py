"""The header of every page, at the widths that people have."""

import secrets
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.journeys.test_history_and_accounts import sign_up

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("signed_in", [False, True])
def test_it_is_one_row_from_the_width_of_a_tablet(new_context: Callable[..., BrowserContext], signed_in: bool) -> None:
    page = new_context().new_page()
    if signed_in:
        sign_up(page, f"learner-{secrets.token_hex(4)}")
    for width in (768, 800, 864, 960, 1056, 1152, 1280):
        assert height_at(page, width) < 60, width
    for width in (320, 375, 767):
        assert height_at(page, width) < 110, width


def height_at(page: Page, width: int) -> float:
    page.set_viewport_size({"width": width, "height": 700})
    page.goto("/runs/")
    assert page.evaluate("document.documentElement.scrollWidth") <= width, width
    box = page.get_by_role("banner").bounding_box()
    assert box
    return box["height"]
