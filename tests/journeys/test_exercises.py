"""An exercise from attack to repair, by clicking: without a script, and on a narrow screen."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.journeys.axe import findings
from tests.journeys.checks import check_work
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SLUG = "guest-takes-admin"


@pytest.mark.parametrize("scripted", [True, False])
def test_a_guest_takes_a_role_and_is_shut_out(new_context: Callable[..., BrowserContext], scripted: bool) -> None:
    page = new_context(java_script_enabled=scripted, viewport={"width": 375, "height": 800}).new_page()
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Exercises").click()
    page.get_by_role("link", name="The guest who chose a better role").click()
    page.get_by_role("button", name="Begin").click()
    role = page.locator("code", has_text=re.compile(r"^arn:aws:iam::\d{12}:role/TakesAdminAdmins$")).inner_text()
    page.get_by_role("radio").nth(1).check()
    page.get_by_role("button", name="Answer").click()
    expect(page.get_by_text("right, and your answer")).to_be_visible()

    page.get_by_role("link", name="Start a run").click()
    learner = Visitor(page)
    learner.change("Which flow?", "Basic flow")
    learner.open_settings()
    page.locator("[name=RoleArn]").fill(role)
    page.get_by_role("button", name="Test guest access").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Guest access")
    page.goto(f"/send/?pool={SLUG}&service=s3&operation=GetObject")
    page.get_by_label("Sent by").select_option(index=1)
    page.locator("[name=p-Bucket]").fill(SLUG)
    page.locator("[name=p-Key]").fill("payroll.csv")
    page.get_by_role("button", name=re.compile("^Send")).click()
    check_work(page, SLUG, scripted=scripted)
    expect(page.locator("#checks")).to_contain_text("3 of 8 done")
    expect(page.locator("#checks")).to_contain_text("Now mend it.")

    page.goto(f"/pools/{SLUG}/roles/")
    page.get_by_role("main").get_by_role("link", name="TakesAdminAdmins").click()
    area = page.locator("textarea").first
    trust = json.loads(area.input_value())
    trust["Statement"][0]["Condition"]["ForAnyValue:StringLike"] = {
        "cognito-identity.amazonaws.com:amr": "authenticated"
    }
    area.fill(json.dumps(trust))
    page.get_by_role("button", name="Save").first.click()
    check_work(page, SLUG, scripted=scripted)
    expect(page.locator("#checks")).to_contain_text("Solved.")
    expect(page.locator("#checks").get_by_role("link", name="See the call")).to_have_count(7)
    if scripted:
        assert page.evaluate("document.documentElement.scrollWidth") <= 375
        assert findings(page) == []
