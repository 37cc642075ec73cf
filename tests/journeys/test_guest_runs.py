"""From the front page to the results, as a guest."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser


def test_enhanced_flow_from_the_first_click_to_both_results(guest: Visitor) -> None:
    page = guest.page
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Demo", exact=True).click()
    expect(page.get_by_text("hands credentials to anyone on the internet")).to_be_visible()
    expect(page.locator("summary", has_text="Which flow?")).to_contain_text("Enhanced flow (recommended)")
    page.get_by_role("button", name="Test guest access").click()

    expect(page.get_by_role("link", name="View credentials only")).to_be_visible()
    expect(page.get_by_role("link", name="Test another provider")).to_be_visible()
    page.get_by_role("link", name="View detailed API flow").click()
    expect(page.get_by_role("heading", name="Calls")).to_be_visible()
    assert guest.operations() == ["GetId", "GetCredentialsForIdentity"]
    first = page.locator("#call-1")
    expect(first).to_contain_text("unsigned")
    expect(first).to_contain_text("200 OK")
    expect(first).to_contain_text(re.compile(r"Request ID\s+[0-9a-f-]{36}"))
    expect(first).to_contain_text("POST cognito-identity.us-east-1.amazonaws.com · GetId")
    expect(first).to_contain_text(re.compile(r"played by 127\.0\.0\.1:\d+"))
    expect(page.locator("#call-2").get_by_role("link", name="Why it was allowed")).to_be_visible()
    page.get_by_role("link", name="Expand all").click()
    expect(first.get_by_role("link", name="Why it was allowed")).to_be_visible()
    page.get_by_role("link", name="Show them raw").click()
    expect(page.locator("#call-1-request")).to_contain_text("AWSCognitoIdentityService.GetId")
    assert guest.errors == []


def test_basic_flow_shows_its_token_where_it_came_from_and_where_it_went(guest: Visitor) -> None:
    guest.run("basic")
    guest.look("Calls")
    page = guest.page
    assert guest.operations() == ["GetId", "GetOpenIdToken", "AssumeRoleWithWebIdentity"]
    expect(page.locator("#call-2 .token-line")).to_contain_text("verified by key")
    expect(page.locator("#call-3")).to_contain_text("same as in call 2")
    expect(page.locator("#call-3")).to_contain_text("AssumedRoleUser")
    expect(page.locator("#call-3")).to_contain_text("Request · form")

    guest.look("Tokens")
    audience = page.get_by_role("row", name=re.compile("^aud "))
    expect(audience).to_contain_text("the identity pool’s ID")
    expect(page.get_by_role("row", name=re.compile("^amr "))).to_contain_text("unauthenticated")
    expect(page.get_by_role("row", name=re.compile("^exp "))).to_contain_text("UTC")


@pytest.mark.slow
def test_trace_can_be_exported_and_holds_no_secret(guest: Visitor) -> None:
    guest.run("basic")
    with guest.page.expect_download() as download:
        guest.page.locator(".menu > summary").click()
        guest.page.get_by_role("link", name="Export JSON").click()
    trace = json.loads(download.value.path().read_text())
    assert [call["operation"] for call in trace["calls"]] == ["GetId", "GetOpenIdToken", "AssumeRoleWithWebIdentity"]
    assert trace["calls"][1]["response_params"]["Token"].startswith("‹OpenID token")
    assert not re.search(r"eyJ[\w-]+\.eyJ", json.dumps(trace))


@pytest.mark.slow
def test_the_credentials_stand_beside_the_picture_and_can_be_used_at_once(guest: Visitor) -> None:
    page = guest.page
    guest.run()
    result = page.get_by_role("region", name="Temporary credentials")
    expect(result).to_contain_text("••••••••")
    result.get_by_role("button", name="Reveal").click()
    expect(page.get_by_text("These are shown once")).to_be_visible()
    page.reload()
    result.get_by_role("button", name="Who am I?").click()
    expect(page.locator("#call-3")).to_contain_text("assumed-role/LabGuest")
    assert guest.errors == []


@pytest.mark.slow
def test_a_run_is_made_again_by_one_click_and_its_menu_closes_by_escape(guest: Visitor) -> None:
    page = guest.page
    guest.run("basic")
    first = guest.code
    menu = page.locator(".menu > summary")
    menu.click()
    expect(page.get_by_role("link", name="Delete")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Delete")).to_be_hidden()
    expect(menu).to_be_focused()
    page.get_by_role("button", name="Run again").click()
    expect(page).not_to_have_url(re.compile(first))
    expect(page.get_by_role("heading", name="Guest access, basic flow")).to_be_visible()
    assert guest.errors == []


@pytest.mark.slow
def test_another_browser_does_not_see_the_run(guest: Visitor, new_context: Callable[..., BrowserContext]) -> None:
    guest.run()
    address = guest.page.url
    stranger = new_context().new_page()
    answer = stranger.goto(address)
    assert answer is not None
    assert answer.status == 404
    expect(stranger.get_by_role("heading", name="There is nothing here")).to_be_visible()


@pytest.mark.slow
def test_the_first_call_begins_near_the_top(guest: Visitor) -> None:
    page = guest.page
    page.set_viewport_size({"width": 1280, "height": 720})
    guest.run()
    guest.look("Calls")
    first = page.locator(".calls > li").first.bounding_box()
    assert first is not None
    assert first["y"] <= 210
    assert first["height"] <= 46
    page.mouse.wheel(0, 2000)
    expect(page.get_by_role("navigation", name="Views of this run")).to_be_in_viewport()


@pytest.mark.slow
def test_a_long_run_loads_a_call_when_it_is_opened(guest: Visitor) -> None:
    page = guest.page
    guest.run()
    guest.look("Try it")
    for number in range(9):
        page.get_by_role("button", name="Who am I?" if not number else "Call again: Who am I?").click()
        expect(page.locator(f"#call-{number + 3}")).to_be_visible()
    guest.look("Calls")
    expect(page.locator("#call-1 .params")).to_have_count(0)
    page.locator("#call-1 > summary").click()
    expect(page.locator("#call-1")).to_contain_text("IdentityPoolId")
    expect(page.locator("#call-2 .params")).to_have_count(0)
    assert guest.errors == []
