"""What visitors find again when both processes were stopped, or killed in the middle of a run."""

import os
import re
import signal
import sqlite3
import time

import pytest
from playwright.sync_api import Browser, expect

from tests.cognitodemo.demo.conftest import Demo
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_history_calls_and_credentials_outlive_a_restart(demo: Demo, browser: Browser) -> None:
    demo.start()
    with browser.new_context(base_url=demo.url) as context:
        guest = Visitor(context.new_page())
        page = guest.page
        guest.run("basic")
        guest.look("Calls")
        before = page.locator(".call").all_inner_texts()
        assert "Traceback" not in demo.interrupt()
        assert demo.is_down()

        demo.start()
        page.goto("/runs/")
        page.locator("#runs tbody tr").get_by_role("rowheader").get_by_role("link").click()
        guest.look("Calls")
        assert page.locator(".call").all_inner_texts() == before
        guest.look("Credentials")
        page.get_by_role("button", name="Reveal").click()
        expect(page.get_by_text("These are shown once")).to_be_visible()
        guest.look("Try it")
        page.get_by_role("button", name="Call: Read the product catalogue").click()
        expect(page.locator("#call-4")).to_contain_text("200")
        assert guest.errors == []


@pytest.mark.slow
def test_a_run_whose_web_process_is_killed_ends_interrupted_with_its_call(demo: Demo, browser: Browser) -> None:
    process = demo.start()
    with browser.new_context(base_url=demo.url) as context:
        guest = Visitor(context.new_page())
        page = guest.page
        guest.run("enhanced")
        (sandbox,) = demo.children()
        os.kill(sandbox, signal.SIGSTOP)  # it takes the next call and does not answer
        guest.choose("basic")
        page.get_by_role("button", name="Test guest access").click(no_wait_after=True)
        while runs(demo)[-1] != ("running", 1):
            time.sleep(0.05)
        process.kill()
        os.kill(sandbox, signal.SIGCONT)
        assert demo.is_down()
        assert runs(demo) == [("succeeded", 2), ("running", 1)]

        demo.start()
        page.goto("/runs/")
        assert runs(demo) == [("succeeded", 2), ("interrupted", 1)]
        expect(page.locator("#runs tbody tr").first).to_contain_text("Interrupted")
        page.locator("#runs tbody tr").first.get_by_role("rowheader").get_by_role("link").click()
        expect(page.get_by_text(re.compile("The calls that it had sent"))).to_be_visible()
        guest.look("Calls")
        assert guest.operations() == ["GetId"]


def runs(demo: Demo) -> list[tuple[str, int]]:
    """Outcome and number of recorded calls of each run, in the order in which they were made."""
    database = sqlite3.connect(demo.data / "app.sqlite3")
    query = "SELECT outcome, (SELECT count(*) FROM flows_apicall WHERE run_id = run.id) FROM flows_run run ORDER BY id"
    try:
        return [(outcome, calls) for outcome, calls in database.execute(query)]
    finally:
        database.close()
