"""What never gets an answer ends FAILED, and each attempt is on record."""

import pytest

from accounts.owners import Owner
from flows.exchange import clients
from flows.exchange.pools import pool_for
from flows.models import ApiCall, Outcome, Run
from flows.services import run_all, run_open
from tests.flows.aws_wire import IDENTITY, Answer, AwsWire, json_answer

pytestmark = pytest.mark.django_db


def enhanced(owner: Owner) -> Run:
    pool = pool_for(owner)
    return run_all(
        run=run_open(owner=owner, access="guest", flow="enhanced", provider="guest", pool=pool, parameters={})
    )


@pytest.mark.slow
def test_connection_refused(aws_mode: AwsWire, visitor: Owner) -> None:
    aws_mode.refuses = True
    clients.forget_clients()
    run = enhanced(visitor)
    call = run.calls.get()
    assert (run.outcome, run.error_code) == (Outcome.FAILED, "EndpointConnectionError")
    assert (call.state, call.status, call.operation) == (ApiCall.State.UNANSWERED, None, "GetId")
    assert [attempt["error"] for attempt in call.attempts] == ["EndpointConnectionError"] * 3
    assert call.url == "https://cognito-identity.us-east-1.amazonaws.com/"


def test_connection_closed_instead_of_an_answer_then_answered(aws_mode: AwsWire, visitor: Owner) -> None:
    aws_mode.answers["GetId"] = [Answer(0, b"", drop=True), json_answer({"IdentityId": IDENTITY})]
    run = enhanced(visitor)
    attempts = run.calls.get(operation="GetId").attempts
    assert run.outcome == Outcome.SUCCEEDED
    assert [attempt["status"] for attempt in attempts] == [None, 200]
    assert attempts[0]["error"] == "ConnectionClosedError"


def test_time_out(aws_mode: AwsWire, visitor: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "READ_SECONDS", 0.1)
    clients.forget_clients()
    aws_mode.answers["GetId"] = lambda _: Answer(200, b"{}", seconds=0.5)
    run = enhanced(visitor)
    assert (run.outcome, run.error_code) == (Outcome.FAILED, "ReadTimeoutError")
    assert len(run.calls.get().attempts) == 3
    clients.forget_clients()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (json_answer({}), "UnexpectedAnswer"),
        (Answer(200, b"<html>a captive portal</html>", {"Content-Type": "text/html"}), "UnexpectedAnswer"),
        (Answer(404, b"<html>nothing here</html>", {"Content-Type": "text/html"}), "404"),
    ],
)
def test_answer_that_is_not_the_services(aws_mode: AwsWire, visitor: Owner, answer: Answer, code: str) -> None:
    aws_mode.answers["GetId"] = [answer]
    run = enhanced(visitor)
    assert run.outcome in (Outcome.FAILED, Outcome.REFUSED)
    assert run.error_code == code
    assert run.calls.get().state == ApiCall.State.ANSWERED


def test_answer_in_broken_xml(aws_mode: AwsWire, visitor: Owner) -> None:
    aws_mode.answers["AssumeRoleWithWebIdentity"] = [Answer(200, b"<Assume", {"Content-Type": "text/xml"})]
    pool = pool_for(visitor)
    run = run_open(owner=visitor, access="guest", flow="basic", provider="guest", pool=pool, parameters={})
    run = run_all(run=run)
    assert (run.outcome, run.error_code) == (Outcome.FAILED, "ResponseParserError")
    assert run.calls.last() is not None
    assert run.calls.count() == 3
