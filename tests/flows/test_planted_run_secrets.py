"""No secret of a run is in the database file, in a log line, or in what services hand out for display."""

import io
import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from django.core import serializers
from django.utils import timezone

from accounts.owners import Owner
from flows.exchange.context import TemporaryCredentials
from flows.exchange.pools import pool_for
from flows.models import ApiCall, Outcome, Run
from flows.services import run_advance, run_all, run_credentials, run_open, run_preview, run_use
from lessons.sample_calls import SAMPLES, samples_for
from providers.sign_in import artifacts
from tests.flows.aws_wire import SECRET_KEY, SESSION_TOKEN, Arrival, AwsWire, json_answer, refusal, sts_refusal
from vault.models import SealedValue
from web.logs import JsonFormatter

pytestmark = pytest.mark.django_db


@pytest.fixture
def logged() -> Any:
    """Everything that any logger says, at the level at which it may speak, as the application would write it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


def opened(owner: Owner, flow: str) -> Run:
    return run_open(owner=owner, access="guest", flow=flow, provider="guest", pool=pool_for(owner), parameters={})


def stored() -> str:
    rows = [*Run.objects.all(), *ApiCall.objects.all(), *SealedValue.objects.all()]
    text: str = serializers.serialize("json", rows, ensure_ascii=False)
    return text + json.dumps([call.details() for call in ApiCall.objects.all()], default=str, ensure_ascii=False)


def test_nothing_is_stored_logged_or_previewed(aws_mode: AwsWire, visitor: Owner, logged: io.StringIO) -> None:
    run = opened(visitor, "basic")
    shown = []
    while run.outcome == Outcome.OPEN:
        shown.append(repr(run_preview(run=run)))
        run_advance(run=run)
    for sample in samples_for("guest").values():
        run_use(run=run, sample=sample)
    everything = stored() + logged.getvalue() + "".join(shown)
    assert run.outcome == Outcome.SUCCEEDED
    for secret in (SECRET_KEY, SESSION_TOKEN, aws_mode.token, aws_mode.token.rpartition(".")[2]):
        assert secret not in everything
        assert json.dumps(secret)[1:-1] not in everything
    assert not Run.objects.filter(scrubbed=True).exists()


def test_signature_of_a_request_is_not_stored_but_its_scope_is(aws_mode: AwsWire, visitor: Owner) -> None:
    call = run_use(run=run_all(run=opened(visitor, "enhanced")), sample=SAMPLES["who-am-i"])
    sent = aws_mode.arrivals[-1].headers["authorization"]
    stored_header = call.request_headers["Authorization"]
    assert stored_header.partition("Signature=")[0] == sent.partition("Signature=")[0]
    assert sent.partition("Signature=")[2] not in stored()
    assert call.request_headers["X-Amz-Security-Token"].startswith("‹session token · ")


def test_equal_secrets_have_equal_marks_from_call_to_call(aws_mode: AwsWire, visitor: Owner) -> None:
    run = run_all(run=opened(visitor, "basic"))
    given = run.calls.get(operation="GetOpenIdToken").response_params["Token"]
    assert given.startswith("‹OpenID token · ")
    shown = run.calls.get(operation="AssumeRoleWithWebIdentity")
    assert shown.request_params["WebIdentityToken"] == given
    assert f"WebIdentityToken={given}" in shown.request_body
    used = run_use(run=run, sample=SAMPLES["who-am-i"])
    answer = shown.response_params["Credentials"]["SessionToken"]
    assert used.request_headers["X-Amz-Security-Token"] == answer
    assert f"<SessionToken>{answer}</SessionToken>" in shown.response_body


def test_token_that_a_refusal_repeats_is_scrubbed_and_flagged(aws_mode: AwsWire, visitor: Owner) -> None:
    aws_mode.answers["AssumeRoleWithWebIdentity"] = lambda arrival: sts_refusal(
        "InvalidIdentityToken", f"The token {aws_mode.token} is not valid", 400
    )
    run = run_all(run=opened(visitor, "basic"))
    call = run.calls.get(operation="AssumeRoleWithWebIdentity")
    assert aws_mode.token not in stored()
    assert (run.outcome, run.scrubbed, call.scrubbed) == (Outcome.REFUSED, True, True)
    assert run.error_message == call.error_message
    assert "The token ‹OpenID token · " in run.error_message
    assert "‹OpenID token · " in call.response_body


def test_secret_under_an_unknown_name_is_scrubbed(aws_mode: AwsWire, visitor: Owner) -> None:
    def credentials_twice(arrival: Arrival) -> Any:
        expires = (timezone.now() + timedelta(hours=1)).timestamp()
        given = {"AccessKeyId": "ASIA", "SecretKey": SECRET_KEY, "SessionToken": SESSION_TOKEN, "Expiration": expires}
        answer = json_answer({"IdentityId": "us-east-1:a", "Credentials": given, "Debug": {"echo": f"k={SECRET_KEY}"}})
        answer.headers["X-Debug"] = SESSION_TOKEN
        return answer

    aws_mode.answers["GetCredentialsForIdentity"] = credentials_twice
    run = run_all(run=opened(visitor, "enhanced"))
    assert run.scrubbed
    assert SECRET_KEY not in stored()
    assert SESSION_TOKEN not in stored()


def test_secret_of_an_earlier_call_is_known_in_a_later_one(aws_mode: AwsWire, visitor: Owner) -> None:
    run = run_all(run=opened(visitor, "enhanced"))
    aws_mode.answers["Scan"] = [refusal("ValidationException", f"What is {SECRET_KEY}?")]
    call = run_use(run=Run.objects.get(pk=run.pk), sample=SAMPLES["scan-table"])
    assert (call.scrubbed, Run.objects.get(pk=run.pk).scrubbed) == (True, True)
    assert call.error_message.startswith("What is ‹secret key · ")


def test_secrets_do_not_show_in_a_repr(aws_mode: AwsWire, visitor: Owner) -> None:
    credentials = run_credentials(run=run_all(run=opened(visitor, "enhanced")))
    assert isinstance(credentials, TemporaryCredentials)
    artifact = artifacts.Artifact("google", "id_token", "accounts.google.com", "planted-token", timezone.now())
    assert SECRET_KEY not in repr(credentials)
    assert SESSION_TOKEN not in repr(credentials)
    assert "planted-token" not in repr(artifact)
