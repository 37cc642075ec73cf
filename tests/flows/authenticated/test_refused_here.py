"""What our server refuses at a sign-in may be sent to the identity pool anyway: once, by its owner, for its run."""

import re
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from pytest_django import Settings

from flows.models import Run
from providers.models import SignIn
from providers.social.refused import answers_request
from tests.flows.authenticated.person import Person
from tests.matrices import some_quickly
from tests.providers.browser import FromProvider
from vault.models import SealedValue

pytestmark = pytest.mark.django_db

OFFER = "Send it to the identity pool anyway"
ID_TOKENS = ["google", "apple", "oidc", "user-pool"]
OPAQUE = ["facebook", "amazon", "x"]
# Provider, what is wrong, what the pool says about it.
JUDGED_BAD = [
    *((name, mistake) for name in ID_TOKENS for mistake in ("expired", "wrong_audience", "wrong_issuer", "wrong_key")),
    *((name, "access_token") for name in ID_TOKENS),
    *((name, "revoked") for name in OPAQUE),
    *(
        ("saml", mistake)
        for mistake in (
            "expired",
            "wrong_audience",
            "no_audience",
            "wrong_key",
            "unsigned",
            "wrong_recipient",
            "wrong_issuer",
        )
    ),
]
NOT_OURS = [
    *((name, mistake) for name in ID_TOKENS for mistake in ("no_nonce", "wrong_nonce")),
    ("saml", "unsolicited"),
]


def cases(pairs: list[tuple[str, str]], *quick: tuple[str, str]) -> list[Any]:
    """Those in `quick` for `make test`, the others for `make verify`."""
    return [pytest.param(*pair, marks=() if pair in quick else pytest.mark.slow) for pair in pairs]


def refused(person: Person, provider: str = "google", mistake: str = "expired", flow: str = "enhanced") -> Run:
    """A run that our own server ended at the sign-in."""
    run = person.run(provider, flow, misbehave=mistake)
    assert run.outcome == "refused"
    assert not run.calls.filter(kind="exchange").exists()
    return run


def offered(person: Person, run: Run) -> bool:
    return OFFER in person.get(f"/runs/{run.code}/").content.decode()


@pytest.mark.parametrize(("provider", "mistake"), cases(JUDGED_BAD, ("oidc", "wrong_key"), ("saml", "unsigned")))
def test_the_pool_judges_what_our_server_refused(ana: Person, provider: str, mistake: str) -> None:
    run = refused(ana, provider, mistake)
    ours = run.error_message
    assert offered(ana, run)

    ana.press(run, "send-anyway")

    run.refresh_from_db()
    assert run.refused_here == {"code": run.refused_here["code"], "message": ours}
    assert run.calls.filter(kind="exchange").exists(), "the service was asked"
    assert run.subject == ""
    assert SignIn.objects.get(run_code=run.code).outcome in ("refused", "failed")
    if run.outcome == "refused":
        assert run.error_code.endswith("Exception")
        page = ana.get(f"/runs/{run.code}/").content.decode()
        assert "Two judgements." in page
        assert run.error_code in page
    assert not re.search(r"eyJ[\w-]{9,}\.eyJ", "".join(r.content.decode() for r in ana.responses if not r.streaming))


def test_after_it_was_sent_each_side_says_its_own_and_nothing_twice(ana: Person) -> None:
    run = refused(ana, "google", "wrong_audience")
    advice = "the identity pool was not called"
    assert advice in ana.get(f"/runs/{run.code}/why/").content.decode()
    ana.press(run, "send-anyway")
    (said,) = [one for call in run.calls.filter(kind="exchange") for one in call.decisions if one["verdict"] == "deny"]
    assert said["actual"] == "some-other-application"
    page = ana.get(f"/runs/{run.code}/why/").content.decode()
    assert advice not in page
    assert "some-other-application, some-other-application" not in page


@pytest.mark.parametrize(("provider", "mistake"), cases(NOT_OURS, ("oidc", "wrong_nonce"), ("saml", "unsolicited")))
def test_what_may_be_of_another_sign_in_is_never_sent(ana: Person, provider: str, mistake: str) -> None:
    run = refused(ana, provider, mistake)
    assert not offered(ana, run)
    ana.press(run, "send-anyway")
    run.refresh_from_db()
    assert run.refused_here == {}
    assert not run.calls.filter(kind="exchange").exists()


def test_an_answer_that_is_not_accepted_leaves_nothing_to_send(ana: Person, new_person: Callable[[], Person]) -> None:
    """A wrong state, another browser, a code that the provider does not take: with a bad token at their end each."""
    bo = new_person()
    state = ana.at_provider(ana.open("google"), misbehave="expired")
    ana.get(state.path, **{**state.parameters, "state": "another"})
    bo.arrive(state)
    assert not SealedValue.objects.filter(purpose="refused_artifact").exists()
    ana.arrive(FromProvider(state.path, {**state.parameters, "code": "made-up"}))
    run = ana.latest
    ana.get(f"/runs/{run.code}/signed-in/")
    assert not offered(ana, run)
    assert not SealedValue.objects.filter(purpose="refused_artifact").exists()


@pytest.mark.parametrize("provider", some_quickly(ID_TOKENS, "oidc"))
def test_a_bad_token_of_another_sign_in_is_not_sent(
    ana: Person, new_person: Callable[[], Person], provider: str
) -> None:
    """Bo's code comes in the answer to Ana's request: the provider does not take it with her verifier (PKCE)."""
    bo = new_person()
    of_bo = bo.at_provider(bo.open(provider), "bo", misbehave="expired")
    of_ana = ana.at_provider(ana.open(provider))
    ana.arrive(FromProvider(of_ana.path, {**of_ana.parameters, "code": of_bo.parameters["code"]}))
    run = ana.latest
    ana.get(f"/runs/{run.code}/signed-in/")
    run.refresh_from_db()
    assert run.outcome == "refused"
    assert not offered(ana, run)
    assert not SealedValue.objects.filter(purpose="refused_artifact").exists()


@pytest.mark.parametrize(
    ("header", "claims", "answers"),
    [
        ({}, {"nonce": "ours"}, True),
        ({}, {"nonce": "ours, or nearly"}, False),
        ({}, {}, False),
        ({}, {"nonce": ""}, False),
        ({}, {"token_use": "access"}, True),
        ({"typ": "at+jwt"}, {}, True),
        ({"typ": "at+jwt"}, {"nonce": "of another"}, False),
    ],
)
def test_a_token_answers_a_request_whose_nonce_it_has(
    header: dict[str, str], claims: dict[str, str], answers: bool
) -> None:
    """For providers that look at no verifier. An access token, which was not asked for, has no nonce to compare."""
    token = jwt.encode({"exp": 1, "sub": "bo", **claims}, "k" * 32, headers=header)
    assert answers_request(token, "ours") is answers
    assert answers_request("not-a-token", "ours")


def test_another_browser_cannot_send_it(ana: Person, new_person: Callable[[], Person]) -> None:
    run = refused(ana)
    bo = new_person()
    assert bo.post(f"/runs/{run.code}/send-anyway/").status_code == 404
    run.refresh_from_db()
    assert run.refused_here == {}


def test_it_serves_no_other_run(ana: Person) -> None:
    run, other = refused(ana), refused(ana, "facebook", "revoked")
    SealedValue.objects.filter(reference=other.code, purpose="refused_artifact").delete()
    # The sealed value is bound to its run: under another's name it does not open.
    SealedValue.objects.filter(reference=run.code, purpose="refused_artifact").update(reference=other.code)
    ana.press(other, "send-anyway")
    other.refresh_from_db()
    assert other.refused_here == {}
    SealedValue.objects.filter(reference=other.code).update(reference=run.code)

    runs = Run.objects.count()
    ana.press(run, "again", flow="basic")
    assert Run.objects.count() == runs, "nor a run that would use the sign-in again"
    assert "Reuse" not in ana.get("/demo/", access="authenticated").content.decode()
    ana.press(run, "send-anyway")
    ana.press(run, "again", flow="basic")
    assert Run.objects.count() == runs


def test_it_is_sent_once(ana: Person) -> None:
    run = refused(ana)
    ana.press(run, "send-anyway")
    calls = run.calls.count()
    assert not offered(ana, run)
    for again in ("send-anyway", "sign-in"):
        ana.press(run, again)
        assert run.calls.count() == calls
    assert not SealedValue.objects.filter(purpose="refused_artifact").exists()


def test_a_pool_that_accepts_it_still_signs_nobody_in(ana: Person) -> None:
    """A SAML response for another address is nothing that identity pools look at."""
    run = refused(ana, "saml", "wrong_recipient")
    ana.press(run, "send-anyway")
    run.refresh_from_db()
    assert run.outcome == "succeeded"
    assert "Two judgements." in ana.get(f"/runs/{run.code}/").content.decode()
    assert not SignIn.objects.filter(outcome="succeeded").exists()
    assert "Done: " not in ana.get("/").content.decode()


def test_a_run_that_was_accepted_has_nothing_to_send(ana: Person) -> None:
    run = ana.run("google")
    calls = run.calls.count()
    ana.press(run, "send-anyway")
    run.refresh_from_db()
    assert (run.outcome, run.calls.count(), run.refused_here) == ("succeeded", calls, {})


@pytest.mark.parametrize(("allowed", "kept"), [(False, False), (True, True)])
def test_on_aws_a_setting_allows_it(ana: Person, settings: Settings, allowed: bool, kept: bool) -> None:
    """Only what is kept is asked here: no call goes to AWS."""
    way = ana.at_provider(ana.open("google"), misbehave="expired")
    settings.APP_MODE, settings.SEND_REFUSED_TOKENS = "aws", allowed
    ana.arrive(way)
    assert SealedValue.objects.filter(purpose="refused_artifact").exists() is kept
