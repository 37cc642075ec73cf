"""Every provider in both flows, from the button in the demo to the results, in a real browser."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.people import Person
from tests.matrices import some_quickly

pytestmark = pytest.mark.browser

# Button, what the artifact is called in the trace, its name in Logins.
PROVIDERS = {
    "google": ("Sign in with Google", "ID token", "accounts.google.com"),
    "facebook": ("Sign in with Facebook", "access token", "graph.facebook.com"),
    "amazon": ("Login with Amazon", "access token", "www.amazon.com"),
    "apple": ("Sign in with Apple", "ID token", "appleid.apple.com"),
    "x": ("Sign in with X", "OAuth token and secret", "api.twitter.com"),
    "oidc": ("Sign in with OIDC provider", "ID token", "/idp/oidc"),
    "saml": ("Sign in with SAML provider", "SAML response", "arn:aws:iam::000000000000:saml-provider/LabSaml"),
    "user-pool": ("Sign in with Amazon Cognito user pools", "ID token", "cognito-idp.us-east-1.amazonaws.com/"),
}
CALLS = {
    "enhanced": ["GetId", "GetCredentialsForIdentity"],
    "basic": ["GetId", "GetOpenIdToken", "AssumeRoleWithWebIdentity"],
}
DEVELOPER_CALLS = {
    "enhanced": ["GetOpenIdTokenForDeveloperIdentity", "GetCredentialsForIdentity"],
    "basic": ["GetOpenIdTokenForDeveloperIdentity", "AssumeRoleWithWebIdentity"],
}


@pytest.fixture
def ana(page: Page) -> Person:
    return Person(page)


@pytest.fixture
def new_person(new_context: Callable[..., BrowserContext]) -> Callable[[], Person]:
    """Somebody else, in a browser of their own."""
    return lambda: Person(new_context().new_page())


# The basic flow of every provider is driven without a browser as well, in tests/flows/authenticated.
# One of each kind of artifact; the others walk the same pages, and are left to verify.


@pytest.mark.parametrize("flow", ["enhanced", pytest.param("basic", marks=pytest.mark.slow)])
@pytest.mark.parametrize("provider", some_quickly(PROVIDERS, "google", "saml"))
def test_from_the_button_to_the_results(ana: Person, provider: str, flow: str) -> None:
    button, artifact, login = PROVIDERS[provider]
    ana.sign_in(button, flow)
    page = ana.page
    if provider == "saml" and flow == "basic":
        assert ana.verdict == "Refused at call 2 of 3"
        assert "Basic (classic) flow is not supported with SAML, please use enhanced flow." in ana.notice
        page.get_by_role("button", name="Sign in again for the enhanced flow").click()
        ana.go_on()
        ana.sign_in_there()
        expect(page.get_by_role("heading", name="Overview")).to_be_visible()
        flow = "enhanced"
    assert ana.verdict == "Succeeded"
    ana.look("Calls")
    assert ana.operations() == CALLS[flow]
    sign_in = page.locator("#sign-in")
    expect(sign_in).to_contain_text("Provider authentication")
    expect(sign_in).to_contain_text("Signed in")
    expect(sign_in.locator(".token-line").first).to_contain_text(artifact)
    expect(page.locator(".call", has_text="GetId").locator(".params").first).to_contain_text(login)
    assert not re.search(r"eyJ[\w-]+\.eyJ", page.content()), "a token; keys in a key set may have the three letters"
    assert ana.errors == []


@pytest.mark.parametrize("flow", some_quickly(DEVELOPER_CALLS, "enhanced"))
def test_developer_authenticated_identity(ana: Person, flow: str) -> None:
    page = ana.page
    page.goto(f"/demo/?access=authenticated&flow={flow}")
    expect(page.get_by_role("button", name="Use a developer-authenticated identity")).to_be_disabled()
    ana.make_account(f"ana-{uuid4().hex[:8]}")
    ana.choose_provider("Use a developer-authenticated identity", flow)
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    assert ana.verdict == "Succeeded"
    ana.look("Calls")
    assert ana.operations() == DEVELOPER_CALLS[flow]
    first = page.locator(".call", has_text="GetOpenIdTokenForDeveloperIdentity")
    expect(first).to_contain_text("signed")
    expect(first).to_contain_text(re.compile(r"login\.identitypoolslab\s*account-\d+"))
    assert ana.errors == []


@pytest.mark.slow
def test_no_address_with_a_secret_is_told_to_anybody(ana: Person, base_url: str) -> None:
    """RFC 9700, section 4.2: what a provider brings to our address must not leave it in a Referer."""
    asked: list[tuple[str, str]] = []
    ana.page.on("request", lambda request: asked.append((request.url, request.headers.get("referer", ""))))
    ana.sign_in("Sign in with Google")
    ana.sign_in("Sign in with SAML provider")
    assert any("code=" in url for url, _ in asked)
    assert any("/saml/continue/" in url for url, _ in asked)
    told = [referer for _, referer in asked]
    assert any(referer.startswith(base_url) for referer in told)
    assert [referer for referer in told if "code=" in referer or "state=" in referer or "/saml/" in referer] == []
    elsewhere = [referer for url, referer in asked if not url.startswith(base_url)]
    assert elsewhere
    assert [referer for referer in elsewhere if base_url in referer] == []


@pytest.mark.slow
def test_step_by_step_stops_before_the_first_call_to_aws(ana: Person) -> None:
    ana.choose_provider("Sign in with Google", step=True)
    ana.go_on()
    ana.sign_in_there()
    page = ana.page
    expect(page.get_by_role("heading", name="Next: GetId")).to_be_visible()
    expect(page.locator("#next")).to_contain_text("‹ID token")
    for operation in CALLS["enhanced"]:
        page.get_by_role("button", name="Send this call").click()
        expect(page.locator(".call", has_text=operation).first).to_contain_text("200 OK")
    ana.look("Overview")
    assert ana.verdict == "Succeeded"


@pytest.mark.slow
def test_two_tabs_keep_their_sign_ins_apart(ana: Person) -> None:
    other = Person(ana.page.context.new_page())
    ana.choose_provider("Sign in with Google")
    other.choose_provider("Sign in with Google", "basic")
    ana.go_on()
    other.go_on()
    other.sign_in_there("bo")
    ana.sign_in_there("ana")
    expect(ana.page.get_by_role("heading", name="Google, enhanced flow")).to_be_visible()
    expect(other.page.get_by_role("heading", name="Google, basic flow")).to_be_visible()
    identities = {person.page.locator("#identity-id").first.inner_text() for person in (ana, other)}
    assert ana.verdict == other.verdict == "Succeeded"
    assert len(identities) == 2


@pytest.mark.slow
def test_same_person_has_the_same_identity_in_any_browser(ana: Person, new_person: Callable[[], Person]) -> None:
    bo = new_person()
    for person in (ana, bo):
        person.sign_in("Login with Amazon", who="chidi")
    assert len({person.page.locator("#identity-id").first.inner_text() for person in (ana, bo)}) == 1
    assert bo.page.goto(ana.page.url).status == 404  # type: ignore[union-attr]


@pytest.mark.slow
def test_fresh_sign_in_serves_the_other_flow_and_links_to_another_identity(ana: Person) -> None:
    page = ana.page
    ana.sign_in("Sign in with Facebook", who="devi")
    facebook = page.locator("#identity-id").first.inner_text()
    page.get_by_role("button", name="Run the basic flow with this sign-in").click()
    expect(page.get_by_role("heading", name="Facebook, basic flow")).to_be_visible()
    assert ana.verdict == "Succeeded"
    ana.look("Calls")
    expect(page.locator("#sign-in")).to_contain_text("Nobody signed in again")

    ana.sign_in("Login with Amazon", who="devi")
    amazon = page.locator("#identity-id").first.inner_text()
    page.get_by_label("Link this sign-in to the identity of").select_option(index=0)
    page.get_by_role("button", name="Link this sign-in to that identity").click()
    expect(page.get_by_text("1 call led to temporary credentials")).to_be_visible()
    expect(page.get_by_role("list", name="The run at a glance")).to_contain_text("of LabAuthenticated")
    expect(page.get_by_role("heading", name="Login with Amazon, linked to another identity")).to_be_visible()
    assert ana.verdict == "Succeeded"
    # The older identity stays, and either may be: others in this sandbox have signed in as the same person before.
    kept = page.locator("#identity-id").first.inner_text()
    gone = {facebook: amazon, amazon: facebook}[kept]
    ana.look("Why")
    expect(page.locator(".view")).to_contain_text(f"{gone} merged into {kept}")


@pytest.mark.slow
def test_roles_by_rule_and_by_token_are_explained(ana: Person) -> None:
    ana.sign_in("Sign in with OIDC provider", who="bo", pool="rules")
    expect(ana.page.locator(".view")).to_contain_text("The role is LabRulesFinance.")
    expect(ana.page.locator(".view")).to_contain_text("A role mapping of the pool chose it")
    ana.sign_in("Sign in with Amazon Cognito user pools", who="chidi", pool="token")
    expect(ana.page.locator(".view")).to_contain_text("The role is LabTokenSupport.")


@pytest.mark.slow
def test_nobody_without_a_matching_rule_gets_a_role(ana: Person) -> None:
    ana.sign_in("Sign in with OIDC provider", who="grace", pool="rules")
    assert ana.verdict == "Refused at call 2 of 2"
    assert "ambiguous role" in ana.notice.lower()


@pytest.mark.slow
def test_own_samples_are_allowed_and_those_of_others_refused(ana: Person) -> None:
    ana.sign_in("Sign in with Google")
    ana.look("Try it")
    page = ana.page
    for title, answer in (
        ("Write a file of your own", "200 OK"),
        ("List your own files", "hello.txt"),
        ("Look into somebody else’s files", "AccessDenied"),
        ("Write an item of your own", "200 OK"),
    ):
        page.get_by_role("button", name=f"Call: {title}").click()
        expect(page.get_by_role("region", name=title)).to_contain_text(answer)
    expect(page.get_by_role("link", name="Try a service closed to guests")).to_have_count(0)


@pytest.mark.slow
def test_a_teams_file_shows_which_role_was_chosen(ana: Person) -> None:
    for who, answer in (("ana", "200 OK"), ("bo", "AccessDenied")):
        ana.sign_in("Sign in with OIDC provider", who=who, pool="rules")
        ana.look("Try it")
        shown = ana.page.get_by_role("region", name="Read a team’s file")
        ana.page.get_by_role("link", name="Read a team’s file").click()
        expect(shown).to_contain_text("the role decides")
        ana.page.get_by_role("button", name="Call: Read a team’s file").click()
        expect(shown).to_contain_text(answer)
        expect(shown).to_contain_text("by this role")


@pytest.mark.slow
def test_works_without_javascript(new_context: Callable[..., BrowserContext]) -> None:
    person = Person(new_context(java_script_enabled=False).new_page(), scripted=False)
    person.sign_in("Sign in with Apple", "basic")
    assert person.verdict == "Succeeded"
    person.page.get_by_role("button", name="Run the enhanced flow with this sign-in").click()
    assert person.verdict == "Succeeded"


@pytest.mark.slow
def test_left_sign_in_can_be_begun_again_and_cancelled(ana: Person) -> None:
    page = ana.page
    ana.choose_provider("Sign in with X")
    page.goto("/runs/")
    page.locator("th[scope=row] a").first.click()
    assert ana.verdict == "Waiting for the sign-in"
    page.get_by_role("button", name="Sign in with X").click()
    page.get_by_role("button", name="Cancel this sign-in").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    assert ana.verdict == "Cancelled"
    assert "No call was made to AWS" in ana.notice


@pytest.mark.slow
def test_run_that_waits_for_its_sign_in_offers_that_alone_and_can_be_cancelled(ana: Person) -> None:
    page = ana.page
    ana.choose_provider("Sign in with Google")
    page.goto("/runs/")
    page.locator("th[scope=row] a").first.click()
    expect(page.get_by_role("button", name="Sign in with Google")).to_be_visible()
    expect(page.get_by_role("link", name="Next call")).to_have_count(0)
    expect(page.get_by_role("button", name="Run all")).to_have_count(0)
    page.get_by_role("button", name="Cancel run").click()
    expect(page.locator(".run-head .pill")).to_have_text("Cancelled after 0 of 2 calls")
    assert "declined" not in ana.notice
    expect(page.get_by_role("list", name="The run at a glance").get_by_role("listitem").first).to_contain_text(
        "not finished"
    )
    ana.look("Try it")
    expect(page.get_by_text("only a run that succeeds has")).to_be_visible()
    assert ana.errors == []


@pytest.mark.slow
def test_history_shows_provider_and_subject(ana: Person) -> None:
    ana.sign_in("Sign in with Apple", who="bo")
    page = ana.page
    page.goto(f"{page.url}calls/")
    expect(page.get_by_role("main")).to_contain_text(re.compile(r"Subject\s+00"))
    page.goto("/runs/")
    row = page.locator(".history tbody tr").first
    expect(row).to_contain_text("Apple")
    expect(row.locator(".mono[title^='00']")).to_be_visible()
    page.get_by_role("link", name="My sign-ins").click()
    expect(page.get_by_role("cell", name="Succeeded").first).to_be_visible()
