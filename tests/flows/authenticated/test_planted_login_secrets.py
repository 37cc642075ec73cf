"""Whatever a provider gives us, and whatever comes of it, is in the vault and in no other place."""

import base64
import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest

from accounts.models import User
from flows.models import Run
from flows.services import run_credentials
from providers.services import artifact_for
from sandbox.testing import RunningSandbox
from tests.flows.authenticated.person import Person
from tests.flows.run_views import SHOWN
from tests.matrices import some_quickly
from tests.providers.test_planted_provider_secrets import forms, whole_database
from web.logs import JsonFormatter

# One of each kind of artifact at once; the other providers in verify.
_OTHERS = ("amazon", "apple", "oidc", "user-pool")
SOME_QUICKLY = ["google", "facebook", "x", "saml", *(pytest.param(key, marks=pytest.mark.slow) for key in _OTHERS)]
# Fields of requests that a secret travels in. Client ids, scopes and the like may be seen.
_SECRET_FIELDS = {"code", "code_verifier", "client_secret", "access_token", "appsecret_proof", "oauth_verifier"}
# What binds an answer to its request. The page in between sends it, and shows it to whoever is about to send it.
_BINDING_FIELDS = {"state", "nonce", "RelayState", "oauth_token"}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    # The sandbox runs in this process as well, and is not what is looked at.
    handler.addFilter(lambda record: not record.name.startswith(("werkzeug", "uvicorn", "sandbox")))
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


def secrets_on_the_wire(sandbox: RunningSandbox, run: Run) -> dict[str, str]:
    """Every secret that the application sent anywhere, as it stood on the wire, and what came of it -> its name."""
    found: dict[str, str] = {}
    for request in sandbox.requests:
        fields = dict(parse_qsl(request.body.decode(errors="replace"))) | dict(parse_qsl(request.query_string))
        if "x-amz-target" in request.headers:
            body = json.loads(request.body)
            found |= {value: f"login of {name}" for name, value in body.get("Logins", {}).items()}
        elif request.headers.get("user-agent", "").startswith(("social-auth", "python-requests")):
            found |= {value: name for name, value in fields.items() if name in _SECRET_FIELDS | _BINDING_FIELDS}
        found |= {value: name for name, value in fields.items() if name == "WebIdentityToken"}
    artifact = artifact_for(owner=run.owner, run_code=run.code)
    credentials = run_credentials(run=run)
    assert artifact is not None
    assert credentials is not None
    found |= {artifact.value: "artifact", credentials.secret_access_key: "secret key"}
    found |= {credentials.session_token: "session token"}
    found |= {part: "part of the artifact" for part in artifact.value.replace(";", ".").split(".") if len(part) > 40}
    if artifact.kind == "oauth1_token":
        found |= dict.fromkeys(artifact.value.split(";"), "part of the artifact")
    if artifact.kind == "saml_response":
        document = base64.b64decode(artifact.value).decode()
        found |= {document[document.index("SignatureValue>") + 15 :][:60]: "signature of the response"}
    return found


def is_page_in_between(response: Any) -> bool:
    return str(response.request["PATH_INFO"]).startswith("/sign-in/")


@pytest.mark.slow
@pytest.mark.parametrize("provider", SOME_QUICKLY)
def test_nothing_secret_is_left_anywhere(ana: Person, sandbox: RunningSandbox, log: io.StringIO, provider: str) -> None:
    run = ana.run(provider, "enhanced" if provider == "saml" else "basic")
    assert run.outcome == "succeeded"
    secrets = secrets_on_the_wire(sandbox, run)
    assert len(secrets) >= 4
    assert set(secrets.values()) & _BINDING_FIELDS
    for view in SHOWN:
        ana.get(f"{run.get_absolute_url()}{view}")
    for path in ("/runs/", "/sign-ins/", "/demo/"):
        ana.get(path, access="authenticated")
    ana.get(ana.outcome(run.code).page_url)
    administrator = Person(ana.port)
    administrator.client.force_login(User.objects.create_superuser("root"))
    calls = [f"flows/apicall/{call.pk}/change/" for call in run.calls.all()]
    for path in (f"flows/run/{run.pk}/change/", "flows/run/", "flows/apicall/", "providers/signin/", *calls):
        assert administrator.get(f"/admin/{path}").status_code == 200, path

    seen = [*ana.responses, *administrator.responses]
    places = {
        "the database": whole_database(),
        "the log": log.getvalue(),
        "an address": "\n".join(f"{response.headers.get('Location', '')}" for response in seen),
        "a page": "\n".join(response.content.decode() for response in seen if not is_page_in_between(response)),
        "a cookie": "\n".join(str(response.cookies) for response in seen),
    }
    assert run.short_code in places["a page"]
    leaks = [
        f"{name} in {place}"
        for secret, name in secrets.items()
        for place, text in places.items()
        if any(form in text for form in forms(secret))
    ]
    assert leaks == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("provider", "names"),
    [
        *((name, {"state", "nonce"}) for name in ("google", "apple", "oidc", "user-pool")),
        *((name, {"state"}) for name in ("facebook", "amazon")),
        ("x", {"oauth_token"}),
        ("saml", {"RelayState"}),
    ],
)
@pytest.mark.parametrize("how", some_quickly(["granted", "declined"], "granted"))
def test_that_an_answer_belongs_to_its_request_can_be_seen_all_the_same(
    ana: Person, provider: str, names: set[str], how: str
) -> None:
    """The same mark at the request and at the answer, and no more of the value than that."""
    run = ana.run(provider, **({"step": "deny"} if how == "declined" else {}))
    trip = run.calls.get(step="authorization")
    for name in names:
        (sent,) = set(re.findall(rf"[?&]{name}=(‹[^›]+›)", trip.url))
        if name == "nonce":
            tokens = [entry for call in run.calls.all() for entry in call.tokens if "nonce" in entry["claims"]]
            assert {entry["claims"]["nonce"] for entry in tokens} == ({sent} if how == "granted" else set())
        elif provider != "saml":  # whose answer is posted to another address
            assert sent in trip.response_body
        assert sent == trip.request_params[name]
    assert not any(call.scrubbed for call in run.calls.all())


@pytest.mark.slow
def test_developer_flow_shows_the_identifier_and_no_secret(
    ana: Person, sandbox: RunningSandbox, log: io.StringIO
) -> None:
    user = User.objects.create_user("ana")
    ana.client.force_login(user)
    run = ana.run("developer", "basic")
    credentials = run_credentials(run=run)
    assert credentials is not None
    pages = "\n".join(ana.get(f"{run.get_absolute_url()}{view}").content.decode() for view in SHOWN)
    assert f"account-{user.pk}" in pages
    token = next(
        dict(parse_qsl(request.body.decode()))["WebIdentityToken"]
        for request in sandbox.requests
        if b"WebIdentityToken=" in request.body
    )
    for secret in (credentials.secret_access_key, credentials.session_token, token, token.rpartition(".")[2]):
        assert secret not in pages + whole_database() + log.getvalue()
