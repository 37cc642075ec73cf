"""Somebody of another AWS account gets a role, by clicking: the opponent of the exercise *Trust clinic*."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.journeys.axe import findings
from tests.journeys.checks import check_work
from tests.journeys.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_ana_of_the_other_account_gets_in(new_context: Callable[..., BrowserContext]) -> None:
    page = new_context(java_script_enabled=False, viewport={"width": 375, "height": 800}).new_page()
    page.goto("/exercises/trust-clinic/")
    page.get_by_role("button", name="Begin").click()
    other = page.get_by_role("region", name="The other account")
    number = other.locator("#other-account-id").inner_text()
    role = page.locator("code", has_text=re.compile(r"^arn:aws:iam::\d{12}:role/ClinicA$")).inner_text()
    assert number not in role
    other.get_by_role("link", name="Start a run there").click()
    stranger = Person(page)
    stranger.change("Who is asking?", "Authenticated access")
    stranger.change("Which flow?", "Basic flow")
    stranger.open_settings()
    chosen = page.get_by_role("group", name="Which identity pool?").get_by_role("radio", checked=True)
    expect(chosen).to_have_accessible_name(re.compile("Trust clinic.*The other account"))
    page.locator("[name=RoleArn]").fill(role)
    page.get_by_role("button", name="Sign in with Amazon Cognito user pools").click()
    stranger.go_on()
    expect(page).to_have_url(re.compile(f"/idp/{number}/"))
    stranger.sign_in_there("ana")
    assert stranger.verdict == "Succeeded"
    check_work(page, "trust-clinic", scripted=False)
    expect(page.locator("#checks")).to_contain_text(
        "Somebody who signed in at another AWS account got ClinicA in yours"
    )


def test_the_page_with_two_accounts_has_no_barriers(new_context: Callable[..., BrowserContext]) -> None:
    for scheme in ("light", "dark"):
        page = new_context(color_scheme=scheme, viewport={"width": 375, "height": 800}).new_page()
        page.goto("/exercises/trust-clinic/")
        page.get_by_role("button", name="Begin").click()
        expect(page.get_by_role("heading", name="The other account")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 375
        assert findings(page) == []
