"""On paper, with the colours of the system, and without a mouse."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.journeys.visitor import Visitor, settled

pytestmark = [pytest.mark.browser, pytest.mark.slow]
_MOST_STOPS = 80


def test_a_printed_run_shows_what_was_folded_away_and_none_of_the_controls(guest: Visitor) -> None:
    page = guest.page
    guest.run("basic")
    guest.look("Calls")
    folded = page.locator("#call-1 .params").first
    expect(folded).to_be_hidden()
    page.emulate_media(media="print")
    for printed in (
        folded,
        page.locator("#call-2 .token-line"),
        page.locator("#call-3 .params").last,
    ):
        expect(printed).to_be_visible()
    for control in (page.get_by_role("navigation"), page.locator("button:not(.word)"), page.locator(".run-actions")):
        assert [part for part in control.all() if part.is_visible()] == []
    expect(page.get_by_text("Sandbox · us-east-1")).to_be_visible()
    brand, crumb = (page.locator(part).first.bounding_box() for part in (".brand", ".crumb"))
    assert brand is not None
    assert crumb is not None
    assert brand["x"] == crumb["x"], "all begins at the margin of the sheet"


def test_a_run_of_two_calls_is_a_handout_of_a_few_sheets(guest: Visitor) -> None:
    page = guest.page
    guest.run()
    sheets = {}
    for view in ("Overview", "Calls", "Why"):
        guest.look(view)
        sheets[view] = len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))
    assert sheets["Overview"] == 1
    assert max(sheets.values()) <= 3


def _key(page: Page, name: str) -> None:
    """Press a key when the page's script is there, which reads it."""
    page.wait_for_load_state()
    page.keyboard.press(name)


def test_a_room_is_led_through_a_run_by_arrow_keys(guest: Visitor) -> None:
    page = guest.page
    page.set_viewport_size({"width": 1920, "height": 1080})
    guest.run("basic", "no-classic")
    page.get_by_role("link", name="Present").click()
    expect(page.get_by_role("heading", name="Refused at call 2 of 3")).to_be_visible()
    _key(page, "ArrowRight")
    expect(page.get_by_role("heading", name="GetId")).to_be_visible()
    _key(page, "PageDown")
    expect(page.get_by_role("heading", name="GetOpenIdToken")).to_be_visible()
    _key(page, "ArrowRight")
    expect(page).to_have_url(re.compile(r"\?present=1&call=2$"))
    settled(page)
    assert page.evaluate("document.documentElement.scrollHeight") <= 1080
    _key(page, "ArrowLeft")
    expect(page.get_by_role("heading", name="GetId")).to_be_visible()
    _key(page, "Escape")
    expect(page.locator("#call-1")).to_have_attribute("open", "")
    assert guest.errors == []


def test_a_dark_page_is_printed_on_white(new_context: Callable[..., BrowserContext]) -> None:
    page = new_context(color_scheme="dark").new_page()
    page.goto("/learn/flows/")
    background = "getComputedStyle(document.body).backgroundColor"
    ink = "getComputedStyle(document.querySelector('h1')).color"
    assert lightness(page.evaluate(background)) < 0.2 < 0.8 < lightness(page.evaluate(ink))
    page.emulate_media(media="print", color_scheme="dark")
    assert lightness(page.evaluate(background)) > 0.95
    assert lightness(page.evaluate(ink)) < 0.3


def lightness(colour: str) -> float:
    """Of `rgb(r, g, b)` or `rgba(r, g, b, a)`, from 0 to 1; what is not there at all is paper."""
    numbers = [float(number) for number in colour.partition("(")[2].rstrip(")").split(",")]
    return 1.0 if numbers[3:] == [0] else sum(numbers[:3]) / 3 / 255


def test_what_is_chosen_can_be_seen_in_the_colours_of_the_system(new_context: Callable[..., BrowserContext]) -> None:
    page = new_context(forced_colors="active").new_page()
    guest = Visitor(page)
    guest.run("basic")

    def border(name: str) -> str:
        link = page.get_by_role("link", name=name, exact=True)
        return str(link.evaluate("element => getComputedStyle(element).borderBottomColor"))

    def outline(name: str) -> str:
        choice = page.locator(".choice", has_text=name)
        return str(choice.evaluate("element => getComputedStyle(element).outlineStyle"))

    assert border("Overview") != border("Why")
    guest.choose("basic")
    assert (outline("Three calls"), outline("Two calls")) == ("solid", "none")
    assert (outline("Nobody signs in"), outline("Somebody signs in")) == ("solid", "none")
    assert (outline("Everything on"), outline("Role by rule")) == ("solid", "none")


def test_names_in_drawings_are_not_painted_over_in_the_colours_of_the_system(
    new_context: Callable[..., BrowserContext],
) -> None:
    guest = Visitor(new_context(forced_colors="active").new_page())
    guest.run("basic")
    guest.run("basic")  # one identity alone has no drawing
    over = """part => {
      const {stroke, paintOrder, fill} = getComputedStyle(part), {color} = getComputedStyle(document.body);
      return (stroke !== 'none' && !paintOrder.startsWith('stroke'))
        || (fill !== color && !part.matches('.d-numtext'));
    }"""
    for address in ("/", guest.page.url, "/identities/"):
        guest.page.goto(address)
        texts = guest.page.locator("main svg text")
        assert texts.count() > 0, address
        assert [text.text_content() for text in texts.all() if text.evaluate(over)] == [], address


def test_much_enlarged_nothing_stays_above_what_is_read(new_context: Callable[..., BrowserContext]) -> None:
    """400 % of a window of 1280 by 1024."""
    guest = Visitor(new_context(viewport={"width": 320, "height": 256}).new_page())
    guest.run("basic")
    guest.look("Calls")
    guest.page.locator(".call").last.scroll_into_view_if_needed()
    expect(guest.page.get_by_role("navigation", name="Views of this run")).not_to_be_in_viewport()


def stop_at(page: Page, place: Locator) -> None:
    """Press Tab until the place has the focus; each stop on the way can be seen."""
    settled(page)  # a key does not wait until the page that it leads to is there, or the part, which takes the focus
    for _ in range(_MOST_STOPS):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        assert focused.count() == 1, "the focus has left the page"
        shown = focused.evaluate(
            "e => { const s = getComputedStyle(e.closest('.choice') ?? e); const b = e.getBoundingClientRect();"
            " return s.outlineStyle !== 'none' && b.width > 0 && b.bottom > 0 && b.top < innerHeight }"
        )
        assert shown, focused.evaluate("element => element.outerHTML")
        if place.evaluate("element => element === document.activeElement"):
            return
    pytest.fail("no number of tabs leads there")


def test_a_whole_exchange_by_keyboard_alone(guest: Visitor) -> None:
    page = guest.page
    page.goto("/")
    stop_at(page, page.get_by_role("main").get_by_role("link", name="Interactive demo"))
    page.keyboard.press("Enter")
    expect(page).to_have_title("Guest access, enhanced flow (recommended) · Interactive demo · Identity Pools Lab")
    question = page.locator("summary", has_text="Which flow?")
    stop_at(page, question)
    page.keyboard.press("Enter")
    stop_at(page, page.get_by_role("link", name="Basic flow"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("flow=basic"))
    expect(question).to_be_focused()
    expect(question).to_contain_text("Basic flow")
    stop_at(page, page.locator("summary", has_text="Settings"))
    page.keyboard.press("Enter")
    stop_at(page, page.get_by_role("radio", name="Everything on"))
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Guest access off")).to_be_checked()
    page.keyboard.press("ArrowUp")
    stop_at(page, page.get_by_role("button", name="Step by step"))
    page.keyboard.press("Enter")

    for operation in ("GetId", "GetOpenIdToken", "AssumeRoleWithWebIdentity"):
        expect(page.get_by_role("heading", name=f"Next: {operation}")).to_be_visible()
        stop_at(page, page.get_by_role("button", name="Send this call"))
        page.keyboard.press("Enter")
        expect(page.locator("details.call > summary").last).to_be_focused()
    expect(page.locator(".pill").first).to_have_text("Succeeded")

    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#call-3 .call-body")).to_be_hidden()
    page.reload()
    stop_at(page, page.get_by_role("link", name="Show them raw"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Show them laid out")).to_be_visible()
    expect(page.locator(".htmx-swapping, .htmx-settling")).to_have_count(0)
    stop_at(page, page.locator("#call-3-response"))  # a region that scrolls can be reached
    page.reload()
    stop_at(page, page.get_by_role("link", name="Credentials", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Credentials")).to_be_focused()
    reveal = page.get_by_role("button", name="Reveal")
    stop_at(page, reveal)
    page.keyboard.press("Enter")
    expect(page.get_by_text("These are shown once")).to_be_visible()
    assert guest.errors == []
