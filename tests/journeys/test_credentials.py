"""Credentials: masked, revealed once, good for use elsewhere."""

import json
from pathlib import Path

import boto3
import pytest
from playwright.sync_api import expect

from sandbox.testing import RunningSandbox
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]


# A button says for four seconds what it did, and a busy machine may look later.
_SAID_FOR_GOOD = """
const later = window.setTimeout.bind(window);
window.setTimeout = (what, after, ...given) => after >= 2000 ? 0 : later(what, after, ...given);
"""


def revealed(guest: Visitor) -> dict[str, str]:
    """Press Reveal and read the credentials off the page."""
    guest.page.get_by_role("button", name="Reveal").click()
    expect(guest.page.get_by_text("These are shown once")).to_be_visible()
    content = json.loads(guest.page.locator("#credentials-json").inner_text())
    assert list(content) == ["IdentityId", "Credentials"]
    return dict(content["Credentials"])


@pytest.mark.parametrize("flow", ["enhanced", "basic"])
def test_revealed_credentials_are_those_of_the_guest_role(
    guest: Visitor, served_sandbox: RunningSandbox, flow: str
) -> None:
    guest.run(flow)
    guest.look("Credentials")
    found = revealed(guest)
    session = boto3.Session(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"], "us-east-1")
    arn = session.client("sts", endpoint_url=served_sandbox.url).get_caller_identity()["Arn"]
    assert arn.endswith(":assumed-role/LabGuest/CognitoIdentityCredentials")


def test_secrets_are_masked_until_revealed_and_again_after_a_reload(guest: Visitor) -> None:
    guest.run()
    guest.look("Credentials")
    assert "••••••••" in guest.page.locator("#credentials-json").inner_text()
    with guest.page.expect_response("**/reveal/") as answer:
        secrets = revealed(guest)
    assert "no-store" in answer.value.headers["cache-control"]
    for name in ("bash", "powershell", "profile"):
        assert secrets["SecretAccessKey"] in (guest.page.locator(f"#take-{name}").text_content() or "")
    assert "/reveal/" not in guest.page.url

    guest.page.reload()
    content = guest.page.content()
    assert secrets["SecretAccessKey"] not in content
    assert secrets["SessionToken"] not in content


def test_the_profile_works_as_it_is(guest: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guest.run()
    guest.look("Credentials")
    revealed(guest)
    file = tmp_path / "credentials"
    file.write_text(guest.page.locator("#take-profile").text_content() or "")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    arn = boto3.Session(profile_name="identity-pools-lab").client("sts").get_caller_identity()["Arn"]
    assert ":assumed-role/LabGuest/" in arn


def test_copy_puts_the_shell_form_into_the_clipboard(guest: Visitor) -> None:
    guest.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    guest.page.add_init_script(_SAID_FOR_GOOD)
    guest.run()
    guest.look("Credentials")
    secrets = revealed(guest)
    guest.page.get_by_role("button", name="Copy as bash").click()
    expect(guest.page.get_by_role("button", name="Copied")).to_be_visible()
    copied = guest.page.evaluate("navigator.clipboard.readText()")
    assert f"export AWS_SECRET_ACCESS_KEY={secrets['SecretAccessKey']}" in copied.splitlines()
    expect(guest.page.locator("#live")).to_have_text("Copied")


def test_what_came_is_not_said_to_be_under_way_afterwards(guest: Visitor) -> None:
    """The button that asked is gone with the swap, and cannot say that its request has ended."""
    guest.run()
    guest.look("Credentials")
    revealed(guest)
    guest.page.wait_for_timeout(600)  # twice as long as nothing is said: it would be said now
    expect(guest.page.locator("#live")).not_to_have_text("Sending", timeout=1)


def test_on_plain_http_it_is_copied_all_the_same(guest: Visitor) -> None:
    guest.page.add_init_script(_SAID_FOR_GOOD)
    guest.page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    guest.run()
    guest.look("Credentials")
    secrets = revealed(guest)
    guest.page.get_by_role("button", name="Copy JSON").click()
    expect(guest.page.locator("#live")).to_have_text("Copied")
    expect(guest.page.locator(":focus")).to_have_text("Copied")
    guest.page.evaluate("document.body.append(Object.assign(document.createElement('textarea'), {id: 'pasted'}))")
    guest.page.locator("#pasted").focus()
    guest.page.keyboard.press("Control+V")
    assert secrets["SessionToken"] in guest.page.locator("#pasted").input_value()


def test_where_nobody_may_copy_the_text_is_selected(guest: Visitor) -> None:
    guest.page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    guest.page.add_init_script("document.execCommand = () => false")
    guest.run()
    guest.look("Credentials")
    secrets = revealed(guest)
    guest.page.get_by_role("button", name="Copy JSON").click()
    assert secrets["SessionToken"] in guest.page.evaluate("getSelection().toString()")
