"""“Check my work”, and what it takes until it is over."""

import time

from playwright.sync_api import Page, expect

from tests.journeys.visitor import settled

_SECONDS = 120.0  # it is done by a process that steps back behind all others


def check_work(page: Page, slug: str, *, scripted: bool = True) -> None:
    """Open the exercise, have it checked, and wait until the account has been looked at, as somebody would."""
    page.goto(f"/exercises/{slug}/")
    button = page.get_by_role("button", name="Check my work")
    if not scripted:
        button.click()
        _look_again_until_it_is_over(page)
        return
    button.evaluate("button => button.dataset.pressed = ''")
    button.click()
    expect(page.locator("[data-pressed]")).to_have_count(0)  # the answer has taken its place
    expect(page.get_by_text("The system is testing your account")).to_have_count(0, timeout=_SECONDS * 1000)


def _look_again_until_it_is_over(page: Page) -> None:
    """Without a script one looks again by a link."""
    end = time.monotonic() + _SECONDS
    link = page.get_by_role("link", name="Look again")
    settled(page)
    while link.count():
        assert time.monotonic() < end
        page.wait_for_timeout(500)
        link.click()
        settled(page)
