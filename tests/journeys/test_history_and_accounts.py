"""The history and the account pages in a browser."""

import re
import secrets
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.journeys.axe import findings
from tests.journeys.visitor import Visitor, settled

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "correct horse battery"


@pytest.fixture
def name() -> str:
    return f"learner-{secrets.token_hex(4)}"


def sign_up(page: Page, name: str) -> None:
    page.goto("/accounts/sign-up/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign up").click()
    expect(page.get_by_text(f"Welcome, {name}.")).to_be_visible()
    settled(page)


def rows(page: Page) -> Locator:
    return page.locator("#runs tbody tr")


def test_a_filter_swaps_the_table_and_leaves_the_focus_and_back_undoes_it(guest: Visitor) -> None:
    page = guest.page
    guest.run("enhanced")
    guest.run("basic", "no-classic")
    page.goto("/runs/")
    expect(rows(page)).to_have_count(2)
    page.evaluate("document.body.dataset.same = 'yes'")

    flow = page.get_by_label("Flow")
    flow.focus()
    flow.select_option("basic")
    expect(rows(page)).to_have_count(1)
    expect(page).to_have_url(re.compile(r"/runs/\?flow=basic$"))
    expect(flow).to_be_focused()
    expect(page.locator("#live")).to_have_text("1 run shown")
    assert page.evaluate("document.body.dataset.same") == "yes"

    page.go_back()
    expect(rows(page)).to_have_count(2)
    expect(page.get_by_label("Flow")).to_have_value("")
    assert guest.errors == []


def test_what_is_typed_is_searched_and_keeps_the_outcome_that_was_chosen(guest: Visitor) -> None:
    page = guest.page
    guest.run("enhanced")
    guest.run("basic", "no-classic")
    page.goto("/runs/")
    page.get_by_role("navigation", name="Runs by outcome").get_by_role("link", name="Refused").click()
    expect(rows(page)).to_have_count(1)
    search = page.get_by_label("Search")
    search.press_sequentially("classic")
    expect(page).to_have_url(re.compile(r"\?outcome=refused&q=classic$"))
    expect(rows(page)).to_have_count(1)
    search.press_sequentially("al music")
    expect(page.get_by_role("heading", name="No matching runs")).to_be_visible()
    expect(search).to_be_focused()
    assert guest.errors == []


def test_a_filter_that_fits_nothing_can_be_taken_back(guest: Visitor) -> None:
    page = guest.page
    guest.run()
    page.goto("/runs/")
    page.get_by_label("Provider").select_option("google")
    expect(page.get_by_role("heading", name="No matching runs")).to_be_visible()
    page.get_by_role("link", name="Show all").click()
    expect(rows(page)).to_have_count(1)


def test_filters_paging_and_deleting_work_without_script(new_context: Callable[..., BrowserContext]) -> None:
    guest = Visitor(new_context(java_script_enabled=False).new_page(), scripted=False)
    page = guest.page
    guest.run("enhanced")
    guest.run("basic", "no-classic")
    page.goto("/runs/")
    page.get_by_label("Flow").select_option("enhanced")
    page.get_by_role("button", name="Search").click()
    expect(rows(page)).to_have_count(1)

    page.get_by_role("link", name="Delete run").click()
    page.get_by_role("button", name="Delete run").click()
    expect(page.get_by_text("and its calls are deleted")).to_be_visible()
    expect(rows(page)).to_have_count(1)


@pytest.mark.slow
def test_signing_up_takes_the_runs_along_to_every_device(
    guest: Visitor, new_context: Callable[..., BrowserContext], name: str
) -> None:
    guest.run()
    sign_up(guest.page, name)
    expect(rows(guest.page)).to_have_count(1)

    other = new_context().new_page()
    other.goto("/runs/")
    expect(other.get_by_role("heading", name="No runs yet")).to_be_visible()
    other.get_by_role("main").get_by_role("link", name="Sign in").click()
    other.get_by_label("Name").fill(name)
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(other).to_have_url(re.compile(r"/runs/$"))
    expect(rows(other)).to_have_count(1)

    other.get_by_role("button", name="Sign out").click()
    other.goto("/runs/")
    expect(other.get_by_role("heading", name="No runs yet")).to_be_visible()
    assert guest.errors == []


def test_a_mistake_is_named_on_top_and_leads_to_its_field(guest: Visitor, name: str) -> None:
    page = guest.page
    page.goto("/accounts/sign-up/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password", exact=True).fill("12345678901")
    page.get_by_label("Password again").fill("12345678901")
    page.get_by_role("main").get_by_role("button", name="Sign up").click()

    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("alert").get_by_role("link").first.click()
    expect(page.locator(":focus")).to_have_attribute("aria-invalid", "true")


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_of_people_with_an_account_are_accessible(
    new_context: Callable[..., BrowserContext], name: str, theme: str
) -> None:
    context = new_context(color_scheme=theme, viewport={"width": 375, "height": 800})
    page = context.new_page()
    sign_up(page, name)
    for path in ("/accounts/password/", "/accounts/password/done/", "/runs/?outcome=failed", "/runs/?since=x"):
        page.goto(path)
        assert findings(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= 375, path


def test_on_a_phone_each_run_is_a_card_and_still_a_row(new_context: Callable[..., BrowserContext]) -> None:
    guest = Visitor(new_context(viewport={"width": 375, "height": 800}).new_page())
    page = guest.page
    guest.run("basic")
    page.goto("/runs/")
    run = rows(page).first
    assert run.get_attribute("role") == "row"
    expect(run.get_by_role("cell").filter(has_text="3 AWS calls")).to_be_visible()
    card = run.bounding_box()
    assert card
    assert card["height"] < 160
    delete = run.get_by_role("link", name="Delete run").bounding_box()
    assert delete
    assert delete["x"] + delete["width"] <= card["x"] + card["width"]


def test_the_header_of_somebody_signed_in_takes_no_more_room_on_a_phone(
    new_context: Callable[..., BrowserContext], name: str
) -> None:
    page = new_context(viewport={"width": 375, "height": 800}).new_page()
    page.goto("/runs/")
    before = page.get_by_role("banner").bounding_box()
    sign_up(page, name)
    after = page.get_by_role("banner").bounding_box()
    assert before
    assert after
    assert after["height"] == before["height"]


def test_on_a_phone_the_filters_are_folded_until_one_is_used(new_context: Callable[..., BrowserContext]) -> None:
    guest = Visitor(new_context(viewport={"width": 375, "height": 800}).new_page())
    page = guest.page
    guest.run()
    page.goto("/runs/")
    flow = page.get_by_label("Flow")
    expect(flow).to_be_hidden()
    page.get_by_text("Search and filter", exact=True).first.click()
    flow.select_option("basic")
    expect(page.get_by_role("heading", name="No matching runs")).to_be_visible()
    page.reload()
    expect(flow).to_have_value("basic")
    expect(flow).to_be_visible()
