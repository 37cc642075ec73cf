"""A real browser at the managed login of a pool made through the API: by keyboard, on a phone, without script."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from sandbox.testing import RunningSandbox
from tests.journeys.axe import findings
from tests.sandbox.idp.managed_login.driver import PASSWORD, LoginClient, make_pool
from tests.sandbox.idp.test_stand_ins_in_a_browser import fits

pytestmark = pytest.mark.browser


class _Application(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"the application")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the address holds a code."""


@pytest.fixture(scope="module")
def client(login_sandbox: RunningSandbox) -> Iterator[LoginClient]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Application)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    pool = make_pool(login_sandbox, account="666677778888")
    yield pool.add_client(CallbackURLs=[f"http://127.0.0.1:{server.server_port}/signed-in"])
    server.shutdown()
    server.server_close()


@pytest.fixture(params=["light", pytest.param("dark", marks=pytest.mark.slow)])
def phone(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(color_scheme=request.param, viewport={"width": 375, "height": 740})
    yield context.new_page()
    context.close()


def looks_right(page: Page) -> None:
    assert (findings(page), fits(page)) == ([], True)


def code_in_mailbox(page: Page) -> str:
    """Opened as people do it, in another tab."""
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="mailbox of the account").click()
    mailbox = opened.value
    mailbox.wait_for_load_state()
    looks_right(mailbox)
    code = mailbox.locator("pre").first.inner_text().split()[-1]
    mailbox.close()
    return code


@pytest.mark.slow
def test_sign_up_with_a_code_and_later_a_forgotten_password(phone: Page, client: LoginClient) -> None:
    name = f"nia{uuid4().hex[:12]}"
    phone.goto(client.url())
    looks_right(phone)
    phone.get_by_role("link", name="Create an account").click()
    looks_right(phone)
    phone.get_by_label("User name").fill(name)
    phone.get_by_label("E-mail address").fill(f"{name}@example.com")
    phone.get_by_label("Password").fill("weak")
    phone.keyboard.press("Enter")
    phone.get_by_role("alert").wait_for()
    expect(phone.get_by_label("Password")).to_be_focused()
    phone.keyboard.type(PASSWORD)
    phone.keyboard.press("Enter")
    phone.get_by_label("Code").wait_for()
    looks_right(phone)
    phone.get_by_label("Code").fill(code_in_mailbox(phone))
    phone.keyboard.press("Enter")
    phone.wait_for_url(re.compile(re.escape(client.callback)))
    code = parse_qs(urlsplit(phone.url).query)["code"][0]
    assert client.verified(client.exchange(code).json()["id_token"])["cognito:username"] == name

    phone.goto(client.url(prompt="login"))
    phone.get_by_role("link", name="Forgot your password?").click()
    looks_right(phone)
    phone.get_by_label("User name").fill(name)
    phone.keyboard.press("Enter")
    phone.get_by_label("Code").wait_for()
    looks_right(phone)
    phone.get_by_label("Code").fill(code_in_mailbox(phone))
    phone.get_by_label("New password").fill("Newer-Horse-8!")
    phone.get_by_role("button", name="Change password").click()
    phone.wait_for_url("**/login?*")  # where reloading sends nothing again
    phone.get_by_label("Password").fill("Newer-Horse-8!")
    phone.keyboard.press("Enter")
    phone.wait_for_url(re.compile(re.escape(client.callback)))
    assert "code=" in phone.url


def test_a_refusal_is_accessible_and_fits_a_phone(phone: Page, client: LoginClient) -> None:
    phone.goto(client.url(redirect_uri="https://attacker.example/"))
    assert phone.get_by_role("alert").is_visible()
    looks_right(phone)


def test_the_whole_way_without_script(browser: Browser, client: LoginClient) -> None:
    client.pool.add_user("mara")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(client.url())
    expect(page.locator("input:not([type=hidden])").first).to_be_focused()
    page.keyboard.type("mara")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(re.escape(client.callback)))
    assert "code=" in page.url
    context.close()
