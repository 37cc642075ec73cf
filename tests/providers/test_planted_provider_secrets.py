"""No secret of a sign-in rests or shows outside the vault: not in tables, sessions, logs, addresses or pages."""

import base64
import logging
from typing import Any

import pytest
from django.db import connection

from providers.services import transcript_for
from tests.providers.browser import Browser

ALL = ["google", "facebook", "amazon", "apple", "x", "user-pool", "oidc", "saml"]


def whole_database() -> str:
    """Every row of every table as text, session data decoded, binary columns in hexadecimal and decoded."""
    from django.contrib.sessions.models import Session

    sessions = [repr(session.get_decoded()) for session in Session.objects.all()]
    connection.ensure_connection()
    with connection.cursor() as cursor:
        texts = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                texts += [_text(value) for value in row]
    return "\n".join([*texts, *sessions])


def _text(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return f"{bytes(value).hex()} {bytes(value).decode('latin-1')}"
    return str(value)


def forms(secret: str) -> set[str]:
    return {secret, secret.encode().hex(), base64.b64encode(secret.encode()).decode().rstrip("=")[:-2]}


def everything_seen(ana: Browser, responses: list[Any], caplog: pytest.LogCaptureFixture) -> dict[str, str]:
    ours = [record for record in caplog.records if not record.name.startswith(("werkzeug", "sandbox"))]
    listing, detail = ana.get("/sign-ins/"), ana.get(ana.outcome().page_url)
    pages = [*responses, listing, detail]
    return {
        "the database": whole_database(),
        "the log": "\n".join(f"{record.getMessage()} {record.exc_text} {record.__dict__}" for record in ours),
        "an address": "\n".join(response.headers.get("Location", "") for response in pages),
        "a page": "\n".join(response.content.decode() for response in pages),
        "a cookie": str(ana.client.cookies),
    }


@pytest.mark.parametrize("provider", ALL)
def test_after_a_sign_in(ana: Browser, stand_ins: str, caplog: pytest.LogCaptureFixture, provider: str) -> None:
    caplog.set_level(logging.DEBUG)
    page = ana.get(ana.begin(provider))
    answer = ana.at_provider(f"/sign-in/{page.context['sign_in'].code}/")
    returned = ana.arrive(answer)
    artifact = ana.artifact()
    assert ana.outcome().outcome == "succeeded"

    seen = everything_seen(ana, [returned], caplog)
    transcript = transcript_for(owner=ana.owner, run_code="run-0001")
    assert transcript is not None
    secrets = transcript.secrets()
    if provider == "saml":
        assertion = base64.b64decode(artifact.value).decode()
        secrets[assertion[assertion.index("SignatureValue>") :][15:80]] = "signature of the assertion"
    assert len(secrets) >= (2 if provider == "saml" else 4)
    assert all(part in secrets for part in artifact.value.split(";"))
    found = [
        f"{kind} in {place}"
        for secret, kind in secrets.items()
        for place, text in seen.items()
        if any(form in text for form in forms(secret))
    ]
    assert found == []
    assert artifact.value not in repr(artifact)


@pytest.mark.parametrize("provider", ALL)
def test_the_page_in_between_shows_only_what_the_browser_sends(ana: Browser, stand_ins: str, provider: str) -> None:
    path = ana.begin(provider)
    page = ana.get(path).content.decode()
    ana.arrive(ana.at_provider(path))
    transcript = transcript_for(owner=ana.owner, run_code="run-0001")
    assert transcript is not None
    request = transcript.last("authorization")
    assert request is not None
    kept_back = [kind for secret, kind in transcript.secrets().items() if secret in page and secret not in request.url]
    assert kept_back == []


def test_an_error_that_quotes_what_we_sent_is_stored_without_it(ana: Browser, live: Any) -> None:
    live.answers["POST api.amazon.com/auth/o2/token"] = lambda arrival: (
        400,
        {"error": "invalid_grant", "error_description": f"Bad: {arrival.form['code']} {arrival.form['client_secret']}"},
    )
    _, asked = ana.request_of(ana.begin("amazon"))
    ana.answer("amazon", state=asked["state"], code="ANdNAVhyhqirUelHGEHA-code")

    outcome = ana.outcome()
    assert (outcome.outcome, outcome.error_code) == ("failed", "invalid_grant")
    assert "Bad: ‹authorization code› ‹client secret›" in outcome.error_message
    assert "ANdNAVhyhqirUelHGEHA-code" not in whole_database()
