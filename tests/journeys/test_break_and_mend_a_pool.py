"""Somebody with an account of their own breaks an identity pool and mends it by clicking, with a script and without."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.axe import findings
from tests.journeys.checks import check_work

pytestmark = [pytest.mark.browser, pytest.mark.slow]
_TABS = ("who", "try", "scan", "switches", "logins", "roles", "mapping", "tags", "people", "identities", "changes")
_OPEN = "for (const part of document.querySelectorAll('details')) part.open = true"


def _own_account(page: Page) -> str:
    """Have an account of one's own, as the pages of pools offer it; its number."""
    page.goto("/pools/")
    page.get_by_role("link", name="Have an account of your own").click()
    page.get_by_role("button", name="Give me an account of my own").click()
    return page.get_by_role("heading", name="Your account:").locator("code").inner_text()


@pytest.mark.parametrize("scripted", [True, False])
def test_a_guest_takes_a_better_role_until_the_trust_policy_is_mended(
    new_context: Callable[..., BrowserContext], scripted: bool
) -> None:
    page = new_context(java_script_enabled=scripted, viewport={"width": 375, "height": 800}).new_page()
    number = _own_account(page)
    role = f"arn:aws:iam::{number}:role/LabAuthenticated"

    # Broken: nothing asks about amr any more.
    page.goto("/pools/lab/roles/?role=LabAuthenticated")
    area = page.locator("#trust-text")
    text = area.input_value()
    broken = text.replace('"ForAnyValue:StringLike"', '"StringNotEquals"').replace('"authenticated"', '"nobody"')
    assert broken != text
    area.fill(broken)
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("Trust policy of LabAuthenticated changed")).to_be_visible()
    page.goto("/pools/lab/")
    expect(page.get_by_role("heading", name="Guest of this pool, basic → LabAuthenticated: gets in")).to_be_visible()
    assert _guest_asks_for(page, role) == "Succeeded"

    # Mended by setting it back.
    page.goto("/pools/lab/changes/")
    page.get_by_role("button", name="Set back Trust policy").click()
    expect(page.get_by_text("Set back: Trust policy of LabAuthenticated changed. It is recorded")).to_be_visible()
    assert _guest_asks_for(page, role) == "Refused"


def test_a_refused_policy_stands_there_with_its_line(new_context: Callable[..., BrowserContext]) -> None:
    page = new_context().new_page()
    _own_account(page)
    page.goto("/pools/lab/roles/?role=LabGuest")
    page.locator("#trust-text").fill('{\n  "Version": "2012-10-17",\n  "Statement": []\n')
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_role("alert")).to_contain_text("This policy contains invalid Json")
    expect(page.get_by_role("alert")).to_contain_text("line 4")
    expect(page.locator("#trust-text")).to_have_value('{\n  "Version": "2012-10-17",\n  "Statement": []\n')
    # The numbers follow what is typed.
    page.locator("#trust-text").fill("\n" * 40)
    expect(page.locator(".numbers").first).to_contain_text("41")


@pytest.mark.parametrize("scripted", [True, False])
def test_a_token_with_other_claims_is_judged_by_them(
    new_context: Callable[..., BrowserContext], scripted: bool
) -> None:
    page = new_context(java_script_enabled=scripted, viewport={"width": 375, "height": 800}).new_page()
    login = f"oidc.{_own_account(page)}.identity-pools-lab.test"
    for department, told in (("Engineering", "LabRulesEngineers"), ("none", "Why it was refused")):
        page.goto("/pools/rules/try/")
        page.get_by_label("Who comes").select_option(login)
        page.get_by_label("Claims").fill(json.dumps({"sub": "kim", "department": department}))
        page.get_by_role("button", name="Make the run").click()
        expect(page.get_by_text(told).first).to_be_visible()
    page.goto("/pools/rules/try/")
    page.get_by_label("Claims").fill("[]")
    page.get_by_role("button", name="Make the run").click()
    expect(page.get_by_role("alert")).to_contain_text("Claims are a JSON object")
    expect(page.get_by_label("Claims")).to_have_value("[]")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_where_everything_can_be_changed(
    new_context: Callable[..., BrowserContext], theme: str
) -> None:
    page = new_context(color_scheme=theme).new_page()
    _own_account(page)
    found = {}
    for path in [*(f"/pools/rules/{tab}/" for tab in _TABS), "/send/?service=dynamodb&operation=PutItem"]:
        page.goto(path)
        page.evaluate(_OPEN)
        if problems := findings(page):
            found[path] = problems
    assert found == {}


def _guest_asks_for(page: Page, role: str, pool: str = "lab") -> str:
    """The basic flow by three calls composed in a form; how the last one ended."""
    page.goto(f"/send/?pool={pool}&service=cognito-identity&operation=GetId")
    page.get_by_role("button", name="Send this call").click()
    identity = _number(page)
    page.goto(f"/send/?pool={pool}&service=cognito-identity&operation=GetOpenIdToken")
    page.get_by_label("IdentityId").fill(f"@{identity}.identity")
    page.get_by_role("button", name="Send this call").click()
    token = _number(page)
    page.goto(f"/send/?pool={pool}&service=sts&operation=AssumeRoleWithWebIdentity")
    page.get_by_label("RoleArn").fill(role)
    page.get_by_label("WebIdentityToken").fill(f"@{token}.token")
    page.get_by_role("button", name="Send this call").click()
    return page.locator(".run-head .pill").inner_text().split(" at ")[0].strip()


def _number(page: Page) -> int:
    """The number of the run whose page this is."""
    expect(page.locator(".run-head")).to_be_visible()
    number = re.match(r"Run (\d+)", page.title())
    assert number, page.title()
    return int(number[1])


def test_an_exercise_is_solved_on_these_pages_alone(new_context: Callable[..., BrowserContext]) -> None:
    page = new_context(java_script_enabled=False, viewport={"width": 375, "height": 800}).new_page()
    page.goto("/exercises/guest-takes-admin/")
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Answer").click()
    role = page.locator("code", has_text=re.compile(r"^arn:aws:iam::\d{12}:role/TakesAdminAdmins$")).inner_text()

    assert _guest_asks_for(page, role, "guest-takes-admin") == "Succeeded"
    run = _number(page)
    page.goto(f"/send/?pool=guest-takes-admin&service=s3&operation=GetObject&sender={run}")
    page.get_by_label("Bucket", exact=False).first.fill("guest-takes-admin")
    page.get_by_label("Key (required)").fill("payroll.csv")
    page.get_by_role("button", name="Send this call").click()
    expect(page.locator(".run-head .pill")).to_have_text("Succeeded")

    page.goto("/pools/guest-takes-admin/")
    page.get_by_role("link", name="Edit the trust policy").click()
    area = page.locator("#trust-text")
    document = json.loads(area.input_value())
    document["Statement"][0]["Condition"]["ForAnyValue:StringLike"] = {
        "cognito-identity.amazonaws.com:amr": "authenticated"
    }
    area.fill(json.dumps(document, indent=2))
    page.get_by_role("button", name="Save").first.click()
    check_work(page, "guest-takes-admin", scripted=False)
    expect(page.get_by_text("8 of 8 done")).to_be_visible()
