"""A run is deleted in one tab while another tab is using it."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from sandbox.testing import RunningSandbox
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def slow_calls(served_sandbox: RunningSandbox) -> Iterator[RunningSandbox]:
    """GetCallerIdentity takes nearly as long as the site waits, so that a busy machine has deleted the run by then."""
    served_sandbox.requests.clear()
    served_sandbox.switch("faults", {"operation": "GetCallerIdentity", "delay": 9.0})
    yield served_sandbox
    served_sandbox.switch("faults", method="DELETE")


def test_the_run_of_a_call_that_is_under_way(guest: Visitor, slow_calls: RunningSandbox) -> None:
    page = guest.page
    guest.run()
    guest.look("Try it")
    other_tab = about_to_delete(page, guest.code)
    page.get_by_role("button", name="Who am I?").click()
    end = time.monotonic() + 30
    while not any(b"Action=GetCallerIdentity" in request.body for request in slow_calls.requests):
        assert time.monotonic() < end
        page.wait_for_timeout(20)
    delete(other_tab)
    expect(page.get_by_role("heading", name="This run is gone")).to_be_visible()
    expect(page.get_by_text("This run was deleted in the meantime")).to_be_visible()
    expect(page.locator("header.bar")).to_have_count(1)


def test_the_run_of_a_page_that_is_open(guest: Visitor) -> None:
    page = guest.page
    guest.begin()
    delete(about_to_delete(page, guest.code))
    page.get_by_role("button", name="Send this call").click()
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    expect(page.get_by_text("a run or a class that was deleted")).to_be_visible()


def about_to_delete(page: Page, code: str) -> Page:
    """Another tab, in which one is asked whether the run is to be deleted."""
    other_tab = page.context.new_page()
    other_tab.goto(f"/runs/{code}/delete/")
    return other_tab


def delete(other_tab: Page) -> None:
    other_tab.get_by_role("main").get_by_role("button").click()
    expect(other_tab.get_by_role("heading", name="My runs")).to_be_visible()
