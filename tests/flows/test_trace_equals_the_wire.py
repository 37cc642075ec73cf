"""What is stored of a call is what arrived at the sandbox, redactions aside."""

import re
from collections.abc import Callable
from urllib.parse import unquote_plus, urlsplit

import pytest

from flows.models import ApiCall, Outcome, Run
from flows.services import run_advance, run_all, run_preview, run_use
from lessons.sample_calls import samples_for
from sandbox.core.http import Request
from sandbox.testing import RunningSandbox

_MARK = re.compile(r"‹[^›]*›")


def matches(stored: str, arrived: str) -> bool:
    """The stored text with each mark standing for any text."""
    pattern = "(.+)".join(re.escape(part) for part in _MARK.split(stored))
    return re.fullmatch(pattern, arrived, re.DOTALL) is not None


def assert_same(call: ApiCall, request: Request) -> None:
    url = urlsplit(call.url)
    assert call.method == request.method
    assert url.path == request.raw_path
    assert matches(url.query, request.query_string)
    assert matches(call.request_body, request.body.decode()) or call.request_body.startswith("‹")
    for name, value in call.request_headers.items():
        assert matches(value, request.headers[name.lower()]), name


def of_aws(sandbox: RunningSandbox) -> list[Request]:
    return [request for request in sandbox.requests if not request.raw_path.startswith("/.well-known/")]


@pytest.mark.parametrize(("flow", "number"), [("enhanced", 2), ("basic", 3)])
def test_flow(open_run: Callable[..., Run], sandbox: RunningSandbox, flow: str, number: int) -> None:
    run = run_all(run=open_run(flow))
    calls, requests = list(run.calls.all()), of_aws(sandbox)
    assert run.outcome == Outcome.SUCCEEDED
    assert len(calls) == len(requests) == number
    for call, request in zip(calls, requests, strict=True):
        assert_same(call, request)
        assert call.request_id == request.request_id


def test_use_of_the_credentials(open_run: Callable[..., Run], sandbox: RunningSandbox) -> None:
    run = run_all(run=open_run())
    for sample in samples_for("guest").values():
        sandbox.requests.clear()
        call = run_use(run=run, sample=sample)
        assert_same(call, of_aws(sandbox)[-1])
        assert bool(call.error_code) == (sample.expected == "refused"), (sample.key, call.error_message)


def test_preview_equals_what_arrives(open_run: Callable[..., Run], sandbox: RunningSandbox) -> None:
    run = open_run("basic", RoleSessionName="previewed")
    for step in range(3):
        plan = run_preview(run=run)
        assert plan is not None
        assert len(of_aws(sandbox)) == step
        run_advance(run=run)
        arrived = of_aws(sandbox)[-1]
        assert (plan.method, urlsplit(plan.url).path) == (arrived.method, arrived.raw_path)
        assert matches(plan.body, arrived.body.decode())
        assert all(matches(value, arrived.headers[name.lower()]) for name, value in plan.headers.items())


def test_secret_that_a_mark_stands_for_really_travelled(open_run: Callable[..., Run], sandbox: RunningSandbox) -> None:
    run = run_all(run=open_run("basic"))
    arrived = unquote_plus(of_aws(sandbox)[-1].body.decode())
    call = run.calls.get(operation="AssumeRoleWithWebIdentity")
    assert "WebIdentityToken=eyJ" in arrived
    assert "eyJ" not in call.request_body
    assert call.tokens[0]["verified"] is True
