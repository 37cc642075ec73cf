"""Every page of the site in each of its states, of everybody, the stand-ins and the admin included.

What axe finds, what a first visit costs, in the colours of the system, enlarged, on narrow screens, without a script.
"""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import URLResolver, get_resolver, is_valid_path, resolve
from playwright.sync_api import Browser, Page

from tests.journeys.axe import findings
from tests.journeys.everybody import Everybody

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_MOST_BYTES = 60 * 1024  # of a first visit: the page and all that it loads, as they are transferred
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


_OPEN_ALL = "for (const part of document.querySelectorAll('main details')) part.open = true"
# What scrolls by itself hides what is beyond its edge, and only code and the tabs are meant to.
_CUT_OFF = """
[...document.querySelectorAll('.card, .call, .bar nav, figure, dl, .scroll, .picture-scroll')]
  .filter(part => part.clientWidth && part.scrollWidth > part.clientWidth + 1).map(part => part.outerHTML.slice(0, 120))
"""
# What stands together in a line, code in one word: a blank before a comma is a line's end in a template, not so
# `@ . + - _`, the letters that a name may have. The apostrophe of a typewriter stands in what is quoted, texts of AWS.
_WRONGLY_SET = r"""
(() => {
  const quoted = 'code, pre, kbd, samp, .aws-text, .error-message, .error-list, .mono, .members dd';
  const text = part => {
    if (part.nodeType === Node.TEXT_NODE) return part.data.replace(/\s+/g, ' ');
    if (part.nodeType !== Node.ELEMENT_NODE || part.matches('svg, textarea, select')) return '';
    const display = getComputedStyle(part).display;
    if (display === 'none') return '';
    if (part.matches(quoted)) return display.startsWith('inline') ? 'code' : '\n';
    const inside = [...part.childNodes].map(text).join('');
    return display.startsWith('inline') || display === 'contents' ? inside : `\n${inside}\n`;
  };
  const set = text(document.body);
  return [/.{0,40}(?<!@) [,.;:](?![\w.]).{0,20}/g, /.{0,40}\w'\w.{0,20}/g]
    .flatMap(wrong => [...set.matchAll(wrong)].map(found => found[0]));
})()
"""


def every_page(browser: Browser, url: str, everybody: Everybody, **settings: Any) -> Iterator[tuple[str, Page]]:
    """Each page in each state, opened; its name as whose it is."""
    for who, somebody in everybody.items():
        # Colours that change slowly are looked at when they have changed.
        with browser.new_context(base_url=url, reduced_motion="reduce", **settings) as context:
            context.add_cookies(somebody.cookies)
            page = context.new_page()
            for place in somebody.places:
                if place.by_script and not settings.get("java_script_enabled", True):
                    continue
                place.open(page)
                yield f"{who}: {place.name}", page


def told(found: dict[str, Any]) -> str:
    """For the message of a failed assertion."""
    return json.dumps(found, indent=1, ensure_ascii=False)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, base_url: str, everybody: Everybody, theme: str) -> None:
    found = {}
    for name, page in every_page(browser, base_url, everybody, color_scheme=theme):
        page.evaluate(_OPEN_ALL)
        if problems := findings(page):
            found[name] = problems
    assert not found, told(found)


def test_a_first_visit_takes_60_kilobytes_at_most(browser: Browser, base_url: str, everybody: Everybody) -> None:
    heavy = {}
    for who, somebody in everybody.items():
        for place in somebody.places:
            taken = {} if place.then else _transferred(browser, base_url, somebody.cookies, place.address)
            if sum(taken.values()) > _MOST_BYTES:
                heavy[f"{who}: {place.name}"] = taken
    assert not heavy, told(heavy)


def _transferred(browser: Browser, url: str, cookies: list, address: str) -> dict[str, int]:
    """What a browser loads that was never there, by its path, in bytes as they are transferred."""
    with browser.new_context(base_url=url) as context:
        context.add_cookies(cookies)
        page = context.new_page()
        session = context.new_cdp_session(page)
        asked: dict[str, str] = {}
        taken: dict[str, int] = {}
        session.on("Network.requestWillBeSent", lambda of: asked.update({of["requestId"]: of["request"]["url"]}))
        session.on(
            "Network.loadingFinished",
            lambda of: taken.update({urlsplit(asked[of["requestId"]]).path: round(of["encodedDataLength"])}),
        )
        session.send("Network.enable")
        page.goto(address, wait_until="networkidle")
        return taken


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_the_colours_of_the_system_all_that_can_be_pressed_has_a_line(
    browser: Browser, base_url: str, everybody: Everybody, scheme: str
) -> None:
    bare = {}
    for address, page in every_page(browser, base_url, everybody, forced_colors="active", color_scheme=scheme):
        if found := page.evaluate(_WITHOUT_OUTLINE):
            bare[address] = found
    assert not bare, told(bare)


@pytest.mark.parametrize(
    ("width", "text"),
    [
        pytest.param(375, 100, id="375 px"),
        pytest.param(320, 100, id="320 px"),
        pytest.param(1280, 100, id="1280 px"),
        pytest.param(640, 100, id="zoom of 200 %"),
        pytest.param(1280, 200, id="text"),
    ],
)
def test_no_page_scrolls_sideways(browser: Browser, base_url: str, everybody: Everybody, width: int, text: int) -> None:
    wide: dict[str, Any] = {}
    for name, page in every_page(browser, base_url, everybody, viewport={"width": width, "height": 720}):
        page.evaluate(_OPEN_ALL)
        if text != 100:
            page.evaluate(f"document.documentElement.style.fontSize = '{text}%'")
        if (over := page.evaluate(_SIDEWAYS)) > 0:
            wide[name] = over
        if width != 640 and text == 100 and (hidden := page.evaluate(_CUT_OFF)):
            wide[name] = hidden
    assert not wide, told(wide)


def test_without_a_script_nothing_is_shown_that_only_a_script_serves(
    browser: Browser, base_url: str, everybody: Everybody
) -> None:
    dead = {}
    for address, page in every_page(browser, base_url, everybody, java_script_enabled=False):
        if not page.get_by_role("main").or_(page.locator("#content-main, .page")).first.is_visible():
            dead[address] = ["no content"]
        if found := page.evaluate(_DEAD):
            dead[address] = found
    assert not dead, told(dead)


def test_each_page_has_a_title_of_its_own_that_names_the_site(
    browser: Browser, base_url: str, everybody: Everybody
) -> None:
    titles: dict[str, set[str]] = {}
    for address, page in every_page(browser, base_url, everybody):
        where = urlsplit(page.url).path
        assert page.title().endswith(("Identity Pools Lab", "local stand-in")) or where == "/", address
        # What says that there is nothing, or what was wrong, is one page wherever it is met.
        if page.title().startswith(("Not found", "Not allowed", "Error:")):
            continue
        titles.setdefault(f"{address.partition(':')[0]}: {page.title()}", set()).add(where)
    twice = {title: sorted(found) for title, found in titles.items() if len(found) > 1}
    assert not twice, told(twice)


def test_no_text_has_a_blank_before_a_comma_or_the_apostrophe_of_a_typewriter(
    browser: Browser, base_url: str, everybody: Everybody
) -> None:
    wrong = {}
    for name, page in every_page(browser, base_url, everybody):
        page.evaluate(_OPEN_ALL)
        if found := page.evaluate(_WRONGLY_SET):
            wrong[name] = found
    assert not wrong, told(wrong)


# Addresses that are no pages: what only a form is sent to, files, and what a sign-in or a script passes through.
_SENT_TO = (
    r"accounts:sign_out|admin:(logout|.*_(add|change|delete|history))|flows:(note_.*|pool_(change|set_back|try))",
    r"flows:run_(advance|again|cancel|create|finish|link|reveal|review|review_next|send_anyway|share|sign_in|signed_in)",
    r"flows:run_(unshare|use)|training:(account_open|ask_to_return|begin_again|broadcast|cohort_act|staff_act|unlock)",
    r"training:exercise_.*|training:help_.*|training:hint|training:me_(name|switch|who)|training:seat_.*",
    r"training:(return_decide|successor|said_run)|providers:(sign_in_cancel|company_link)",
)
_FILES = (r".*_export(_har)?|training:export|flows:run_shared_har|flows:trace_schema|providers:saml_metadata",)
_PASSED = (
    r"admin:(jsi18n|autocomplete|login|view_on_site|password_change.*)|room_check_echo|training:(news|account_there)",
    r"accounts:signed_out_at_company|flows:stand_ins",
    r"providers:(complete|saml_acs|saml_continue|company_complete|company_sign_in)|training:board_changes",
)


def _names(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _names(pattern, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)
        elif pattern.name:
            yield f"{namespace}{pattern.name}"


def test_every_page_of_the_site_is_in_the_list(everybody: Everybody) -> None:
    """A page that is new fails here until `everybody.py` has it."""
    paths = {urlsplit(place.address).path for who in everybody.values() for place in who.places}
    here = {path for path in paths if path.startswith("/") and is_valid_path(path)}
    listed = {resolve(path).view_name for path in here}
    no_page = re.compile("|".join((*_SENT_TO, *_FILES, *_PASSED)))
    assert sorted(name for name in set(_names(get_resolver())) - listed if not no_page.fullmatch(name)) == []
