"""What never gets an answer ends FAILED, and each attempt is on record."""

import socket

import pytest
from pytest_django import Settings

from accounts.owners import Owner
from flows.exchange import patience
from flows.exchange.pools import pool_for
from flows.models import ApiCall, Outcome, Run
from flows.services import run_all, run_open
from tests.flows.aws_wire import IDENTITY, Answer, AwsWire, json_answer
from tests.forgotten import forget_clients

pytestmark = pytest.mark.django_db


def enhanced(owner: Owner) -> Run:
    pool = pool_for(owner)
    return run_all(
        run=run_open(owner=owner, access="guest", flow="enhanced", provider="guest", pool=pool, parameters={})
    )


@pytest.mark.slow
def test_connection_refused(aws_mode: AwsWire, visitor: Owner) -> None:
    aws_mode.refuses = True
    forget_clients()
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
    monkeypatch.setattr(patience, "READ_SECONDS", 0.1)
    forget_clients()
    aws_mode.answers["GetId"] = lambda _: Answer(200, b"{}", seconds=60)
    run = enhanced(visitor)
    assert (run.outcome, run.error_code) == (Outcome.FAILED, "ReadTimeoutError")
    assert len(run.calls.get().attempts) == 3
    forget_clients()


def test_nothing_is_tried_again_after_a_while(
    aws_mode: AwsWire, visitor: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "READ_SECONDS", 0.2)
    monkeypatch.setattr(patience, "TRY_AGAIN_SECONDS", 0.1)
    forget_clients()
    aws_mode.answers["GetId"] = lambda _: Answer(200, b"{}", seconds=60)
    run = enhanced(visitor)
    assert (run.outcome, run.error_code) == (Outcome.FAILED, "ReadTimeoutError")
    assert len(run.calls.get().attempts) == 1
    forget_clients()


@pytest.mark.slow
def test_a_host_that_takes_no_connection_is_given_up_after_a_few_seconds(
    aws_settings: AwsWire, visitor: Owner, settings: Settings
) -> None:
    """A machine that drops what comes, as a firewall does: one whose queue for connections is full."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(3)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(address)
        settings.AWS_ENDPOINT = f"http://127.0.0.1:{address[1]}"
        forget_clients()
        run = enhanced(visitor)
        for each in waiting:
            each.close()
    assert (run.outcome, run.error_code) == (Outcome.FAILED, "ConnectTimeoutError")
    assert f"http://127.0.0.1:{address[1]}/" in run.error_message
    assert len(run.calls.get().attempts) <= 2
    # The second one begins before that, if at all.
    assert patience.TRY_AGAIN_SECONDS + patience.CONNECT_SECONDS <= 10
    forget_clients()


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
