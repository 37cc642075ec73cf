"""Sign-ins that do not come off: declined, expired, for somebody else. Each names what failed."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import Person
from tests.journeys.test_providers import PROVIDERS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DECLINED = {
    "google": "access_denied",
    "facebook": "access_denied",
    "amazon": "access_denied",
    "apple": "user_cancelled_authorize",
    "x": "authorization_declined",
    "oidc": "access_denied",
    "saml": "RequestDenied",
    "user-pool": "access_denied",
}
# Misbehaviour -> provider -> how the run ends, and what its page says. An opaque token is judged by who gave it out.
_AT_SIGN_IN = "Refused at the sign-in"
MISBEHAVED = {
    "Expired token": {
        "google": (_AT_SIGN_IN, "The ID token has expired"),
        "facebook": (_AT_SIGN_IN, "Session has expired"),
        "amazon": (_AT_SIGN_IN, "invalid_token"),
        "apple": (_AT_SIGN_IN, "The ID token has expired"),
        "oidc": (_AT_SIGN_IN, "The ID token has expired"),
        "saml": (_AT_SIGN_IN, "failed the check of NotOnOrAfter"),
        "user-pool": (_AT_SIGN_IN, "The ID token has expired"),
    },
    "Wrong audience": {
        "google": (_AT_SIGN_IN, "aud"),
        "facebook": (_AT_SIGN_IN, "appsecret_proof"),
        "amazon": ("Refused at call 1 of 2", "Token is not from a supported provider of this identity pool."),
        "apple": (_AT_SIGN_IN, "aud"),
        "x": (_AT_SIGN_IN, "It said: Invalid or expired token."),
        "oidc": (_AT_SIGN_IN, "aud"),
        "saml": (_AT_SIGN_IN, "failed the check of Audience"),
        "user-pool": (_AT_SIGN_IN, "aud"),
    },
    "Revoked token": {"x": (_AT_SIGN_IN, "89")},
    "Wrong key": {"google": (_AT_SIGN_IN, "signature"), "saml": (_AT_SIGN_IN, "Signature")},
}
CASES = [
    (provider, misbehaviour, *expected)
    for misbehaviour, by_provider in MISBEHAVED.items()
    for provider, expected in by_provider.items()
]


@pytest.mark.parametrize("provider", DECLINED)
def test_declined(page: Page, provider: str) -> None:
    ana = Person(page)
    ana.choose_provider(PROVIDERS[provider][0])
    ana.go_on()
    ana.decline_there()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    assert ana.verdict == "Cancelled"
    assert DECLINED[provider] in ana.notice
    assert "No call was made to AWS" in ana.notice
    ana.look("Calls")
    expect(page.locator("#sign-in")).to_contain_text("Declined")
    assert ana.operations() == []
    assert ana.errors == []


@pytest.mark.parametrize(("provider", "misbehaviour", "verdict", "words"), CASES)
def test_misbehaved(page: Page, provider: str, misbehaviour: str, verdict: str, words: str) -> None:
    ana = Person(page)
    ana.choose_provider(PROVIDERS[provider][0])
    ana.go_on()
    ana.sign_in_there(misbehave=misbehaviour)
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    assert ana.verdict == verdict
    assert words in ana.notice
    expect(page.locator(".view")).to_contain_text("What to do.")
    assert ana.errors == []
