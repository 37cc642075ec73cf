"""Words are explained where they stand, by one click, and by none of them without a script is anything lost."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("scripted", [True, False])
@pytest.mark.parametrize("width", [1280, 320])
def test_one_click_explains_a_word_where_it_stands(
    new_context: Callable[..., BrowserContext], scripted: bool, width: int
) -> None:
    page = new_context(java_script_enabled=scripted, viewport={"width": width, "height": 720}).new_page()
    page.goto("/learn/api/GetCredentialsForIdentity/")
    meaning = page.get_by_text("A set of rights in an AWS account")
    expect(meaning).to_be_hidden()
    page.get_by_role("button", name="role", exact=True).click()
    expect(meaning).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(meaning).to_be_hidden()


def test_the_note_is_the_next_stop_of_the_keyboard(guest: Visitor) -> None:
    page = guest.page
    page.goto("/learn/api/GetCredentialsForIdentity/")
    page.get_by_role("button", name="role", exact=True).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("All words")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{page.url.partition('/learn')[0]}/learn/words/#iam-role")
    assert guest.errors == []
