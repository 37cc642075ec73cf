"""Whatever a provider gives us, and whatever comes of it, is in the vault and in no other place."""

import base64
import io
import json
import logging
from collections.abc import Iterator
from urllib.parse import parse_qsl

import pytest

from accounts.models import User
from cognitodemo.logs import JsonFormatter
from flows.models import Run
from flows.services import run_credentials
from providers.services import artifact_for
from sandbox.testing import RunningSandbox
from tests.providers.test_planted_secrets import forms, whole_database

from .person import Person

ALL = ["google", "facebook", "amazon", "apple", "x", "oidc", "saml", "user-pool"]
VIEWS = ("", "credentials/", "flow/", "why/", "tokens/", "use/", "raw/", "export.json", "delete/")
# Fields of requests that a secret travels in. Client ids, scopes and the like may be seen.
_SECRET_FIELDS = {"code", "code_verifier", "client_secret", "access_token", "appsecret_proof", "oauth_verifier"}


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
            found |= {value: name for name, value in fields.items() if name in _SECRET_FIELDS}
        found |= {value: name for name, value in fields.items() if name == "WebIdentityToken"}
    artifact = artifact_for(owner=Person.owner_of(run), run_code=run.code)
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


@pytest.mark.parametrize("provider", ALL)
def test_nothing_secret_is_left_anywhere(ana: Person, sandbox: RunningSandbox, log: io.StringIO, provider: str) -> None:
    run = ana.run(provider, "enhanced" if provider == "saml" else "basic")
    assert run.outcome == "succeeded"
    secrets = secrets_on_the_wire(sandbox, run)
    assert len(secrets) >= 4
    for view in VIEWS:
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
        "a page": "\n".join(response.content.decode() for response in seen),
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


def test_developer_flow_shows_the_identifier_and_no_secret(
    ana: Person, sandbox: RunningSandbox, log: io.StringIO
) -> None:
    user = User.objects.create_user("ana")
    ana.client.force_login(user)
    run = ana.run("developer", "basic")
    credentials = run_credentials(run=run)
    assert credentials is not None
    pages = "\n".join(ana.get(f"{run.get_absolute_url()}{view}").content.decode() for view in VIEWS)
    assert f"account-{user.pk}" in pages
    token = next(
        dict(parse_qsl(request.body.decode()))["WebIdentityToken"]
        for request in sandbox.requests
        if b"WebIdentityToken=" in request.body
    )
    for secret in (credentials.secret_access_key, credentials.session_token, token, token.rpartition(".")[2]):
        assert secret not in pages + whole_database() + log.getvalue()
