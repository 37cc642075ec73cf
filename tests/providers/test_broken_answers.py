"""Whatever a provider answers, the person sees a page about it and the run has ended: never an internal error."""

import time
from typing import Any

import pytest

from flows.models import Run
from flows.services import run_sign_in, run_signed_in
from providers.registry import PROVIDERS
from tests.matrices import some_quickly
from tests.providers.browser import Browser
from tests.providers.test_echoed_secrets import CODE, opened
from tests.providers.wire import ACCESS_TOKEN, DISCOVERY, DISCOVERY_PLACE, OIDC_ISSUER, ProviderWire

BROKEN = {
    "too deep": "[" * 20_000,
    "deep": '{"id_str": "1", "a":' + "[" * 400 + "]" * 400 + "}",
    "no number": '{"user_id": "1", "id_str": "1", "access_token": "token-of-the-provider", "x": NaN}',
    "beyond every number": '{"user_id": "1", "id_str": "1", "access_token": "token-of-the-provider", "x": 1e400}',
    "half a character": r'{"user_id": "\ud800", "id_str": "\udfff", "access_token": "to-\u0000-\ud800", "x": "\ud800"}',
    "a long life": '{"access_token": "token-of-the-provider", "expires_in": 99999999999999999999}',
}
PLACES = {
    "oidc": [
        DISCOVERY_PLACE,
        "GET id.example.com/keys",
        "POST id.example.com/token",
    ],
    "amazon": ["POST api.amazon.com/auth/o2/token", "GET api.amazon.com/user/profile"],
    "x": ["POST api.twitter.com/oauth/request_token", "GET api.twitter.com/1.1/account/verify_credentials.json"],
}


@pytest.mark.parametrize("status", [200, pytest.param(400, marks=pytest.mark.slow)])
@pytest.mark.parametrize("broken", some_quickly(BROKEN, "too deep", "half a character"))
@pytest.mark.parametrize(
    ("provider", "place"), [(provider, place) for provider, places in PLACES.items() for place in places]
)
def test_an_answer_of_any_content(
    ana: Browser, live: ProviderWire, provider: str, place: str, broken: str, status: int
) -> None:
    answers(live)
    live.answers[place] = lambda _: (status, BROKEN[broken])
    run = carried_through(ana, live, provider)

    assert run.outcome in ("refused", "open"), "the run waits for its first call to AWS, or has ended"
    for view in ("", "calls/", "why/", "tokens/", "json/", "export.json", "export.har", "?present=1"):
        assert ana.get(f"{run.get_absolute_url()}{view}").status_code == 200
    assert ana.get("/sign-ins/").status_code == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": 10**20},
        {"exp": 10**400},
        {"exp": 253_402_300_800},
        {"auth_time": 1e308},
        {"auth_time": -1e18},
        {"a": 1e300},
    ],
)
def test_a_token_with_a_time_of_any_size(ana: Browser, live: ProviderWire, claims: dict[str, Any]) -> None:
    answers(live)
    run = carried_through(ana, live, "oidc", **claims)
    assert ana.outcome(run.code).outcome == "succeeded"
    assert ana.get(f"{run.get_absolute_url()}tokens/").status_code == 200


def test_a_refused_token_with_a_time_beyond_the_calendar(ana: Browser, live: ProviderWire) -> None:
    answers(live)
    run = carried_through(ana, live, "oidc", exp=10**20, nonce="of another sign-in")
    outcome = ana.outcome(run.code)
    assert (outcome.outcome, outcome.error_code) == ("refused", "nonce_mismatch")
    assert ana.get(outcome.page_url).status_code == 200


def answers(live: ProviderWire) -> None:
    """What the providers answer when nothing is wrong."""
    form = "oauth_token=request-token&oauth_token_secret=request-secret&oauth_callback_confirmed=true"
    live.answers |= {
        DISCOVERY_PLACE: lambda _: (200, DISCOVERY),
        "GET id.example.com/keys": lambda _: (200, live.jwks()),
        "POST api.amazon.com/auth/o2/token": lambda _: (200, {"access_token": ACCESS_TOKEN}),
        "GET api.amazon.com/user/profile": lambda _: (200, {"user_id": "1"}),
        "POST api.twitter.com/oauth/request_token": lambda _: (200, form),
        "POST api.twitter.com/oauth/access_token": lambda _: (200, "oauth_token=the-token&oauth_token_secret=secret12"),
        "GET api.twitter.com/1.1/account/verify_credentials.json": lambda _: (200, {"id_str": "1"}),
    }


def carried_through(ana: Browser, live: ProviderWire, provider: str, **claims: Any) -> Run:
    """A run as far as its sign-in comes."""
    run = opened(ana, provider)
    path = run_sign_in(run=run, return_path=f"/runs/{run.code}/signed-in/")
    if path.startswith("/sign-in/"):
        _, asked = ana.request_of(path)
        token = {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 3600}
        content = {"nonce": asked.get("nonce", ""), "iat": int(time.time()), **claims}
        token["id_token"] = live.id_token(OIDC_ISSUER, "app", **content)
        live.answers.setdefault("POST id.example.com/token", lambda _: (200, token))
        named = {"oauth_token": asked["oauth_token"]} if provider == "x" else {"state": asked["state"]}
        response = ana.answer(PROVIDERS[provider].backend, code=CODE, oauth_verifier="verifier-of-x", **named)
        assert response.status_code == 302
    run_signed_in(run=run)
    return run


@pytest.mark.parametrize("status", [302, 307, 308])
def test_a_redirect_leads_nothing_that_we_sent_to_somebody_else(ana: Browser, live: ProviderWire, status: int) -> None:
    answers(live)
    live.answers["POST id.example.com/token"] = lambda _: (status, {}, {"Location": "https://login.shop.example/"})
    run = carried_through(ana, live, "oidc")

    assert [arrival.host for arrival in live.arrivals] == ["id.example.com"] * 2
    assert (run.outcome, run.error_code) == ("refused", "redirected")
    call = run.calls.get(step="token")
    assert (call.url, call.status) == ("https://id.example.com/token", status)
