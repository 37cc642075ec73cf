"""The pages in Chromium: without script, by keyboard, on a phone, and what axe says."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.axe import findings
from tests.sandbox.idp.conftest import serving
from tests.sandbox.idp.driver import Sign, StandIns, issuers

pytestmark = pytest.mark.browser


class _Application(BaseHTTPRequestHandler):
    """What the browser is sent back to: an origin of its own that answers anything."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"the application")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the address holds a code."""


@pytest.fixture(scope="module")
def reached(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIns]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Application)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with serving(tmp_path_factory.mktemp("idp") / "s.sqlite3", f"http://127.0.0.1:{server.server_port}") as stand_ins:
        yield stand_ins
    server.shutdown()
    server.server_close()


@pytest.fixture
def generic(reached: StandIns) -> Sign:
    return Sign(reached, issuers(reached)["oidc"])


@pytest.fixture
def pool(reached: StandIns) -> Sign:
    return Sign(reached, issuers(reached)["userpool"])


@pytest.fixture(params=["light", pytest.param("dark", marks=pytest.mark.slow)])
def phone(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(color_scheme=request.param, viewport={"width": 375, "height": 740})
    yield context.new_page()
    context.close()


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.slow
def test_consent_preview_and_bench_are_accessible_and_fit_a_phone(phone: Page, generic: Sign) -> None:
    phone.goto(generic.url())
    assert (findings(phone), fits(phone)) == ([], True)
    phone.get_by_text("Devi Rao").click()
    phone.get_by_role("button", name="Look at the ID token first").click()
    expect(phone.get_by_role("heading", name="Before it is sent")).to_be_visible()
    assert (findings(phone), fits(phone)) == ([], True)
    phone.get_by_role("button", name="Send it").click()
    phone.wait_for_url(f"{generic.client.redirect_uris[0]}?code=*")
    phone.goto(generic.stand_ins.at(""))
    assert (findings(phone), fits(phone)) == ([], True)


@pytest.mark.slow
def test_managed_login_and_a_refusal_are_accessible_and_fit_a_phone(phone: Page, pool: Sign) -> None:
    phone.goto(pool.url())
    assert (findings(phone), fits(phone)) == ([], True)
    phone.get_by_label("User name").fill("ana")
    phone.get_by_label("Password").fill("wrong")
    phone.get_by_role("button", name="Sign in", exact=True).click()
    expect(phone.get_by_role("alert")).to_be_visible()
    assert (findings(phone), fits(phone)) == ([], True)
    phone.goto(pool.url(redirect_uri="https://attacker.example/"))
    assert (findings(phone), fits(phone)) == ([], True)


@pytest.mark.slow
def test_who_is_chosen_among_the_people_of_the_pool_only_types_the_password(phone: Page, pool: Sign) -> None:
    phone.goto(pool.url())
    phone.get_by_role("link", name="elif").click()
    expect(phone.get_by_label("Password")).to_be_focused()
    phone.keyboard.type("Elif-Pool-5!")
    phone.keyboard.press("Enter")
    phone.wait_for_url(f"{pool.client.redirect_uris[0]}?code=*")


def test_the_whole_way_by_keyboard_and_without_script(browser: Browser, generic: Sign) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(generic.url())
    page.locator("input[name=person]:checked").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{generic.stand_ins.app_url}/**")
    code = page.url.partition("code=")[2].partition("&")[0]
    assert generic.verified(generic.exchange(code).json()["id_token"])["preferred_username"] == "bo"
    context.close()
