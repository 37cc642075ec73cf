"""The front page leads a newcomer through the first runs, and somebody who comes back to the last one."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def done(page: Page) -> list[str]:
    """The first steps that carry a tick."""
    marked = page.locator(".first-steps li", has_text="Done:")
    return [title.inner_text() for title in marked.locator(".first-title").all()]


def test_first_steps_are_ticked_off_as_runs_are_made(guest: Visitor) -> None:
    page = guest.page
    page.goto("/")
    expect(page.get_by_role("heading", name="Start here")).to_be_visible()
    assert done(page) == []
    page.get_by_role("link", name="Be refused").click()
    page.get_by_role("button", name="Test guest access").click()
    expect(page.get_by_text("Refused at call 1 of 2")).to_be_visible()
    guest.run("basic")

    page.goto("/")
    assert done(page) == ["Choose the role yourself", "Be refused"]
    page.get_by_role("link", name="Use what you got").click()
    page.get_by_role("button", name="Who am I?").click()
    expect(page.locator("#call-4")).to_be_visible()
    page.goto("/")
    assert done(page) == ["Choose the role yourself", "Use what you got", "Be refused"]
    assert guest.errors == []


def test_last_run_can_be_continued(guest: Visitor) -> None:
    page = guest.page
    guest.begin("basic")
    page.goto("/")
    last = page.get_by_role("region", name="Continue where you left off")
    expect(last).to_contain_text("Guest access, basic flow")
    last.get_by_role("link", name="Continue").click()
    expect(page.get_by_role("heading", name="Next: GetId")).to_be_visible()

    guest.run("enhanced", "no-guests")
    page.goto("/")
    last.get_by_role("link", name="See why").click()
    expect(page).to_have_url(re.compile(r"/runs/[^/]+/why/$"))


def test_words_that_the_flows_need_are_explained_one_click_away(guest: Visitor) -> None:
    page = guest.page
    page.goto("/learn/flows/")
    meaning = page.get_by_text("says who may assume it")
    expect(meaning).to_be_hidden()
    page.goto("/")
    page.get_by_role("link", name="Words explained").click()
    expect(meaning).to_be_visible()
