"""An answer of another form than the model's ends the run FAILED, is on record as it came, and gives away no secret."""

import json

import pytest
from django.test import Client

from accounts.owners import Owner
from flows.exchange.pools import pool_for
from flows.models import ApiCall, Outcome, Run
from flows.services import run_all, run_open
from tests.flows.aws_wire import SECRET_KEY, SESSION_TOKEN, Answer, AwsWire
from tests.flows.test_planted_run_secrets import stored

pytestmark = pytest.mark.django_db

PAIR = f'"SecretKey": "{SECRET_KEY}", "SessionToken": "{SESSION_TOKEN}"'
JSON_ANSWERS = {
    "too deep": "[" * 20_000,
    "null": "null",
    "a list": "[]",
    "a number": "5",
    "a page": "<html>a captive portal</html>",
    "of other types": f'{{"IdentityId": {{}}, "Token": [], "Credentials": {{"AccessKeyId": 5, {PAIR}}}}}',
    "never to end": f'{{"IdentityId": 7, "Credentials": {{"AccessKeyId": "A", {PAIR}, "Expiration": 1e400}}}}',
    "beyond the calendar": f'{{"IdentityId": 7, "Credentials": {{"AccessKeyId": "A", {PAIR}, "Expiration": 1e14}}}}',
    "half a character": r'{"IdentityId": "\ud800", "Token": "\ud800", "Credentials": {"AccessKeyId": "\ud800"}}',
    "cut short": f'{{"IdentityId": {{}}, "Credentials": {{{PAIR[:-1]}',
    "not JSON": f"{{'SecretKey': '{SECRET_KEY}', 'SessionToken': '{SESSION_TOKEN}'}}",
    "XML": f"<Credentials><SecretKey>{SECRET_KEY}</SecretKey><SessionToken>{SESSION_TOKEN}</SessionToken>",
    "a sentence": json.dumps({"IdentityId": 1, "message": f"SecretKey={SECRET_KEY} SessionToken: {SESSION_TOKEN}"}),
}
XML_ANSWERS = {
    "cut short": f"<Credentials><SecretAccessKey>{SECRET_KEY}</SecretAccessKey><SessionToken>{SESSION_TOKEN}",
    "of attributes": f"<a SecretAccessKey='{SECRET_KEY}' SessionToken=\"{SESSION_TOKEN}\"/>",
    "JSON": f"{{{PAIR}}}",
}


@pytest.mark.parametrize("operation", ["GetId", "GetCredentialsForIdentity", "GetOpenIdToken"])
@pytest.mark.parametrize("form", JSON_ANSWERS)
def test_json(aws_mode: AwsWire, visitor: Owner, client: Client, operation: str, form: str) -> None:
    answer = Answer(200, JSON_ANSWERS[form].encode(), {"Content-Type": "application/x-amz-json-1.1"})
    ends_failed(aws_mode, visitor, operation, answer)


@pytest.mark.slow
@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("form", XML_ANSWERS)
def test_xml(aws_mode: AwsWire, visitor: Owner, form: str, status: int) -> None:
    location = {"Location": f"https://sts.us-east-1.amazonaws.com/?SessionToken={SESSION_TOKEN}"}
    answer = Answer(status, XML_ANSWERS[form].encode(), {"Content-Type": "text/xml"} | location)
    ends_failed(aws_mode, visitor, "AssumeRoleWithWebIdentity", answer)


def ends_failed(wire: AwsWire, owner: Owner, operation: str, answer: Answer) -> None:
    wire.answers[operation] = lambda _: answer
    flow = "enhanced" if operation in ("GetId", "GetCredentialsForIdentity") else "basic"
    pool = pool_for(owner)
    run = run_open(owner=owner, access="guest", flow=flow, provider="guest", pool=pool, parameters={})
    run = Run.objects.get(pk=run_all(run=run).pk)
    call = run.calls.get(operation=operation)
    assert run.outcome in (Outcome.FAILED, Outcome.REFUSED)
    assert (call.state, call.status) == (ApiCall.State.ANSWERED, answer.status)
    assert bool(call.response_body) == bool(answer.body)
    everything = stored()
    for secret in (SECRET_KEY, SESSION_TOKEN):
        assert secret not in everything
        assert json.dumps(secret)[1:-1] not in everything
