"""Runs that the system makes in one go: like those made call by call, but for where their secrets never were."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.owners import Owner
from flows.exchange.pools import pool_for
from flows.models import Origin, Run
from flows.services import MadeRun, UseCall, run_all, run_make, run_use, runs_forget, runs_write
from flows.traces.writing import trace_of
from lessons.sample_calls import SAMPLES
from sandbox.testing import RunningSandbox
from vault.models import SealedValue

_WHO = UseCall("sts", "GetCallerIdentity", {}, "who-am-i")
_KEPT = {
    *("access", "flow", "provider", "outcome", "error_code", "error_message", "role_arn", "scrubbed"),
    *("position", "kind", "step", "state", "service", "operation", "protocol", "signed", "method", "url", "status"),
    *("code", "verdict", "source", "where", "verified", "note", "key_id"),
}


def lasting(value: Any, name: str = "") -> Any:
    """A trace with the names of all that is in it, and the values that two runs of the same choices share."""
    if isinstance(value, dict):
        return {key: lasting(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [lasting(inner) for inner in value]
    return value if name in _KEPT else type(value)


def made(visitor: Owner, flow: str, pool: str = "lab", **parameters: str) -> MadeRun:
    return run_make(
        owner=visitor,
        access="guest",
        flow=flow,
        provider="guest",
        pool=pool_for(visitor, pool),
        parameters=parameters,
        origin=Origin.PROBE,
        uses=lambda run: [_WHO],
    )


@pytest.mark.parametrize("flow", ["enhanced", "basic"])
def test_its_trace_is_that_of_a_run_made_call_by_call(
    open_run: Callable[..., Run], visitor: Owner, sandbox: RunningSandbox, flow: str
) -> None:
    by_steps = run_all(run=open_run(flow))
    run_use(run=by_steps, sample=SAMPLES["who-am-i"])
    SealedValue.objects.all().delete()
    (run,) = runs_write([made(visitor, flow)])
    assert lasting(trace_of(run)) == lasting(trace_of(Run.objects.get(pk=by_steps.pk)))
    assert lasting(trace_of(Run.objects.get(pk=run.pk))) == lasting(trace_of(run))
    assert ":assumed-role/" in run.assumed_role_arn
    assert not SealedValue.objects.exists()


def test_one_that_is_refused_ends_with_the_refusal_and_uses_nothing(
    open_run: Callable[..., Run], visitor: Owner, sandbox: RunningSandbox
) -> None:
    admins = "arn:aws:iam::000000000000:role/LabAdmins"
    by_steps = run_all(run=open_run("basic", RoleArn=admins))
    (run,) = runs_write([made(visitor, "basic", RoleArn=admins)])
    assert (run.outcome, run.error_code, run.error_message) == (
        by_steps.outcome,
        by_steps.error_code,
        by_steps.error_message,
    )
    assert lasting(trace_of(run)) == lasting(trace_of(by_steps))


def test_many_are_written_and_forgotten_in_a_few_statements(
    visitor: Owner, sandbox: RunningSandbox, db: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    several = [made(visitor, "enhanced") for _ in range(5)]
    assert not Run.objects.exists()
    with django_assert_max_num_queries(4):
        runs = runs_write(several)
        assert [len(run.calls.all()) for run in runs] == [3] * 5
    with django_assert_max_num_queries(16):
        runs_forget(runs)
    assert not Run.objects.exists()
