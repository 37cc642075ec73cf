"""Every page of the site, of everybody: in the colours of the system, enlarged, on narrow screens, without a script."""

import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from sandbox.testing import RunningSandbox
from tests.journeys.conftest import free_port
from tests.journeys.screens import staff_pages, staffed
from tests.journeys.test_accessibility import PAGES, cookies
from tests.journeys.test_providers_accessibility import visited

__all__ = ["cookies", "visited"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# In forced colours backgrounds are gone: what can be pressed or filled in needs a line around it, or under it.
_WITHOUT_OUTLINE = """
[...document.querySelectorAll('main :is(a.btn, button, select, textarea, .pill, .chip,'
  + ' input:not([type=hidden], [type=radio], [type=checkbox], [type=file]))')].filter(part => {
    if (!part.checkVisibility() || part.closest('.visually-hidden')) return false;
    const style = getComputedStyle(part.matches('[data-numbered] > textarea') ? part.parentElement : part);
    const sides = ['Top', 'Right', 'Bottom', 'Left'];
    const width = side => style[`border${side}Style`] === 'none' ? 0 : parseFloat(style[`border${side}Width`]);
    const lined = sides.some(side => width(side) > 0);
    return !lined && !style.textDecorationLine.includes('underline') && !part.matches('.provider-go, .copy, .word');
  }).map(part => part.outerHTML.slice(0, 160))
"""
_SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# What only a script can press; and what a script only can show.
_DEAD = """
[...document.querySelectorAll('a:not([href]), [hx-get]:not(a[href], form, details, [data-poll], [hx-trigger*="every"]),'
  + ' [hx-post]:not(form, button), button:not(form button, [popovertarget], [form])')]
  .filter(part => part.checkVisibility({visibilityProperty: true})).map(part => part.outerHTML.slice(0, 160))
"""


Everybody = dict[str, tuple[str, list, Sequence[str]]]  # who: the site, their cookies, the addresses of their pages


@pytest.fixture(scope="module")
def everybody(
    served_sandbox: RunningSandbox,
    tmp_path_factory: pytest.TempPathFactory,
    base_url: str,
    browser: Browser,
    cookies: tuple[list, list[str]],
    visited: tuple[list, list[str]],
) -> Iterator[Everybody]:
    """All kinds of people: guests and people who sign in, and, on a site of their own, a class and a reviewer."""
    found: Everybody = {"guest": (base_url, cookies[0], PAGES + cookies[1]), "signed in": (base_url, *visited)}
    with staffed(served_sandbox, free_port(), tmp_path_factory.mktemp("staffed")) as site:
        yield found | {who: (site, *theirs) for who, theirs in staff_pages(site, browser).items()}


def every_page(browser: Browser, everybody: Everybody, **settings: Any) -> Iterator[tuple[str, Page]]:
    """Each page, opened; its address as whose it is. None of them answers with an error of the server's."""
    for who, (url, known, addresses) in everybody.items():
        with browser.new_context(base_url=url, **settings) as context:
            context.add_cookies(known)
            page = context.new_page()
            for address in dict.fromkeys(addresses):
                answer = page.goto(address)
                assert answer is not None, address
                assert answer.status < 500, address
                yield f"{who}: {address}", page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_the_colours_of_the_system_all_that_can_be_pressed_has_a_line(
    browser: Browser, everybody: Everybody, scheme: str
) -> None:
    bare = {}
    for address, page in every_page(browser, everybody, forced_colors="active", color_scheme=scheme):
        if found := page.evaluate(_WITHOUT_OUTLINE):
            bare[address] = found
    assert not bare, json.dumps(bare, indent=1, ensure_ascii=False)


@pytest.mark.parametrize(
    ("width", "text"),
    [
        pytest.param(320, 100, id="320 px"),
        pytest.param(640, 100, id="zoom of 200 %"),
        pytest.param(1280, 200, id="text"),
    ],
)
def test_no_page_scrolls_sideways(browser: Browser, everybody: Everybody, width: int, text: int) -> None:
    wide = {}
    for address, page in every_page(browser, everybody, viewport={"width": width, "height": 720}):
        if text != 100:
            page.evaluate(f"document.documentElement.style.fontSize = '{text}%'")
        if (over := page.evaluate(_SIDEWAYS)) > 0:
            wide[address] = over
    assert not wide, json.dumps(wide, indent=1)


def test_without_a_script_nothing_is_shown_that_only_a_script_serves(browser: Browser, everybody: Everybody) -> None:
    dead = {}
    for address, page in every_page(browser, everybody, java_script_enabled=False):
        if not page.get_by_role("main").or_(page.locator("#content-main, .page")).first.is_visible():
            dead[address] = ["no content"]
        if found := page.evaluate(_DEAD):
            dead[address] = found
    assert not dead, json.dumps(dead, indent=1, ensure_ascii=False)


def test_each_page_has_a_title_of_its_own_that_names_the_site(browser: Browser, everybody: Everybody) -> None:
    titles: dict[str, set[str]] = {}
    for address, page in every_page(browser, everybody):
        where = urlsplit(page.url).path
        assert "Identity Pools" in page.title(), address
        titles.setdefault(f"{address.partition(':')[0]}: {page.title()}", set()).add(where)
    twice = {title: sorted(found) for title, found in titles.items() if len(found) > 1}
    assert not twice, json.dumps(twice, indent=1, ensure_ascii=False)
