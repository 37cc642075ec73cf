"""The provider's clock and ours differ: by seconds that is nothing, by more it is refused and named."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lxml import etree
from pytest_django import Settings

from tests.matrices import some_quickly
from tests.providers.browser import Browser, FromProvider
from tests.providers.test_live_saml import ACS, SAML_ENTITY_ID, SAML_PROVIDER_ARN, authn_request
from tests.providers.wire import ACCESS_TOKEN, DISCOVERY, DISCOVERY_PLACE, OIDC_ISSUER, POOL, POOL_ISSUER, ProviderWire
from tests.sandbox.saml_idp import NS, SamlIdp, encode

LEEWAY = 60
USER_POOL_HOST = "shop.auth.eu-west-1.amazoncognito.com"


def sign_in_with_claims(who: Browser, live: ProviderWire, provider: str, **changes: int) -> Any:
    """One sign-in at a real provider whose ID token says other times; what came of it."""
    backend, issuer, audience, token, keys = {
        "google": (
            "google-openidconnect",
            "https://accounts.google.com",
            "42-app.apps.googleusercontent.com",
            "oauth2.googleapis.com/token",
            "www.googleapis.com/oauth2/v3/certs",
        ),
        "apple": (
            "apple-id",
            "https://appleid.apple.com",
            "com.shop.web",
            "appleid.apple.com/auth/token",
            "appleid.apple.com/auth/keys",
        ),
        "user-pool": (
            "cognito",
            POOL_ISSUER,
            "1example23456789",
            f"{USER_POOL_HOST}/oauth2/token",
            f"cognito-idp.eu-west-1.amazonaws.com/{POOL}/.well-known/jwks.json",
        ),
        "oidc": ("oidc", OIDC_ISSUER, "app", "id.example.com/token", "id.example.com/keys"),
    }[provider]
    google = {
        "issuer": issuer,
        "authorization_endpoint": "https://accounts.google.com/o/oauth2/v2/auth",
        "token_endpoint": f"https://{token}",
        "jwks_uri": f"https://{keys}",
    }
    live.answers["GET accounts.google.com/.well-known/openid-configuration"] = lambda _: (200, google)
    live.answers[DISCOVERY_PLACE] = lambda _: (200, DISCOVERY)
    live.answers[f"GET {keys}"] = lambda _: (200, live.jwks())
    _, asked = who.request_of(who.begin(provider))
    now = int(time.time())
    times = {name: now + seconds for name, seconds in changes.items()}
    answer = {
        "access_token": ACCESS_TOKEN,
        "token_type": "Bearer",
        "id_token": live.id_token(issuer, audience, asked["nonce"], **times),
    }
    live.answers[f"POST {token}"] = lambda _: (200, answer)
    who.answer(backend, state=asked["state"], code="code")
    return who.outcome()


ID_TOKENS = pytest.mark.parametrize("provider", some_quickly(["google", "apple", "user-pool", "oidc"], "user-pool"))


@ID_TOKENS
def test_an_issuer_whose_clock_is_a_little_off_is_believed(ana: Browser, live: ProviderWire, provider: str) -> None:
    outcome = sign_in_with_claims(ana, live, provider, iat=30, nbf=30)
    assert outcome.outcome == "succeeded", outcome.error_message
    assert ana.artifact() is not None


@ID_TOKENS
def test_what_expired_by_our_clock_alone_is_kept_for_a_little_while(
    ana: Browser, live: ProviderWire, provider: str
) -> None:
    outcome = sign_in_with_claims(ana, live, provider, iat=-600, exp=-30)
    assert outcome.outcome == "succeeded", outcome.error_message
    assert ana.artifact() is not None


@ID_TOKENS
@pytest.mark.parametrize(
    ("claim", "seconds", "code"),
    [
        ("nbf", LEEWAY + 30, "response_not_yet_valid"),
        ("iat", LEEWAY + 30, "response_not_yet_valid"),
        ("exp", -LEEWAY - 30, "response_expired"),
    ],
)
def test_a_token_that_is_further_off_is_refused_by_the_claim_that_says_so(
    ana: Browser, live: ProviderWire, provider: str, claim: str, seconds: int, code: str
) -> None:
    outcome = sign_in_with_claims(ana, live, provider, **{claim: seconds})
    assert (outcome.outcome, outcome.error_code) == ("refused", code)
    assert [one["check"] for one in outcome.checks if one["verdict"] == "fail"] == [claim]
    assert ("not valid yet" if seconds > 0 else "expired") in outcome.error_message
    assert "clock" in outcome.advice
    assert ana.artifact() is None


@ID_TOKENS
@pytest.mark.parametrize(("leeway", "expected"), [(0, "refused"), (600, "succeeded")])
def test_the_leeway_is_a_setting(
    ana: Browser, live: ProviderWire, settings: Settings, provider: str, leeway: int, expected: str
) -> None:
    settings.SIGN_IN_LEEWAY = leeway
    assert sign_in_with_claims(ana, live, provider, nbf=30, iat=30).outcome == expected


@ID_TOKENS
@pytest.mark.parametrize("claim", ["exp", "iat"])
def test_a_token_without_its_times_is_refused(ana: Browser, live: ProviderWire, provider: str, claim: str) -> None:
    original = live.id_token

    def without(issuer: str, audience: str, nonce: str, **claims: Any) -> str:
        return original(issuer, audience, nonce, **{**claims, claim: None})

    live.id_token = without  # type: ignore[method-assign]
    outcome = sign_in_with_claims(ana, live, provider)
    assert (outcome.outcome, ana.artifact()) == ("refused", None)


# --- SAML -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def saml(live: ProviderWire, settings: Settings) -> SamlIdp:
    idp = SamlIdp("https://id.example.com/saml")
    settings.SAML_METADATA_URL = "https://id.example.com/saml/clocks"
    settings.SAML_ENTITY_ID, settings.SAML_PROVIDER_ARN = SAML_ENTITY_ID, SAML_PROVIDER_ARN
    live.answers["GET id.example.com/saml/clocks"] = lambda _: (200, idp.metadata)
    return idp


def zulu(seconds: int) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def sign_in_by_saml(who: Browser, idp: SamlIdp, change: Callable[[Any], None]) -> Any:
    """One sign-in whose response has been changed before it was signed; what came of it."""
    _, asked = who.request_of(who.begin("saml"))
    response = idp.tree(audience=SAML_ENTITY_ID, attributes={"department": ["Sales"]}, sign="none")
    request_id = authn_request(asked).get("ID")
    response.set("InResponseTo", request_id)
    bearer = response.find(".//saml:SubjectConfirmationData", NS)
    bearer.set("InResponseTo", request_id)
    bearer.set("Recipient", ACS)
    assertion = response.find("saml:Assertion", NS)
    place = assertion
    for name in ("AuthnStatement", "AuthnContext", "AuthnContextClassRef"):
        place = etree.SubElement(place, f"{{{NS['saml']}}}{name}")
    place.text = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
    assertion.find("saml:AuthnStatement", NS).set("AuthnInstant", assertion.get("IssueInstant"))
    change(response)
    idp.sign(assertion)
    posted = {"SAMLResponse": encode(response), "RelayState": asked["RelayState"]}
    who.arrive(FromProvider("/saml/acs/", posted, posted=True))
    return who.outcome()


PLACES = {
    "conditions": ("saml:Assertion/saml:Conditions", "NotBefore"),
    "conditions' end": ("saml:Assertion/saml:Conditions", "NotOnOrAfter"),
    "confirmation": (".//saml:SubjectConfirmationData", "NotBefore"),
    "confirmation's end": (".//saml:SubjectConfirmationData", "NotOnOrAfter"),
    "session": ("saml:Assertion/saml:AuthnStatement", "SessionNotOnOrAfter"),
    "assertion": ("saml:Assertion", "IssueInstant"),
    "response": (".", "IssueInstant"),
}


def setting_time(place: str, seconds: int) -> Callable[[Any], None]:
    path, name = PLACES[place]

    def change(response: Any) -> None:
        response.find(path, NS).set(name, zulu(seconds))
        if name == "NotOnOrAfter":  # a beginning after the end is another fault
            response.find("saml:Assertion/saml:Conditions", NS).set("NotBefore", zulu(-900))

    return change


def sign(place: str) -> int:
    """The direction in which a time at that place is too far off."""
    return -1 if "OrAfter" in PLACES[place][1] else 1


@pytest.mark.slow
@pytest.mark.parametrize("place", some_quickly(PLACES, "assertion", "conditions' end"))
def test_a_saml_response_a_little_off_is_taken(ana: Browser, saml: SamlIdp, place: str) -> None:
    outcome = sign_in_by_saml(ana, saml, setting_time(place, sign(place) * 30))
    assert outcome.outcome == "succeeded", outcome.error_message
    assert ana.artifact() is not None


@pytest.mark.slow
@pytest.mark.parametrize("place", some_quickly(PLACES, "assertion", "conditions' end"))
def test_a_saml_response_of_another_time_is_refused_by_the_check_that_says_so(
    ana: Browser, saml: SamlIdp, place: str
) -> None:
    outcome = sign_in_by_saml(ana, saml, setting_time(place, sign(place) * (LEEWAY + 60)))
    assert (outcome.outcome, outcome.error_code) == ("refused", "saml_lifetime")
    assert [one["check"] for one in outcome.checks if one["verdict"] == "fail"] == [PLACES[place][1]]
    assert f"the check of {PLACES[place][1]}: expected" in outcome.error_message
    assert "SIGN_IN_LEEWAY" in outcome.advice
    assert ana.artifact() is None


def test_a_confirmation_that_never_ends_is_refused(ana: Browser, saml: SamlIdp) -> None:
    """SAML 2.0 Profiles, section 4.1.4.2: it must have NotOnOrAfter."""

    def change(response: Any) -> None:
        del response.find(".//saml:SubjectConfirmationData", NS).attrib["NotOnOrAfter"]

    outcome = sign_in_by_saml(ana, saml, change)
    assert (outcome.outcome, outcome.error_code) == ("refused", "saml_lifetime")
    assert [one["check"] for one in outcome.checks if one["verdict"] == "fail"] == ["NotOnOrAfter"]


@pytest.mark.slow
def test_a_wholly_early_response_is_called_early(ana: Browser, saml: SamlIdp) -> None:
    """Every time in it two minutes ahead, as of a provider whose clock is."""

    def change(response: Any) -> None:
        for place in PLACES:
            path, name = PLACES[place]
            response.find(path, NS).set(name, zulu(120 + (600 if "OrAfter" in name else 0)))

    outcome = sign_in_by_saml(ana, saml, change)
    assert (outcome.outcome, outcome.error_code) == ("refused", "saml_lifetime")
    assert "NotBefore" in outcome.error_message
