"""A refusal is a result: AWS's words, the cause, and what to do."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser

GUESTS_OFF = "Unauthenticated access is not supported for this identity pool."
CLASSIC_OFF = "Basic (classic) flow is not enabled, please use enhanced flow."


@pytest.mark.parametrize(
    ("flow", "pool", "verdict", "text"),
    [
        ("enhanced", "no-guests", "Refused at call 1 of 2", GUESTS_OFF),
        ("basic", "no-guests", "Refused at call 1 of 3", GUESTS_OFF),
        ("basic", "no-classic", "Refused at call 2 of 3", CLASSIC_OFF),
    ],
)
def test_the_run_ends_where_it_was_refused(guest: Visitor, flow: str, pool: str, verdict: str, text: str) -> None:
    page = guest.page
    guest.run(flow, pool)
    call, of = (int(number) for number in re.findall(r"\d", verdict))
    expect(page.get_by_text(verdict)).to_be_visible()
    expect(page.get_by_text(text)).to_be_visible()
    expect(page.get_by_text("What to do.")).to_be_visible()

    way = page.get_by_role("list", name="The run at a glance").get_by_role("listitem").all_inner_texts()
    words = ["succeeded"] * (call - 1) + ["refused", *["run"] * (of - call), "none"]
    assert [stop.split()[-1] for stop in way] == words
    picture = page.get_by_role("region", name="The run as a diagram")
    expect(picture.get_by_role("link", name=re.compile(rf"^{call}: \w+, refused"))).to_be_visible()
    expect(picture.get_by_role("link", name=re.compile("not run"))).to_have_count(of - call)
    page.get_by_role("link", name="See why").click()
    expect(page.get_by_role("heading", name="Why", exact=True)).to_be_focused()

    guest.look("Calls")
    assert "AssumeRoleWithWebIdentity" not in guest.operations()
    assert "GetCredentialsForIdentity" not in guest.operations()
    refused = page.locator(f"#call-{call}")
    expect(refused).to_have_attribute("open", "")
    expect(refused.locator(".difference")).to_be_visible()
    expect(page.locator(".call[open]")).to_have_count(1)

    guest.look("Credentials")
    expect(page.get_by_text("There are no credentials: the run was refused.")).to_be_visible()
    expect(page.get_by_role("button", name="Reveal")).to_have_count(0)


@pytest.mark.slow
def test_a_value_that_the_role_forbids_is_refused_by_the_service_and_not_by_the_form(guest: Visitor) -> None:
    page = guest.page
    guest.choose("basic")
    guest.open_settings()
    page.get_by_label("Duration in seconds").fill("43200")
    page.get_by_role("button", name="Test guest access").click()
    expect(page.get_by_text("Refused at call 3 of 3")).to_be_visible()
    expect(page.get_by_text("exceeds the MaxSessionDuration")).to_be_visible()


@pytest.mark.slow
def test_on_a_phone_the_reasons_stand_in_the_call_that_they_are_about(
    new_context: Callable[..., BrowserContext],
) -> None:
    guest = Visitor(new_context(viewport={"width": 375, "height": 800}).new_page())
    page = guest.page
    guest.run("basic", "no-classic")
    guest.look("Calls")
    refused = page.locator("#call-2")
    expect(refused.locator(".difference")).to_contain_text("AllowClassicFlow is not false")
    expect(page.locator("#call-1").get_by_text("Why it was allowed")).to_be_hidden()
    page.locator("#call-1 > summary").click()
    expect(page.locator("#call-1").get_by_text("Why it was allowed")).to_be_visible()
