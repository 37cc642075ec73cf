"""Every page of the site, of everybody: in the colours of the system, enlarged, on narrow screens, without a script."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.screens import Addresses, base_url, cookies, everybody, visited

__all__ = ["base_url", "cookies", "everybody", "visited"]  # fixtures: a site with people of all kinds

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
  .filter(part => part.checkVisibility()).map(part => part.outerHTML.slice(0, 160))
"""


def every_page(browser: Browser, url: str, everybody: Addresses, **settings: Any) -> Iterator[tuple[str, Page]]:
    """Each page, opened; its address as whose it is. None of them answers with an error of the server's."""
    for who, (known, addresses) in everybody.items():
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
    browser: Browser, base_url: str, everybody: Addresses, scheme: str
) -> None:
    bare = {}
    for address, page in every_page(browser, base_url, everybody, forced_colors="active", color_scheme=scheme):
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
def test_no_page_scrolls_sideways(browser: Browser, base_url: str, everybody: Addresses, width: int, text: int) -> None:
    wide = {}
    for address, page in every_page(browser, base_url, everybody, viewport={"width": width, "height": 720}):
        if text != 100:
            page.evaluate(f"document.documentElement.style.fontSize = '{text}%'")
        if (over := page.evaluate(_SIDEWAYS)) > 0:
            wide[address] = over
    assert not wide, json.dumps(wide, indent=1)


def test_without_a_script_nothing_is_shown_that_only_a_script_serves(
    browser: Browser, base_url: str, everybody: Addresses
) -> None:
    dead = {}
    for address, page in every_page(browser, base_url, everybody, java_script_enabled=False):
        if not page.get_by_role("main").or_(page.locator("#content-main, .page")).first.is_visible():
            dead[address] = ["no content"]
        if found := page.evaluate(_DEAD):
            dead[address] = found
    assert not dead, json.dumps(dead, indent=1, ensure_ascii=False)


def test_each_page_has_a_title_of_its_own_that_names_the_site(
    browser: Browser, base_url: str, everybody: Addresses
) -> None:
    titles: dict[str, set[str]] = {}
    for address, page in every_page(browser, base_url, everybody):
        where = page.url.removeprefix(base_url).partition("?")[0]
        assert "Identity Pools" in page.title(), address
        titles.setdefault(f"{address.partition(':')[0]}: {page.title()}", set()).add(where)
    twice = {title: sorted(found) for title, found in titles.items() if len(found) > 1}
    assert not twice, json.dumps(twice, indent=1, ensure_ascii=False)
