"""The room check in a browser: on a telephone, without a script, and where a port is closed."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from benchmarks.servers import free_port
from sandbox.testing import RunningSandbox
from tests.journeys.conftest import web_application

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGE = "/class/check/"


@pytest.fixture(scope="module")
def closed(served_sandbox: RunningSandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site that sends CLIs to a port where nothing is."""
    more = {"SANDBOX_CLI_URL": f"http://127.0.0.1:{free_port()}"}
    with web_application(served_sandbox, free_port(), tmp_path_factory.mktemp("closed"), more) as url:
        yield url


def state(page: Page, key: str) -> str:
    return str(page.locator(f"#check-{key}").get_attribute("data-state"))


def test_a_telephone_is_told_that_all_is_fine(new_context: Callable[..., BrowserContext]) -> None:
    phone = new_context(viewport={"width": 375, "height": 800}).new_page()
    phone.goto(PAGE)
    expect(phone.get_by_text("Everything is fine on this device.")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert Axe().run(phone).response["violations"] == []
    phone.clock.set_fixed_time("2026-01-01T08:00:00Z")
    phone.reload()
    expect(phone.locator("#check-clock")).to_contain_text("behind the server’s")
    assert state(phone, "clock") == "no"


def test_a_closed_port_is_found_with_its_fix(closed: str, new_context: Callable[..., BrowserContext]) -> None:
    laptop = new_context(base_url=closed, viewport={"width": 1280, "height": 900}).new_page()
    laptop.goto(PAGE)
    expect(laptop.get_by_text("1 of these is to mend")).to_be_visible()
    assert (state(laptop, "cli"), state(laptop, "stand-ins")) == ("no", "ok")
    expect(laptop.get_by_text("let the firewall of the trainer’s machine open port")).to_be_visible()
    assert Axe().run(laptop).response["violations"] == []


def test_without_a_script_it_says_how_to_try_by_hand(new_context: Callable[..., BrowserContext]) -> None:
    plain = new_context(java_script_enabled=False).new_page()
    plain.goto(PAGE)
    expect(plain.get_by_text("each line says how to test it by hand")).to_be_visible()
    assert state(plain, "clock") == "script"
    plain.get_by_role("link", name="Check again").click()
    assert state(plain, "cookies") == "ok"
