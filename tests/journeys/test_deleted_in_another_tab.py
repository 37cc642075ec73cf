"""A run is deleted in one tab while another tab is using it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from sandbox.testing import RunningSandbox
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def slow_calls(served_sandbox: RunningSandbox) -> Iterator[None]:
    """GetCallerIdentity takes its time."""
    served_sandbox.switch("faults", {"operation": "GetCallerIdentity", "delay": 2.0})
    yield
    served_sandbox.switch("faults", method="DELETE")


@pytest.mark.usefixtures("slow_calls")
@pytest.mark.slow
def test_the_run_of_a_call_that_is_under_way(guest: Visitor) -> None:
    page = guest.page
    guest.run()
    guest.look("Try it")
    with page.expect_request(lambda request: request.method == "POST"):
        page.get_by_role("button", name="Who am I?").click()
    page.wait_for_timeout(500)  # the sandbox waits four times as long before it answers
    delete_in_another_tab(page, guest.code)
    expect(page.get_by_role("heading", name="This run is gone")).to_be_visible()
    expect(page.get_by_text("This run was deleted in the meantime")).to_be_visible()
    expect(page.locator("header.bar")).to_have_count(1)


def test_the_run_of_a_page_that_is_open(guest: Visitor) -> None:
    page = guest.page
    guest.begin()
    delete_in_another_tab(page, guest.code)
    page.get_by_role("button", name="Send this call").click()
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    expect(page.get_by_text("a run or a class that was deleted")).to_be_visible()


def delete_in_another_tab(page: Page, code: str) -> None:
    other_tab = page.context.new_page()
    other_tab.goto(f"/runs/{code}/delete/")
    other_tab.get_by_role("main").get_by_role("button").click()
    expect(other_tab.get_by_role("heading", name="My runs")).to_be_visible()
