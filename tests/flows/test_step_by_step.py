"""One call at a time: what is shown before is what is sent and recorded."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client

from accounts.owners import Owner
from flows.exchange.pools import pool_for
from flows.models import ApiCall, Outcome, Run
from flows.services import (
    PlannedCall,
    RunBusy,
    RunOver,
    SecretGone,
    run_advance,
    run_all,
    run_cancel,
    run_credentials,
    run_open,
    run_preview,
)
from flows.services.preview import WHEN_SENT
from tests.flows.aws_wire import AwsWire
from vault.models import SealedValue

pytestmark = pytest.mark.django_db


def opened(owner: Owner, flow: str, **parameters: str) -> Run:
    return run_open(
        owner=owner, access="guest", flow=flow, provider="guest", pool=pool_for(owner), parameters=parameters
    )


def planned(run: Run, overrides: Mapping[str, str] | None = None) -> PlannedCall:
    plan = run_preview(run=run, overrides=overrides)
    assert plan is not None
    return plan


def same(plan: PlannedCall, call: ApiCall) -> dict[str, tuple[Any, Any]]:
    """Where the plan and the record differ, dates and what depends on them aside."""
    recorded = {
        name: WHEN_SENT if plan.headers.get(name) == WHEN_SENT else value
        for name, value in call.request_headers.items()
    }
    pairs = {
        "service": (plan.service, call.service),
        "operation": (plan.operation, call.operation),
        "protocol": (plan.protocol, call.protocol),
        "signed": (plan.signed, call.signed),
        "method": (plan.method, call.method),
        "url": (plan.url, call.url),
        "params": (dict(plan.params), call.request_params),
        "headers": (dict(plan.headers), recorded),
        "body": (plan.body, call.request_body),
    }
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


@pytest.mark.parametrize(("flow", "steps"), [("enhanced", 2), ("basic", 3)])
def test_preview_equals_what_is_then_recorded(aws_mode: AwsWire, visitor: Owner, flow: str, steps: int) -> None:
    run = opened(visitor, flow)
    for number in range(steps):
        assert run.outcome == Outcome.OPEN
        plan = planned(Run.objects.get(pk=run.pk))
        arrived = [a for a in aws_mode.arrivals if a.method == "POST"]
        assert len(arrived) == number
        assert same(plan, run_advance(run=run)) == {}
        run = Run.objects.get(pk=run.pk)
    assert run.outcome == Outcome.SUCCEEDED
    assert run_preview(run=run) is None
    assert run_credentials(run=run) is not None


def test_changed_parameters_are_in_the_preview_and_on_the_wire(aws_mode: AwsWire, visitor: Owner) -> None:
    run = opened(visitor, "basic", RoleSessionName="first")
    run_advance(run=run)
    run_advance(run=run)
    changes = {"RoleSessionName": "second", "DurationSeconds": "900"}
    plan = planned(run, changes)
    assert {field.name: field.value for field in plan.editable}["RoleSessionName"] == "second"
    call = run_advance(run=run, overrides=changes)
    assert same(plan, call) == {}
    assert call.request_params["DurationSeconds"] == 900
    assert "RoleSessionName=second" in call.request_body
    run.refresh_from_db()
    assert run.parameters["RoleSessionName"] == "second"


def test_parameters_that_the_flow_does_not_offer_are_not_taken(aws_mode: AwsWire, visitor: Owner) -> None:
    run = opened(visitor, "enhanced", IdentityPoolId="us-east-1:other", RoleArn="arn:aws:iam::1:role/x")
    assert run.parameters == {}
    assert run_advance(run=run, overrides={"Logins": "x"}).request_params["IdentityPoolId"] == run.pool_id


def test_call_that_the_sdk_refuses_is_recorded_as_not_sent(aws_mode: AwsWire, visitor: Owner) -> None:
    run = opened(visitor, "basic", RoleSessionName="x", DurationSeconds="an hour")
    run_advance(run=run)
    run_advance(run=run)
    plan = planned(run)
    assert "DurationSeconds" in plan.problem
    before = list(aws_mode.operations)
    call = run_advance(run=run)
    assert (call.state, call.error_code, call.status) == (ApiCall.State.NOT_SENT, "ParamValidationError", None)
    assert call.error_message == plan.problem
    assert (run.outcome, run.error_code) == (Outcome.FAILED, "ParamValidationError")
    assert "AssumeRoleWithWebIdentity" not in aws_mode.operations[len(before) :]


def test_form_sent_twice_makes_one_call(aws_mode: AwsWire, visitor: Owner) -> None:
    run = opened(visitor, "basic")
    also = Run.objects.get(pk=run.pk)
    run_advance(run=run, position=0)
    with pytest.raises(RunBusy):
        run_advance(run=also)
    with pytest.raises(RunBusy):
        run_advance(run=Run.objects.get(pk=run.pk), position=0)
    assert aws_mode.operations == ["GetId"]


def test_run_that_is_over_goes_no_further(aws_mode: AwsWire, visitor: Owner) -> None:
    run = run_all(run=opened(visitor, "enhanced"))
    for verb in (run_advance, run_all):
        with pytest.raises(RunOver):
            verb(run=run)
    assert len(aws_mode.arrivals) == 2


def test_run_all_does_the_rest(aws_mode: AwsWire, visitor: Owner) -> None:
    run = opened(visitor, "basic")
    run_advance(run=run)
    run = run_all(run=Run.objects.get(pk=run.pk))
    assert [call.step for call in run.calls.all()] == ["get-id", "get-open-id-token", "assume-role"]
    assert run.outcome == Outcome.SUCCEEDED


def test_expired_token_ends_the_run_and_sends_nothing(aws_mode: AwsWire, visitor: Owner) -> None:
    run = opened(visitor, "basic")
    run_advance(run=run)
    run_advance(run=run)
    SealedValue.objects.filter(reference=run.code).delete()
    assert run_preview(run=run) is None
    with pytest.raises(SecretGone):
        run_advance(run=run)
    assert (run.outcome, run.error_code) == (Outcome.FAILED, "SecretExpired")
    assert "AssumeRoleWithWebIdentity" not in aws_mode.operations


def test_cancelled_run_keeps_its_calls_and_loses_its_secrets(aws_mode: AwsWire, visitor: Owner) -> None:
    run = opened(visitor, "basic")
    run_advance(run=run)
    run_advance(run=run)
    run_cancel(run=run)
    assert (run.outcome, run.calls.count()) == (Outcome.CANCELLED, 2)
    assert not SealedValue.objects.filter(reference=run.code).exists()


@pytest.mark.parametrize("act", ["advance", "finish", "cancel", "again", "link", "sign-in", "send-anyway", "share"])
def test_the_address_of_a_step_that_failed_can_be_loaded_again(client: Client, db: None, act: str) -> None:
    answer = client.get(f"/runs/some-code/{act}/")
    assert answer.status_code == 302
    assert answer["Location"] in ("/runs/some-code/", "/runs/some-code/calls/")
    assert client.put(f"/runs/some-code/{act}/").status_code == 405
