"""What one sign-in yields, carried into another by an attacker: nothing comes of it, whoever the provider is.

The attacker has the victim's proof (a code, a verifier, a response) and an answer under way in a browser of their own.
"""

import base64
import hashlib
import secrets
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests

from providers.registry import PROVIDERS
from tests.matrices import some_quickly
from tests.providers.browser import Browser, FromProvider
from tests.providers.conftest import APP_URL
from tests.sandbox.idp.driver import Browser as StandInBrowser

# Data, not lists: a provider that is added stands here from its first day.
SOCIAL = [provider for provider in PROVIDERS.values() if provider.backend]
WITH_REDIRECT = [*(provider.key for provider in SOCIAL), "saml"]
OAUTH2 = [provider.key for provider in SOCIAL if provider.artifact_kind != "oauth1_token"]
# The member of an answer that says who signed in, where it is not the code.
PROOFS = {"x": "oauth_verifier", "saml": "SAMLResponse"}


def arrive_with(who: Browser, answer: FromProvider, **changes: str) -> None:
    who.arrive(FromProvider(answer.path, {**answer.parameters, **changes}, posted=answer.posted))


@pytest.mark.parametrize("provider", some_quickly(WITH_REDIRECT, "google", "x", "saml"))
def test_a_proof_of_somebody_else_is_worth_nothing_in_my_sign_in(
    ana: Browser, bo: Browser, stand_ins: str, provider: str
) -> None:
    stolen = ana.at_provider(ana.begin(provider))
    own = bo.at_provider(bo.begin(provider), person="bo")
    proof = PROOFS.get(provider, "code")

    arrive_with(bo, own, **{proof: stolen.parameters[proof]})

    outcome = bo.outcome()
    assert outcome.outcome in ("refused", "failed")
    assert "ana" not in outcome.subject
    assert bo.artifact() is None


@pytest.mark.parametrize("provider", some_quickly(WITH_REDIRECT, "google", "x", "saml"))
def test_a_proof_of_another_tab_is_worth_nothing_in_this_one(ana: Browser, stand_ins: str, provider: str) -> None:
    first, second = (ana.at_provider(ana.begin(provider, run)) for run in ("run-1", "run-2"))
    proof = PROOFS.get(provider, "code")
    arrive_with(ana, first, **{proof: second.parameters[proof]})
    assert ana.outcome("run-1").outcome in ("refused", "failed")
    assert ana.artifact("run-1") is None


def test_the_saml_response_says_which_request_it_answers(ana: Browser, stand_ins: str) -> None:
    first, second = (ana.at_provider(ana.begin("saml", run)) for run in ("run-1", "run-2"))
    arrive_with(ana, first, SAMLResponse=second.parameters["SAMLResponse"])
    outcome = ana.outcome("run-1")
    assert (outcome.outcome, outcome.error_code) == ("refused", "saml_unsolicited")


@pytest.mark.parametrize("provider", some_quickly(OAUTH2, "google", "user-pool"))
def test_every_request_carries_a_code_challenge_of_its_own(ana: Browser, stand_ins: str, provider: str) -> None:
    asked = [ana.request_of(ana.begin(provider, run))[1] for run in ("run-1", "run-2")]
    assert [one["code_challenge_method"] for one in asked] == ["S256", "S256"]
    assert len({one["code_challenge"] for one in asked}) == 2
    assert all(len(one["code_challenge"]) == 43 for one in asked)  # SHA-256 in base64url


def sign_in_with_request(who: Browser, provider: str, **changes: str | None) -> None:
    """Sign in after the authorization request was changed on its way to the provider."""
    parts = urlsplit(who.link_of(who.begin(provider)))
    parameters = {**dict(parse_qsl(parts.query)), **changes}
    query = urlencode({name: value for name, value in parameters.items() if value is not None})
    address = parts._replace(query=query).geturl()
    response = requests.get(address, allow_redirects=False)
    if not response.headers.get("Location", "").startswith(APP_URL):  # the stand-in did not refuse it at once
        response = StandInBrowser().sign_in(address, "ana")
    came_back = urlsplit(response.headers["Location"])
    who.arrive(FromProvider(came_back.path, dict(parse_qsl(came_back.query))))


@pytest.mark.parametrize("provider", some_quickly(OAUTH2, "google", "user-pool"))
def test_a_challenge_that_was_taken_out_does_not_pass(ana: Browser, stand_ins: str, provider: str) -> None:
    """The downgrade of RFC 9700, section 4.8: a code without a challenge is refused to whoever shows a verifier."""
    sign_in_with_request(ana, provider, code_challenge=None, code_challenge_method=None)
    assert ana.outcome().outcome in ("refused", "failed")
    assert ana.artifact() is None


@pytest.mark.parametrize("provider", some_quickly(OAUTH2, "google", "user-pool"))
def test_a_challenge_of_somebody_else_does_not_pass(ana: Browser, stand_ins: str, provider: str) -> None:
    digest = hashlib.sha256(secrets.token_urlsafe(48).encode()).digest()
    sign_in_with_request(
        ana, provider, code_challenge=base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), nonce=None
    )
    assert ana.outcome().outcome in ("refused", "failed")
    assert ana.artifact() is None


@pytest.mark.parametrize("provider", some_quickly(OAUTH2, "google", "user-pool"))
def test_an_answer_without_a_code_is_sent_nowhere(ana: Browser, stand_ins: str, provider: str) -> None:
    answer = ana.at_provider(ana.begin(provider))
    del answer.parameters["code"]
    ana.arrive(answer)
    outcome = ana.outcome()
    assert outcome.outcome in ("refused", "failed")
    assert "A required parameter is missing in the provider’s answer: code" in outcome.error_message
