"""Somebody with an account of their own breaks an identity pool and mends it by clicking, with a script and without."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from sandbox.core.config import SandboxConfig
from sandbox.testing import RunningSandbox, running_sandbox
from tests import ROOT
from tests.journeys.conftest import free_port, web_application
from tests.journeys.test_accessibility import findings

pytestmark = [pytest.mark.browser, pytest.mark.slow]
_TABS = ("who", "switches", "logins", "roles", "mapping", "tags", "people", "identities", "changes")
_OPEN = "for (const part of document.querySelectorAll('details')) part.open = true"


class Lab:
    """A sandbox and an application with a database of which this test knows where it is."""

    def __init__(self, sandbox: RunningSandbox, url: str, directory: Path) -> None:
        self.sandbox, self.url, self._directory = sandbox, url, directory

    def own_account(self, context: BrowserContext) -> str:
        """Give this browser an account of its own; the account's number."""
        context.new_page().goto(self.url)
        cookie = next(cookie for cookie in context.cookies() if cookie["name"] == "lab_visitor")
        visitor, (number, _) = cookie["value"].partition(":")[0], self.sandbox.make_account(name="By a test")
        code = (
            "from training.models import SandboxAccount; SandboxAccount.objects.create("
            f"account_id='{number}', region='us-east-1', visitor='{visitor}', state='ready')"
        )
        environment = {
            **os.environ,
            "ENV_FILE": str(self._directory / "no.env"),
            "DATA_DIR": str(self._directory),
            "DATABASE_URL": f"sqlite:///{self._directory / 'app.sqlite3'}",
            "PUBLIC_URL": self.url,
        }
        shell = [sys.executable, str(ROOT / "manage.py"), "shell", "-c", code]
        subprocess.run(shell, env=environment, cwd=ROOT, check=True)
        return number


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    directory, port = tmp_path_factory.mktemp("pools"), free_port()
    config = SandboxConfig(directory / "sandbox.sqlite3", port=0, app_url=f"http://127.0.0.1:{port}")
    with running_sandbox(config) as sandbox, web_application(sandbox, port, directory, {}) as url:
        yield Lab(sandbox, url, directory)


@pytest.fixture
def contexts(browser: Browser, lab: Lab) -> Iterator[Callable[..., BrowserContext]]:
    made: list[BrowserContext] = []

    def make(**settings: object) -> BrowserContext:
        made.append(browser.new_context(base_url=lab.url, **settings))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for context in made:
        context.close()


@pytest.mark.parametrize("scripted", [True, False])
def test_a_guest_takes_a_better_role_until_the_trust_policy_is_mended(
    lab: Lab, contexts: Callable[..., BrowserContext], scripted: bool
) -> None:
    context = contexts(java_script_enabled=scripted, viewport={"width": 375, "height": 800})
    number = lab.own_account(context)
    page = context.new_page()
    role = f"arn:aws:iam::{number}:role/LabAuthenticated"

    # Broken: nothing asks about amr any more.
    page.goto("/pools/lab/roles/?role=LabAuthenticated")
    area = page.locator("#trust-text")
    text = area.input_value()
    broken = text.replace('"ForAnyValue:StringLike"', '"StringNotEquals"').replace('"authenticated"', '"nobody"')
    assert broken != text
    area.fill(broken)
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("Trust policy of LabAuthenticated changed")).to_be_visible()
    page.goto("/pools/lab/")
    expect(page.get_by_role("heading", name="Guest of this pool, basic → LabAuthenticated: gets in")).to_be_visible()
    assert _guest_asks_for(page, role) == "Succeeded"

    # Mended by setting it back.
    page.goto("/pools/lab/changes/")
    page.get_by_role("button", name="Set back Trust policy").click()
    expect(page.get_by_text("Set back: Trust policy of LabAuthenticated changed. It is recorded")).to_be_visible()
    assert _guest_asks_for(page, role) == "Refused"


def test_a_refused_policy_stands_there_with_its_line(lab: Lab, contexts: Callable[..., BrowserContext]) -> None:
    context = contexts()
    lab.own_account(context)
    page = context.new_page()
    page.goto("/pools/lab/roles/?role=LabGuest")
    page.locator("#trust-text").fill('{\n  "Version": "2012-10-17",\n  "Statement": []\n')
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_role("alert")).to_contain_text("Syntax errors in policy.")
    expect(page.get_by_role("alert")).to_contain_text("line 4")
    expect(page.locator("#trust-text")).to_have_value('{\n  "Version": "2012-10-17",\n  "Statement": []\n')
    # The numbers follow what is typed.
    page.locator("#trust-text").fill("\n" * 40)
    expect(page.locator(".numbers").first).to_contain_text("41")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_where_everything_can_be_changed(
    lab: Lab, contexts: Callable[..., BrowserContext], theme: str
) -> None:
    context = contexts(color_scheme=theme)
    lab.own_account(context)
    page = context.new_page()
    found = {}
    for path in [*(f"/pools/rules/{tab}/" for tab in _TABS), "/send/?service=dynamodb&operation=PutItem"]:
        page.goto(path)
        page.evaluate(_OPEN)
        if problems := findings(page):
            found[path] = problems
    assert found == {}


def _guest_asks_for(page: Page, role: str) -> str:
    """The basic flow by three calls composed in a form; how the last one ended."""
    page.goto("/send/?pool=lab&service=cognito-identity&operation=GetId")
    page.get_by_role("button", name="Send this call").click()
    identity = _number(page)
    page.goto("/send/?pool=lab&service=cognito-identity&operation=GetOpenIdToken")
    page.get_by_label("IdentityId").fill(f"@{identity}.identity")
    page.get_by_role("button", name="Send this call").click()
    token = _number(page)
    page.goto("/send/?pool=lab&service=sts&operation=AssumeRoleWithWebIdentity")
    page.get_by_label("RoleArn").fill(role)
    page.get_by_label("WebIdentityToken").fill(f"@{token}.token")
    page.get_by_role("button", name="Send this call").click()
    return page.locator(".run-head .pill").inner_text().split(" at ")[0].strip()


def _number(page: Page) -> int:
    """The number of the run whose page this is."""
    expect(page.locator(".run-head")).to_be_visible()
    return int(page.title().removeprefix("Run ").partition(":")[0])
