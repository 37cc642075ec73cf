"""Somebody who is quicker than the answers: what is asked for last is what they see, under its own address."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.journeys.held import arrived, hold
from tests.journeys.visitor import Visitor, settled

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("first_answered", ["calls", "why"])
def test_two_views_of_a_run_one_after_the_other(guest: Visitor, first_answered: str) -> None:
    page = guest.page
    guest.run()
    held = {view: hold(page, f"**/{view}/") for view in ("calls", "why")}
    for view in held:
        link_to(page, view.title()).click()
        expect(page.locator("#live")).to_have_text("Loading")
    for view in sorted(held, key=lambda one: one != first_answered):
        let_go(page, held[view])
    expect_view(page, "Why")
    assert guest.errors == []


def test_a_view_while_a_call_is_under_way(guest: Visitor) -> None:
    """The call's answer replaces the whole run, and with it what the view was asked for."""
    page = guest.page
    guest.run()
    guest.look("Try it")
    call, view = hold(page, "**/use/"), hold(page, "**/why/")
    page.get_by_role("button", name="Who am I?").click()
    expect(page.locator("#live")).to_have_text("Sending")
    link_to(page, "Why").click()
    expect(page.locator("#live")).to_have_text("Loading")
    let_go(page, call)
    expect(page.locator("#call-3")).to_be_visible()
    let_go(page, view)
    expect_view(page, "Why")


def test_a_call_while_a_view_is_on_its_way(guest: Visitor) -> None:
    page = guest.page
    guest.run()
    guest.look("Try it")
    view = hold(page, "**/why/")
    link_to(page, "Why").click()
    expect(page.locator("#live")).to_have_text("Loading")
    page.get_by_role("button", name="Who am I?").click()
    expect(page.locator("#call-3")).to_be_visible()
    let_go(page, view)
    expect(page.locator("#call-3")).to_be_visible()
    expect(page).to_have_url(re.compile("/try/"))
    assert guest.errors == []


def test_a_form_that_is_pressed_again_before_its_answer_is_sent_once(guest: Visitor) -> None:
    page = guest.page
    guest.choose()
    page.evaluate("performance.now = () => 1000")  # both are pressed at once, however long it takes to press them
    sent = hold(page, "**/runs/")
    page.get_by_role("button", name="Test guest access").focus()
    page.keyboard.press("Enter")
    arrived(page, sent)
    page.keyboard.press("Enter")
    let_go(page, sent)
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    assert len(sent) == 1


def test_what_is_chosen_while_work_is_checked_stays(guest: Visitor) -> None:
    page = guest.page
    page.goto("/exercises/guest-takes-admin/")
    page.get_by_role("button", name="Begin").click()
    check = settled(page).get_by_role("button", name="Check my work")
    answer = hold(page, "**/check/")
    check.click()
    arrived(page, answer)
    page.get_by_role("radio").nth(1).check()
    let_go(page, answer)
    expect(page.get_by_text("Checked at")).to_be_visible()
    expect(page.get_by_role("radio").nth(1)).to_be_checked()
    page.get_by_role("button", name="Answer").click()
    expect(page.get_by_text("your answer").first).to_be_visible()
    assert guest.errors == []


def link_to(page: Page, view: str) -> Locator:
    return page.get_by_role("navigation", name="Views of this run").get_by_role("link", name=view, exact=True)


def expect_view(page: Page, view: str) -> None:
    """It is shown, under its own address and title."""
    expect(page.get_by_role("heading", name=view, exact=True)).to_be_focused()
    expect(link_to(page, view)).to_have_attribute("aria-current", "page")
    expect(page).to_have_url(re.compile(f"/{view.lower()}/$"))
    expect(page).to_have_title(re.compile(f"^Run [0-9]+, {view}:"))


def let_go(page: Page, held: list[Route]) -> None:
    """Have the request that was held answered, unless nobody waits for it any more."""
    route = arrived(page, held)
    route.continue_()
    answer = route.request.response()
    if answer:
        answer.finished()
    page.wait_for_timeout(200)  # what must not happen any more would happen now
