"""What a provider answers may quote what it was sent, or be broken: no secret of it is stored, shown or logged."""

import base64
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from flows.exchange.pools import Pool
from flows.models import Run
from flows.services import run_open, run_sign_in, run_signed_in
from providers.registry import PROVIDERS
from tests.providers.browser import Browser
from tests.providers.test_planted_provider_secrets import whole_database
from tests.providers.wire import ACCESS_TOKEN, DISCOVERY, DISCOVERY_PLACE, Arrival, ProviderWire

CODE = "4/0Planted/Code+1="
ENCODED_CODE = "4%2F0Planted%2FCode%2B1%3D"
REFRESH_TOKEN = "1//planted-refresh-token"
BASIC = base64.b64encode(b"app:oidc-secret").decode()
POOL = Pool("configured", "us-east-1:5a4db000-0000-c000-8000-000000000001", "", "", "us-east-1", "123456789012")

ECHOES: dict[str, Callable[[Arrival], tuple[int, Any]]] = {
    "the code as an error's code": lambda sent: (400, {"error": f"bad {sent.form['code']}"}),
    "the code, encoded": lambda _: (400, {"error": "invalid_grant", "error_description": f"code={ENCODED_CODE}"}),
    "the code in a page": lambda sent: (502, f"<p>{ENCODED_CODE} {sent.form['code']}</p>"),
    "the verifier": lambda sent: (400, {"error": "x", "error_description": sent.form["code_verifier"]}),
    "the client secret": lambda _: (401, {"error": "invalid_client", "error_description": "not oidc-secret"}),
    "the client's credentials": lambda _: (401, {"error": "invalid_client", "error_description": f"Basic {BASIC}?"}),
    "a nested error": lambda sent: (400, {"error": {"code": sent.form["code"], "message": f"not {ACCESS_TOKEN}"},
                                          "access_token": ACCESS_TOKEN}),
    "not JSON": lambda _: (200, f"{{'access_token': '{ACCESS_TOKEN}', 'refresh_token': '{REFRESH_TOKEN}'}}"),
    "cut short": lambda _: (200, f'{{"token_type": "Bearer", "access_token": "{ACCESS_TOKEN}'),
    "wrapped": lambda _: (200, {"data": json.dumps({"access_token": ACCESS_TOKEN})}),
    "XML": lambda _: (200, f'<answer access_token="{ACCESS_TOKEN}"/>'),
    "text": lambda _: (200, f"access_token: {ACCESS_TOKEN}"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("echo", ECHOES)
def test_no_secret_of_an_answer_is_kept(
    ana: Browser, live: ProviderWire, caplog: pytest.LogCaptureFixture, echo: str
) -> None:
    caplog.set_level(logging.DEBUG)
    run, sent = answered_with(ana, live, ECHOES[echo])

    assert run.outcome == "refused"
    pages = [
        ana.get(f"{run.get_absolute_url()}{view}")
        for view in ("", "calls/", "json/", "export.json", "export.har", "?present=1")
    ]
    pages.append(ana.get(ana.outcome(run.code).page_url))
    places = {
        "the database": whole_database(),
        "a page": "\n".join(page.content.decode() for page in pages),
        "the log": "\n".join(f"{record.getMessage()} {record.exc_text}" for record in caplog.records),
    }
    secrets = [CODE, ENCODED_CODE, ACCESS_TOKEN, REFRESH_TOKEN, "oidc-secret", BASIC, sent.form["code_verifier"]]
    assert [(secret, place) for secret in secrets for place, text in places.items() if secret in text] == []


@pytest.mark.parametrize("more", [{"data": {"access_token": ACCESS_TOKEN}}, {"note": f"You sent {ACCESS_TOKEN}."}])
def test_no_secret_of_a_profile_is_kept(ana: Browser, live: ProviderWire, more: dict[str, Any]) -> None:
    live.answers["POST api.amazon.com/auth/o2/token"] = lambda _: (200, {"access_token": ACCESS_TOKEN})
    live.answers["GET api.amazon.com/user/profile"] = lambda _: (200, {"user_id": "amzn1.account.1", **more})
    run = signed_in_at(ana, "amazon")

    assert (run.subject, ACCESS_TOKEN in whole_database()) == ("amzn1.account.1", False)
    pages = [
        ana.get(f"{run.get_absolute_url()}{view}")
        for view in ("tokens/", "json/", "export.json", "export.har", "?present=1")
    ]
    assert not any(ACCESS_TOKEN in page.content.decode() for page in pages)


def signed_in_at(ana: Browser, provider: str) -> Run:
    """A run after its sign-in at the provider, however that ended."""
    run = opened(ana, provider)
    _, asked = ana.request_of(run_sign_in(run=run, return_path=f"/runs/{run.code}/signed-in/"))
    ana.answer(PROVIDERS[provider].backend, state=asked["state"], code=CODE)
    run_signed_in(run=run)
    return run


def opened(ana: Browser, provider: str) -> Run:
    return run_open(
        owner=ana.owner, access="authenticated", flow="enhanced", provider=provider, pool=POOL, parameters={}
    )


def answered_with(
    ana: Browser, live: ProviderWire, answer: Callable[[Arrival], tuple[int, Any]]
) -> tuple[Run, Arrival]:
    """A run whose sign-in gets that answer from the token endpoint, and the request that was answered."""
    live.answers[DISCOVERY_PLACE] = lambda _: (200, DISCOVERY)
    live.answers["POST id.example.com/token"] = answer
    return signed_in_at(ana, "oidc"), live.called("POST", "id.example.com/token")
