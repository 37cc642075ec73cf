"""A sign-in is the beginning of its run's trace, redacted like the rest."""

import json

import pytest
from pytest_django import Settings

from flows.models import ApiCall, Run
from flows.pages.run.tokens import token_view
from lessons.sign_in_steps import SIGN_IN_STEPS
from tests.flows.authenticated.person import Person
from tests.matrices import some_quickly

# Provider -> the parts of its sign-in, in order. Discovery and keys are remembered by the library.
PARTS = {
    "google": ["discovery", "authorization", "token", "keys"],
    "facebook": ["authorization", "token", "profile"],
    "amazon": ["authorization", "token", "profile"],
    "apple": ["authorization", "token", "keys"],
    "x": ["request-token", "authorization", "token", "profile"],
    "user-pool": ["discovery", "authorization", "token", "keys"],
    "oidc": ["discovery", "authorization", "token", "keys"],
    "saml": ["authorization"],
}


def sign_in_calls(run: Run) -> list[ApiCall]:
    return list(run.calls.filter(kind=ApiCall.Kind.PROVIDER))


@pytest.mark.slow
@pytest.mark.parametrize("provider", some_quickly(PARTS, "google", "x", "saml"))
def test_parts_come_first_and_in_order(ana: Person, provider: str) -> None:
    run = ana.run(provider)
    calls = list(run.calls.all())
    parts = [call.step for call in calls if call.kind == ApiCall.Kind.PROVIDER]
    remembered = {"discovery", "keys", "metadata"}
    assert [part for part in parts if part not in remembered] == [
        part for part in PARTS[provider] if part not in remembered
    ]
    assert set(parts) <= SIGN_IN_STEPS.keys()
    assert [call.kind for call in calls] == ["provider"] * len(parts) + ["exchange"] * 2
    assert run.outcome == "succeeded"
    assert not any(call.scrubbed for call in calls)
    assert all(call.state == ApiCall.State.ANSWERED for call in calls)


@pytest.mark.slow
@pytest.mark.parametrize("provider", some_quickly(PARTS, "google", "x", "saml"))
def test_artifact_in_logins_has_the_mark_of_where_it_came_from(ana: Person, provider: str) -> None:
    run = ana.run(provider)
    login = next(iter(run.calls.get(step="get-id").request_params["Logins"].values()))
    entries = [token for call in sign_in_calls(run) for token in call.tokens]
    assert login.strip("‹›").rpartition(" · ")[2] in [entry["fingerprint"] for entry in entries]


@pytest.mark.parametrize("provider", some_quickly(PARTS, "google", "x", "saml"))
def test_every_claim_says_what_it_means(ana: Person, provider: str) -> None:
    shown = [
        claim
        for call in ana.run(provider).calls.all()
        for entry in call.tokens
        for claim in token_view(entry, str(call.position), call.operation).claims
    ]
    assert shown
    assert {claim.name for claim in shown if not claim.meaning} == set()


@pytest.mark.slow
@pytest.mark.parametrize("provider", ["google", "apple", "user-pool", "oidc"])
def test_id_token_is_decoded_and_was_verified(ana: Person, provider: str) -> None:
    entry = next(
        token for call in sign_in_calls(ana.run(provider)) for token in call.tokens if token["kind"] == "ID token"
    )
    assert entry["verified"]
    assert entry["key_id"] == entry["header"]["kid"]
    assert "published key" in entry["note"]
    assert entry["claims"]["sub"]
    assert entry["claims"].get("email") in (None, "‹masked›")


def test_saml_response_is_laid_out_without_its_signatures(ana: Person) -> None:
    call = ana.run("saml").calls.get(step="authorization")
    entry = call.tokens[0]
    assert (entry["kind"], entry["form"], entry["verified"]) == ("SAML response", "saml", True)
    assert entry["header"]["Signed"] == "response and assertion"
    assert "urn:amazon:webservices" in entry["claims"]["Audience"]
    assert entry["claims"]["department"] == ["Engineering"]
    assert (entry["claims"]["NameID"], entry["claims"]["mail"]) == ("‹masked›", "‹masked›")
    assert "<saml:Assertion" in entry["xml"] or ":Assertion" in entry["xml"]
    assert "SignatureValue>part of ‹SAML response" in entry["xml"]
    assert "ana@acme.example" not in json.dumps(call.details())


@pytest.mark.parametrize("provider", ["facebook", "amazon", "x"])
def test_profile_of_an_opaque_token_is_masked(ana: Person, provider: str) -> None:
    run = ana.run(provider)
    stored = json.dumps([call.details() for call in sign_in_calls(run)], ensure_ascii=False)
    assert "Ana Lima" not in stored
    assert "ana@acme.example" not in stored
    assert "‹masked›" in stored
    assert run.subject


@pytest.mark.slow
def test_personal_claims_are_kept_on_request(ana: Person, settings: Settings) -> None:
    settings.KEEP_PERSONAL_CLAIMS = True
    run = ana.run("facebook")
    assert "Ana Lima" in json.dumps([call.details() for call in sign_in_calls(run)])
    assert ana.run("saml").subject == "ana@acme.example"


@pytest.mark.parametrize("kept", [True, False])
def test_a_user_pools_person_is_told_by_name_where_the_trace_keeps_it(
    ana: Person, settings: Settings, *, kept: bool
) -> None:
    settings.KEEP_PERSONAL_CLAIMS = kept
    run = ana.run("user-pool")
    page = " ".join(ana.client.get(f"{run.get_absolute_url()}calls/").text.split())
    told = 'User name <b class="break">ana</b>, subject' if kept else "Subject"
    assert f'{told} <span class="mono break">{run.subject}</span>' in page
    assert kept == ("ana</b>" in page)


def test_failed_sign_in_keeps_what_was_said(ana: Person) -> None:
    run = ana.run("google", misbehave="wrong_audience")
    assert (run.outcome, run.error_code) == ("refused", "invalid_claim")
    assert [call.step for call in sign_in_calls(run)][-1] in ("token", "keys")
    token = next(token for call in sign_in_calls(run) for token in call.tokens if token["kind"] == "ID token")
    assert (token["verified"], token["claims"]["aud"]) == (False, "some-other-application")
    assert not run.calls.exclude(kind=ApiCall.Kind.PROVIDER).exists()


def test_declined_sign_in_cancels_the_run(ana: Person) -> None:
    run = ana.run("oidc", step="deny")
    assert (run.outcome, run.error_code) == ("cancelled", "access_denied")
    assert run.finished_at is not None
    assert run.calls.get(step="authorization").response_params["error"] == "access_denied"
