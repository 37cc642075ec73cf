"""From the front page to a result: how many clicks it takes, and what is in sight before anybody scrolls."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, expect

from tests.journeys.people import Person
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# A laptop's projector, and a telephone.
SIZES = [pytest.param(1280, 720, id="1280x720"), pytest.param(375, 812, id="375x812")]


class Counted(Person):
    """A person whose clicks are counted."""

    clicks = 0

    def click(self, place: Locator) -> None:
        self.clicks += 1
        place.click()


def test_a_guest_has_a_result_after_one_click(guest: Visitor) -> None:
    page = guest.page
    page.goto("/")
    page.get_by_role("button", name="Run it now as a guest").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    expect(page.get_by_role("heading", name="Guest access, enhanced flow")).to_be_visible()
    expect(page.locator(".run-head .pill")).to_have_text("Succeeded")
    assert guest.errors == []


def test_the_basic_flow_with_google_takes_four_clicks(new_context: Callable[..., BrowserContext]) -> None:
    ana = Counted(new_context().new_page())
    page = ana.page
    page.goto("/")
    ana.click(page.get_by_role("link", name="Sign in for the basic flow"))
    ana.click(page.get_by_role("button", name="Sign in with Google"))
    ana.click(page.get_by_role("link", name="Continue to"))
    ana.click(page.get_by_role("button", name="Continue", exact=True))
    expect(page.get_by_role("heading", name="Google, basic flow")).to_be_visible()
    assert ana.verdict == "Succeeded"
    assert ana.clicks <= 4
    assert ana.errors == []


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_both_ways_in_are_in_sight_at_once(new_context: Callable[..., BrowserContext], width: int, height: int) -> None:
    page = new_context(viewport={"width": width, "height": height}).new_page()
    page.goto("/")
    guest = page.get_by_role("button", name="Run it now as a guest").bounding_box()
    provider = page.get_by_role("link", name="Sign in with a provider").bounding_box()
    assert guest is not None
    assert provider is not None
    assert (guest["width"], guest["height"]) == (provider["width"], provider["height"]), "they are worth the same"
    assert max(guest["y"] + guest["height"], provider["y"] + provider["height"]) < height * 2 / 3


def test_the_navigation_has_five_entries(guest: Visitor) -> None:
    guest.page.goto("/")
    entries = guest.page.get_by_role("navigation", name="Main").get_by_role("link").all_inner_texts()
    assert entries == ["Demo", "Learn", "Exercises", "My runs", "Class"]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_demos_action_is_in_sight_at_once(
    new_context: Callable[..., BrowserContext], width: int, height: int
) -> None:
    page = new_context(viewport={"width": width, "height": height}).new_page()
    page.goto("/demo/")
    guest = page.get_by_role("button", name="Test guest access").bounding_box()
    page.goto("/demo/?access=authenticated")
    provider = page.locator("#provider-google").bounding_box()
    for box in (guest, provider):
        assert box is not None
        assert box["y"] + box["height"] <= height


def test_a_whole_card_of_a_provider_can_be_clicked(guest: Visitor) -> None:
    page = guest.page
    page.goto("/demo/?access=authenticated")
    card = page.locator("#provider-google").bounding_box()
    assert card is not None
    page.mouse.click(card["x"] + card["width"] - 12, card["y"] + card["height"] - 12)
    expect(page.get_by_role("heading", name="Sign in with Google: the request")).to_be_visible()
