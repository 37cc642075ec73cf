"""The setup page in a browser: somebody of the staff finds a fault there, and what mends it."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from benchmarks.servers import free_port
from sandbox.testing import RunningSandbox
from tests.journeys.axe import findings
from tests.journeys.conftest import web_application
from tests.journeys.test_class import PASSWORD, make_trainer

pytestmark = [pytest.mark.browser, pytest.mark.slow]
POOL = "us-east-1:5a4db000-0000-c000-8000-000000000001"


@pytest.fixture(scope="module")
def site(served_sandbox: RunningSandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directory = tmp_path_factory.mktemp("setup")
    with web_application(served_sandbox, free_port(), directory, {}) as url:
        make_trainer(directory)
        yield url


@pytest.fixture
def guests_off(served_sandbox: RunningSandbox) -> Iterator[None]:
    api = served_sandbox.client("cognito-identity")
    pool = api.describe_identity_pool(IdentityPoolId=POOL)
    pool.pop("ResponseMetadata")
    api.update_identity_pool(**{**pool, "AllowUnauthenticatedIdentities": False})
    yield
    api.update_identity_pool(**pool)


def signed_in(new_context: Callable[..., BrowserContext], site: str, theme: str, width: int) -> Page:
    page = new_context(base_url=site, color_scheme=theme, viewport={"width": width, "height": 900}).new_page()
    page.goto("/accounts/sign-in/?next=/class/")
    page.get_by_label("Name").fill("kari")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.get_by_role("navigation", name="Help").get_by_role("link", name="Setup").click()
    return page


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 1280), ("light", 375), ("dark", 320)])
def test_a_fault_stands_there_in_full(
    site: str, guests_off: None, new_context: Callable[..., BrowserContext], theme: str, width: int
) -> None:
    page = signed_in(new_context, site, theme, width)
    expect(page.get_by_role("status").filter(has_text="Not ready")).to_be_visible()
    row = page.locator("#guests")
    expect(row).to_contain_text("guest access is off")
    expect(row.locator("pre")).to_contain_text("aws cognito-identity update-identity-pool")
    expect(page.locator("#classic")).to_contain_text(re.compile(r"\bok\b"))
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
