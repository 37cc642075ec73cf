"""axe finds nothing serious in either theme, and no page scrolls sideways on a narrow screen."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES = ["/", "/learn/flows/", "/learn/api/AssumeRoleWithWebIdentity/", "/demo/", "/demo/?access=guest&flow=basic"]
PAGES += ["/pools/", "/pools/lab/", "/send/"]
PAGES += ["/learn/errors/", "/learn/errors/assume-role-denied/", "/learn/which-flow/?who=saml&role=app"]
PAGES += ["/learn/providers/", "/learn/sdks/", "/learn/words/", "/learn/api/GetId/", "/identities/"]
PAGES += ["/demo/?access=authenticated", "/runs/", "/accounts/sign-in/", "/accounts/sign-up/", "/no-such-page/"]
_CUT_OFF = """
[...document.querySelectorAll('.card, .call, .bar nav, figure, dl')]
  .filter(part => part.clientWidth && part.scrollWidth > part.clientWidth + 1).map(part => part.outerHTML.slice(0, 120))
"""
_AXE = "axe.run({resultTypes: ['violations'], preload: false}).then(results => results.violations)"
VIEWS = ["", "credentials/", "calls/", "why/", "tokens/", "try/", "json/"]


@pytest.fixture(scope="module")
def cookies(browser: Browser, base_url: str) -> Iterator[tuple[list, list[str]]]:
    """The cookies of a visitor with a finished, a refused and an open run, and the addresses of their pages."""
    with browser.new_context(base_url=base_url) as context:
        guest = Visitor(context.new_page())
        guest.run("basic")
        guest.look("Try it")
        guest.page.get_by_role("button", name="Call: Try to write to the bucket").click()
        expect(guest.page.locator("#call-4")).to_be_visible()
        finished = [f"/runs/{guest.code}/{view}" for view in (*VIEWS, "?present=1", "?present=1&call=2")]
        finished.append(f"/runs/{guest.code}/calls/?raw=1&open=all")
        first = guest.code
        guest.run("basic", "no-classic")
        refused = [f"/runs/{guest.code}/{view}" for view in ("", "calls/")]
        refused += [f"/compare/?a={first}&b={guest.code}", f"/compare/?a={first}", "/compare/"]
        guest.begin("basic")
        opened = [f"/runs/{guest.code}/calls/", f"/runs/{guest.code}/delete/"]
        yield context.cookies(), finished + refused + opened


def findings(page: Page) -> list[str]:
    """Serious and critical findings of axe, with what they are about; the rest of its long answer stays there."""
    page.evaluate(AXE_SCRIPT)
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in page.evaluate(_AXE)
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(
    new_context: Callable[..., BrowserContext], cookies: tuple[list, list[str]], theme: str
) -> None:
    context = new_context(color_scheme=theme)
    context.add_cookies(cookies[0])
    page = context.new_page()
    found = {}
    for path in PAGES + cookies[1]:
        page.goto(path)
        if problems := findings(page):
            found[path] = problems
    assert found == {}


@pytest.mark.parametrize("width", [375, pytest.param(320, marks=pytest.mark.slow)])
def test_no_page_scrolls_sideways(
    new_context: Callable[..., BrowserContext], cookies: tuple[list, list[str]], width: int
) -> None:
    context = new_context(viewport={"width": width, "height": 800})
    context.add_cookies(cookies[0])
    page = context.new_page()
    wide = {}
    for path in PAGES + cookies[1]:
        page.goto(path)
        if (found := page.evaluate("document.documentElement.scrollWidth")) > width:
            wide[path] = found
        # What scrolls by itself hides what is beyond its edge, and only code and the tabs are meant to.
        if hidden := page.evaluate(_CUT_OFF):
            wide[path] = hidden
    assert wide == {}


def test_the_first_stop_of_the_keyboard_skips_to_the_content(guest: Visitor) -> None:
    page = guest.page
    page.goto("/demo/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
