"""What is not taken: answers that are replayed, swapped, stolen, unasked for, or that fail a check."""

import re
from typing import Any

import pytest
from django.test import Client

from providers.models import SignIn
from providers.sign_in.transcript import Transcript
from tests.matrices import some_quickly
from tests.providers.browser import Browser, FromProvider

SOCIAL = ["google", "facebook", "amazon", "apple", "x", "user-pool", "oidc"]
ALL = [*SOCIAL, "saml"]
ID_TOKEN = ["google", "apple", "user-pool", "oidc"]


def page_of(browser: Browser, response: Any) -> str:
    """The page that our redirect leads to: its address holds nothing of the answer."""
    assert response.status_code == 302
    assert re.fullmatch(r"/sign-ins/[\w-]{24}/", response["Location"])
    return str(browser.get(response["Location"]).content.decode())


@pytest.mark.parametrize("provider", some_quickly(ALL, "google", "x", "saml"))
def test_an_answer_counts_once(ana: Browser, stand_ins: str, provider: str) -> None:
    answer = ana.at_provider(ana.begin(provider))
    ana.arrive(answer)
    assert ana.outcome().outcome == "succeeded"

    again = ana.arrive(answer)

    stray = SignIn.objects.get(outcome="refused")
    assert stray.error_code in ("already_used", "unknown_request")
    assert stray.error_code in page_of(ana, again)
    assert ana.outcome().outcome == "succeeded"


@pytest.mark.parametrize("provider", some_quickly(ALL, "google", "x", "saml"))
def test_an_answer_that_another_browser_brings_is_not_used(
    ana: Browser, bo: Browser, stand_ins: str, provider: str
) -> None:
    answer = ana.at_provider(ana.begin(provider))

    response = bo.arrive(answer)

    assert "other_browser" in page_of(bo, response)
    assert bo.artifact() is None
    assert SignIn.objects.owned_by(bo.owner).get().error_code == "other_browser"
    ana.arrive(answer)  # and Ana's own sign-in is still whole
    assert ana.outcome().outcome == "succeeded"


@pytest.mark.parametrize("provider", some_quickly(ALL, "google", "x", "saml"))
def test_an_answer_to_nothing_is_not_taken(ana: Browser, stand_ins: str, provider: str) -> None:
    from providers.registry import PROVIDERS

    names = {"saml": ("/saml/acs/", {"SAMLResponse": "PHNhbWw+", "RelayState": "made-up"})}
    path, parameters = names.get(
        provider,
        (f"/sign-in/complete/{PROVIDERS[provider].backend}/", {"state": "made-up", "code": "c", "oauth_token": "t"}),
    )
    response = ana.arrive(FromProvider(path, parameters, posted=provider == "saml"))
    assert "unknown_request" in page_of(ana, response)


@pytest.mark.parametrize("provider", some_quickly(SOCIAL, "google", "x"))
def test_an_answer_at_another_providers_address_is_not_taken(ana: Browser, stand_ins: str, provider: str) -> None:
    answer = ana.at_provider(ana.begin(provider))
    elsewhere = "amazon" if provider != "amazon" else "facebook"
    response = ana.get(f"/sign-in/complete/{elsewhere}/", **answer.parameters)
    assert "unknown_request" in page_of(ana, response)
    assert ana.outcome().outcome == "under_way"


def test_a_state_that_was_changed_names_no_sign_in(ana: Browser, stand_ins: str) -> None:
    answer = ana.at_provider(ana.begin("google"))
    response = ana.get(answer.path, **{**answer.parameters, "state": answer.parameters["state"] + "x"})
    assert "unknown_request" in page_of(ana, response)


def test_a_sign_in_runs_out(ana: Browser, stand_ins: str) -> None:
    from datetime import timedelta

    from django.utils import timezone

    answer = ana.at_provider(ana.begin("google"))
    SignIn.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "sign_in_expired" in page_of(ana, ana.arrive(answer))


@pytest.mark.parametrize("provider", some_quickly(ID_TOKEN, "google", "oidc"))
@pytest.mark.parametrize(
    ("misbehaviour", "check"),
    [
        ("expired", "exp"),
        ("wrong_audience", "aud"),
        ("wrong_issuer", "iss"),
        ("wrong_key", "signature"),
        ("no_nonce", "nonce"),
        ("wrong_nonce", "nonce"),
    ],
)
def test_a_bad_id_token_is_refused_with_the_check_that_failed(
    ana: Browser, stand_ins: str, provider: str, misbehaviour: str, check: str
) -> None:
    ana.sign_in(provider, misbehave=misbehaviour)

    outcome = ana.outcome()
    assert outcome.outcome == "refused"
    assert ana.artifact() is None
    assert check in [one["check"] for one in outcome.checks if one["verdict"] == "fail"]
    page = ana.get(outcome.page_url).content.decode()
    assert "What was checked" in page


@pytest.mark.parametrize(
    ("provider", "check"), [("google", "format"), ("apple", "format"), ("oidc", "format"), ("user-pool", "aud")]
)
def test_an_access_token_in_place_of_the_id_token_is_refused_by_name(
    ana: Browser, stand_ins: str, provider: str, check: str
) -> None:
    """A user pool's access token is a JSON Web Token as well, for nobody in particular."""
    ana.sign_in(provider, misbehave="access_token")
    outcome = ana.outcome()
    assert outcome.outcome == "refused"
    assert [one["check"] for one in outcome.checks if one["verdict"] == "fail"] == [check]
    assert ("not a JSON Web Token" if check == "format" else "audience (aud)") in outcome.error_message
    assert ana.artifact() is None


@pytest.mark.parametrize(
    ("misbehaviour", "code", "check"),
    [
        ("expired", "saml_lifetime", "NotOnOrAfter"),
        ("wrong_audience", "saml_audience", "Audience"),
        ("no_audience", "saml_audience", "Audience"),
        ("wrong_key", "saml_signature", "Signature"),
        ("unsigned", "saml_signature", "Signature"),
        ("wrong_recipient", "saml_recipient", "Recipient"),
        ("unsolicited", "saml_unsolicited", "InResponseTo"),
    ],
)
def test_a_bad_saml_response_is_refused_with_the_check_that_failed(
    ana: Browser, stand_ins: str, misbehaviour: str, code: str, check: str
) -> None:
    ana.sign_in("saml", misbehave=misbehaviour)

    outcome = ana.outcome()
    assert (outcome.outcome, outcome.error_code) == ("refused", code)
    assert ana.artifact() is None
    assert check in [one["check"] for one in outcome.checks if one["verdict"] == "fail"]


def test_a_saml_response_of_another_issuer_is_refused(ana: Browser, stand_ins: str) -> None:
    ana.sign_in("saml", misbehave="wrong_issuer")
    assert ana.outcome().outcome == "refused"
    assert ana.artifact() is None


@pytest.mark.parametrize("misbehaviour", ["expired", "revoked"])
@pytest.mark.parametrize("provider", ["facebook", "amazon"])
def test_an_access_token_that_the_provider_itself_refuses_is_no_artifact(
    ana: Browser, stand_ins: str, provider: str, misbehaviour: str
) -> None:
    ana.sign_in(provider, misbehave=misbehaviour)
    outcome = ana.outcome()
    assert outcome.outcome == "failed"
    assert "when the provider was asked who signed in" in outcome.error_message
    assert ana.artifact() is None


def test_the_saml_hop_needs_the_code_that_was_given_out(ana: Browser, stand_ins: str) -> None:
    answer = ana.at_provider(ana.begin("saml"))
    path = ana.post_elsewhere(answer)["Location"]
    forged = "/".join([*path.split("/")[:-2], "x" * 32, ""])
    assert "already_used" in page_of(ana, ana.get(forged))
    assert ana.get(path)["Location"] == "/runs/run-0001/signed-in/"


def test_the_first_saml_hop_neither_reads_nor_sets_a_cookie(ana: Browser, stand_ins: str) -> None:
    answer = ana.at_provider(ana.begin("saml"))
    response = ana.post_elsewhere(answer)
    assert (response.status_code, dict(response.cookies)) == (303, {})


def test_two_tabs_do_not_mix(ana: Browser, stand_ins: str) -> None:
    """Both at one provider, begun one after the other, answered the other way round."""
    first, second = (ana.begin("google", run) for run in ("run-1", "run-2"))
    answers = [ana.at_provider(first, person="ana"), ana.at_provider(second, person="bo")]
    assert ana.arrive(answers[1])["Location"] == "/runs/run-2/signed-in/"
    assert ana.arrive(answers[0])["Location"] == "/runs/run-1/signed-in/"
    subjects = {run: ana.artifact(run).subject for run in ("run-1", "run-2")}
    assert subjects["run-1"] != subjects["run-2"]
    assert {run: ana.outcome(run).subject for run in subjects} == subjects


def test_two_browsers_may_sign_in_as_the_same_person(ana: Browser, bo: Browser, stand_ins: str) -> None:
    ana.sign_in("google", "run-of-ana", person="ana")
    bo.sign_in("google", "run-of-bo", person="ana")
    hers, his = ana.outcome("run-of-ana"), bo.outcome("run-of-bo")
    assert (hers.outcome, hers.subject) == (his.outcome, his.subject) == ("succeeded", hers.subject)
    assert ana.artifact("run-of-ana").value != bo.artifact("run-of-bo").value
    assert ana.artifact("run-of-bo") is None


def test_signing_in_at_a_provider_enters_no_account(ana: Browser, stand_ins: str) -> None:
    from accounts.models import User

    User.objects.create_user("ana", email="ana@acme.example", password="known-to-ana-alone")
    ana.sign_in("google", person="ana")
    assert ana.owner.user_id is None
    assert User.objects.count() == 1


def test_cancelling_on_the_page_in_between_ends_it(ana: Browser, stand_ins: str) -> None:
    path = ana.begin("google")
    response = ana.client.post(f"{path}cancel/")
    assert response["Location"] == "/runs/run-0001/signed-in/"
    assert (ana.outcome().outcome, ana.outcome().error_code) == ("declined", "cancelled")
    assert ana.get(path).status_code == 302


def test_nobody_elses_pages_open(ana: Browser, bo: Browser, stand_ins: str) -> None:
    path = ana.begin("google")
    detail = ana.outcome().page_url
    assert [bo.get(path).status_code, bo.get(detail).status_code] == [404, 404]
    assert bo.client.post(f"{path}cancel/").status_code == 404
    assert ana.get(path).status_code == 200


def test_a_provider_that_cannot_be_reached_is_a_failure_with_a_row(ana: Browser, stand_ins: str, settings: Any) -> None:
    settings.PROVIDER_ENDPOINTS = {"https://api.twitter.com/": "http://127.0.0.1:9/"}
    assert ana.begin("x") == "/runs/run-0001/signed-in/"
    assert (ana.outcome().outcome, ana.outcome().error_code) == ("failed", "connection_failed")


def test_a_provider_that_is_not_configured_says_what_is_missing(ana: Browser, settings: Any) -> None:
    settings.GOOGLE_CLIENT_SECRET = ""
    assert ana.begin("google") == "/runs/run-0001/signed-in/"
    assert "GOOGLE_CLIENT_SECRET" in ana.outcome().error_message


def test_stray_answers_are_counted(ana: Browser, settings: Any, one_window: None) -> None:
    settings.RUNS_PER_MINUTE = 2
    answers = [ana.answer("oidc", state="made-up", code="c").status_code for _ in range(3)]
    assert answers == [302, 302, 429]


def test_a_form_posted_to_the_acs_without_a_response_leads_nowhere(db: None) -> None:
    response = Client(SERVER_NAME="127.0.0.1").post("/saml/acs/", {"RelayState": "x"})
    assert response["Location"] == "/saml/continue/none/none/"


def test_the_transcript_holds_what_happened_and_names_its_secrets(ana: Browser, stand_ins: str) -> None:
    from providers.services import transcript_for

    ana.sign_in("google")
    transcript = transcript_for(owner=ana.owner, run_code="run-0001")
    assert isinstance(transcript, Transcript)
    steps = [call.step for call in transcript.calls]
    assert steps == ["discovery", "authorization", "token", "keys"]
    token = transcript.last("token")
    assert token is not None
    assert (token.method, token.status) == ("POST", 200)
    secrets = transcript.secrets()
    assert secrets[ana.artifact().value] == "ID token"
    assert {"authorization code", "client secret", "code verifier", "access token"} <= set(secrets.values())
    assert transcript_for(owner=ana.owner, run_code="run-0001") is None


def test_in_sandbox_mode_nobody_but_the_stand_ins_is_asked(ana: Browser, stand_ins: str, settings: Any) -> None:
    settings.OIDC_ISSUER = "https://id.example.com"
    ana.begin("oidc")
    assert (ana.outcome().outcome, ana.outcome().error_code) == ("failed", "not_the_sandbox")
    settings.SAML_METADATA_URL = "https://id.example.com/metadata"
    ana.begin("saml", "run-0002")
    assert ana.outcome("run-0002").error_code == "not_the_sandbox"


@pytest.mark.parametrize("response", ["é€", "%%%", "PGE+AA==", "PGE+"])
def test_a_saml_response_of_any_text_is_refused(ana: Browser, stand_ins: str, response: str) -> None:
    answer = ana.at_provider(ana.begin("saml"))
    answer.parameters["SAMLResponse"] = response
    assert ana.arrive(answer).status_code == 302
    assert (ana.outcome().outcome, ana.outcome().error_code) == ("refused", "saml_malformed")
