"""The exercise *Promote yourself*, by clicking: a user of a user pool becomes a lead, and is shut out for good."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.axe import findings
from tests.journeys.checks import check_work

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SLUG = "promote-yourself"


def send(page: Page, service: str, operation: str, sender: str = "", **members: str) -> None:
    """Send a call from the form, whose result is the run's page."""
    page.goto(f"/send/?pool={SLUG}&service={service}&operation={operation}")
    if sender:
        page.get_by_label("Sent by").select_option(sender)
    for name, value in members.items():
        field = page.locator(f"[name=p-{name}]")
        if not field.is_visible():
            page.locator("form summary", has_text="more parameter").click()
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.get_by_role("button", name="Send this call").click()
    expect(page).to_have_url(re.compile("/runs/.*/calls/"))
    assert "Lea-Shift-1!" not in page.content()


def offered(page: Page, kind: str) -> str:
    """What the latest run of that kind yielded, as it is written in a call: `@12.access`."""
    page.goto(f"/send/?pool={SLUG}")
    return page.locator(".offers dt", has_text=re.compile(rf"^@\d+\.{kind}$")).first.inner_text()


def sign_in_as_lea(page: Page) -> None:
    page.goto(f"/send/?pool={SLUG}&service=cognito-idp&operation=InitiateAuth")
    client = page.locator(".offers dt").first.inner_text()
    told = json.dumps({"USERNAME": "lea", "PASSWORD": "Lea-Shift-1!"})
    send(page, "cognito-idp", "InitiateAuth", AuthFlow="USER_PASSWORD_AUTH", ClientId=client, AuthParameters=told)
    expect(page.locator("main")).to_contain_text("InitiateAuth")


@pytest.mark.parametrize("scripted", [True, False])
def test_lea_makes_herself_a_lead_and_is_shut_out(new_context: Callable[..., BrowserContext], scripted: bool) -> None:
    page = new_context(java_script_enabled=scripted, viewport={"width": 375, "height": 800}).new_page()
    page.goto(f"/exercises/{SLUG}/")
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("radio").nth(1).check()
    page.get_by_role("button", name="Answer").click()
    expect(page.get_by_text("right, and your answer")).to_be_visible()
    pool_id = page.locator("#pool-id").inner_text()

    sign_in_as_lea(page)
    attributes = json.dumps([{"Name": "custom:tier", "Value": "lead"}])
    token = offered(page, "access")
    send(page, "cognito-idp", "UpdateUserAttributes", AccessToken=token, UserAttributes=attributes)
    sign_in_as_lea(page)
    logins = offered(page, "logins")
    send(page, "cognito-identity", "GetId", IdentityPoolId=pool_id, Logins=logins)
    identity = offered(page, "identity")
    send(page, "cognito-identity", "GetCredentialsForIdentity", IdentityId=identity, Logins=logins)
    page.goto(f"/send/?pool={SLUG}&service=s3&operation=GetObject")
    lead = page.get_by_label("Sent by").locator("option").nth(1).get_attribute("value")
    assert lead
    send(page, "s3", "GetObject", lead, Bucket=SLUG, Key="salaries.csv")
    check_work(page, SLUG, scripted=scripted)
    expect(page.locator("#checks")).to_contain_text("4 of 11 done")
    expect(page.locator("#checks")).to_contain_text("Lea read what only leads may read.")
    expect(page.locator("#checks")).to_contain_text("Now mend it.")

    for client in ("1", "2"):
        page.goto(f"/pools/{SLUG}/logins/")
        page.locator("summary", has_text="Limit what people can write").nth(int(client) - 1).click()
        page.locator(f"#attributes-{client}").fill("email, name")
        page.locator("form", has=page.locator(f"#attributes-{client}")).get_by_role("button", name="Save").click()
        expect(page.locator("main")).to_contain_text("WriteAttributes of the app client limited to 2")
    page.goto(f"/pools/{SLUG}/people/")
    lea = page.locator("li.card", has=page.get_by_text("lea", exact=True)).first
    lea.locator("summary", has_text="Attributes").click()
    form = lea.locator("form", has=page.locator("[name=value]"))
    form.locator("[name=name]").fill("custom:tier")
    form.locator("[name=value]").fill("member")
    form.get_by_role("button").click()
    expect(page.locator("main")).to_contain_text("custom:tier of lea set")
    check_work(page, SLUG, scripted=scripted)
    expect(page.locator("#checks")).to_contain_text("Solved.")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    if scripted:
        assert findings(page) == []
    page.get_by_role("link", name="See the call").last.click()
    expect(page.locator("main")).to_contain_text("InitiateAuth")
