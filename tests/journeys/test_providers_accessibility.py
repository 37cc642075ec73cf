"""The pages of people who sign in: axe finds nothing serious in either theme, and none scrolls sideways."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.journeys.people import Person
from tests.journeys.test_accessibility import _CUT_OFF, findings

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Visited = tuple[list, list[str]]
_OPEN_ALL = "document.querySelectorAll('main details').forEach(part => part.open = true)"


@pytest.fixture(scope="module")
def visited(browser: Browser, base_url: str) -> Iterator[Visited]:
    """The cookies of somebody with sign-ins of all kinds, and the addresses of what came of them."""
    with browser.new_context(base_url=base_url) as context:
        ana = Person(context.new_page())
        ana.sign_in("Sign in with Facebook")
        ana.sign_in("Sign in with Amazon Cognito user pools", "basic")
        pages = [f"/runs/{ana.code}/{view}" for view in ("", "calls/", "why/", "tokens/", "try/")]
        ana.sign_in("Sign in with SAML provider", "basic")
        pages += [f"/runs/{ana.code}/{view}" for view in ("", "calls/")]
        ana.choose_provider("Sign in with OIDC provider")
        pages.append(ana.page.url.removeprefix(base_url))
        ana.page.goto("/runs/")
        ana.page.locator(".unfinished > summary").click()
        ana.page.locator(".unfinished th[scope=row] a").first.click()
        pages += [f"/runs/{ana.code}/{view}" for view in ("", "calls/")]
        ana.choose_provider("Sign in with Google")
        ana.go_on()
        ana.sign_in_there(misbehave="Wrong audience")
        pages += [f"/runs/{ana.code}/{view}" for view in ("", "calls/", "why/")]
        pages += ["/demo/?access=authenticated&flow=basic", "/runs/", "/sign-ins/"]
        yield context.cookies(), pages


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(new_context: Callable[..., BrowserContext], visited: Visited, theme: str) -> None:
    context = new_context(color_scheme=theme)
    context.add_cookies(visited[0])
    page = context.new_page()
    found = {}
    for path in visited[1]:
        page.goto(path)
        page.evaluate(_OPEN_ALL)
        if problems := findings(page):
            found[path] = problems
    assert found == {}


@pytest.mark.parametrize("width", [375, 320])
def test_no_page_scrolls_sideways(new_context: Callable[..., BrowserContext], visited: Visited, width: int) -> None:
    context = new_context(viewport={"width": width, "height": 800})
    context.add_cookies(visited[0])
    page = context.new_page()
    wide = {}
    for path in visited[1]:
        page.goto(path)
        page.evaluate(_OPEN_ALL)
        if (found := page.evaluate("document.documentElement.scrollWidth")) > width:
            wide[path] = found
        if hidden := page.evaluate(_CUT_OFF):
            wide[path] = hidden
    assert wide == {}
