"""Every kind of run is exported as the published schema says, and read back; version 1 is read as well."""

import json
import random
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator

from accounts.owners import Owner
from decisioncodes import MEANINGS
from flows.exchange.pools import pool_for
from flows.models import ApiCall, Outcome, Run
from flows.services import run_advance, run_all, run_cancel, run_open, run_use
from flows.traces import SCHEMA, Trace, TraceError, read_trace
from flows.traces.reading import LARGEST
from flows.traces.schema import text
from lessons.sample_calls import SAMPLES
from tests.flows.aws_wire import AwsWire
from tests.flows.trace_schema import KEPT, SCHEMA_FILE, complaints, downloaded, exported
from tests.forgotten import forget_clients

pytestmark = pytest.mark.django_db
OpenRun = Callable[..., Run]


def read_back(run: Run) -> Trace:
    """The run's trace, valid, as its reader sees it."""
    document = exported(run)
    assert complaints(document) == []
    read = read_trace(json.dumps(document))
    assert [call.operation for call in read.calls] == [call.operation for call in run.calls.all()]
    assert read.outcome == run.outcome
    return read


def codes(trace: Trace) -> list[str]:
    return [decision.code for call in trace.calls for decision in call.decisions]


def succeeded(open_run: OpenRun) -> Run:
    return run_all(run=open_run("basic"))


def refused(open_run: OpenRun) -> Run:
    return run_all(run=open_run(pool="no-guests"))


def used(open_run: OpenRun) -> Run:
    run = run_all(run=open_run())
    for key in ("list-bucket", "read-object", "scan-table", "write-object", "read-parameter"):
        run_use(run=run, sample=SAMPLES[key])
    return run


def step_by_step(open_run: OpenRun) -> Run:
    run = open_run("basic")
    run_advance(run=run)
    return Run.objects.get(pk=run.pk)


def cancelled(open_run: OpenRun) -> Run:
    run = open_run()
    run_cancel(run=run)
    return Run.objects.get(pk=run.pk)


def opened(open_run: OpenRun) -> Run:
    return open_run()


@pytest.mark.parametrize("kind", [succeeded, refused, used, step_by_step, cancelled, opened])
def test_a_guests_run_in_the_sandbox_is_exported_as_the_schema_says(
    open_run: OpenRun, kind: Callable[[OpenRun], Run]
) -> None:
    read = read_back(kind(open_run))
    assert set(codes(read)) <= set(MEANINGS)
    assert all(codes(read))


@pytest.mark.slow
@pytest.mark.parametrize(("flow", "fails"), [("enhanced", False), ("basic", False), ("enhanced", True)])
def test_a_run_in_aws_is_exported_as_the_schema_says(aws_mode: AwsWire, visitor: Owner, flow: str, fails: bool) -> None:
    aws_mode.refuses = fails
    forget_clients()
    pool = pool_for(visitor)
    run = run_open(owner=visitor, access="guest", flow=flow, provider="guest", pool=pool, parameters={})
    run = run_all(run=run)
    assert run.outcome == (Outcome.FAILED if fails else Outcome.SUCCEEDED)
    read = read_back(run)
    assert {decision.source for call in read.calls for decision in call.decisions} == {"observed"}
    assert set(codes(read)) <= set(MEANINGS)
    if flow == "basic":
        assert {"request.host", "request.signature", "answer.status", "token.iss", "token.aud", "token.amr"} == set(
            codes(read)
        )
    forget_clients()


@pytest.mark.slow
def test_the_download_is_the_trace(client: Client, open_run: OpenRun) -> None:
    client.get("/demo/")
    owner = client.get("/sign-ins/").wsgi_request.owner  # type: ignore[attr-defined]
    run = run_all(run=open_run(pool="no-guests", owner=owner))
    read = read_trace(downloaded(client, run))
    assert read.schema == "http://testserver/schemas/trace-v2.json"
    assert [decision.code for decision in read.calls[-1].decisions] == ["pool.exists", "pool.guest"]


def test_the_schema_is_served_and_published_as_the_code_has_it(client: Client) -> None:
    response = client.get("/schemas/trace-v2.json")
    assert response["Content-Type"] == "application/schema+json"
    assert response.content.decode() == text()
    assert SCHEMA_FILE.read_text() == text()
    Draft202012Validator.check_schema(SCHEMA)


def test_the_schema_knows_every_kind_of_outcome_call_and_state() -> None:
    parts = SCHEMA["$defs"]
    assert set(parts["Trace"]["properties"]["outcome"]["enum"]) == set(Outcome.values)
    assert set(parts["Call"]["properties"]["kind"]["enum"]) == set(ApiCall.Kind.values)
    assert set(parts["Call"]["properties"]["state"]["enum"]) == set(ApiCall.State.values)
    assert all(set(part.get("properties", {})) >= set(part.get("required", [])) for part in parts.values())


@pytest.mark.slow
def test_a_run_recorded_before_there_were_codes_looks_and_exports_as_before(client: Client, open_run: OpenRun) -> None:
    client.get("/demo/")
    owner = client.get("/sign-ins/").wsgi_request.owner  # type: ignore[attr-defined]
    run = run_all(run=open_run(owner=owner))
    for call in run.calls.all():
        call.decisions = [{name: entry[name] for name in entry if name != "code"} for entry in call.decisions]
        call.save()
    read = read_back(run)
    assert set(codes(read)) == {""}
    for view in ("", "why/", "calls/", "json/"):
        page = client.get(f"/runs/{run.code}/{view}").content.decode()
        assert "data-code" not in page
    why = client.get(f"/runs/{run.code}/why/").content.decode()
    assert "Guest access" in why
    assert "decision-code" not in why


def test_the_pages_name_the_code(client: Client, open_run: OpenRun) -> None:
    client.get("/demo/")
    owner = client.get("/sign-ins/").wsgi_request.owner  # type: ignore[attr-defined]
    run = run_all(run=open_run(pool="no-guests", owner=owner))
    assert 'data-code="pool.guest"' in client.get(f"/runs/{run.code}/calls/").content.decode()
    why = client.get(f"/runs/{run.code}/why/").content.decode()
    assert '<code class="decision-code">pool.guest</code>' in why


@pytest.mark.parametrize(("kept", "outcome", "calls"), [("succeeded", "succeeded", 6), ("refused", "refused", 1)])
def test_version_1_is_read(kept: str, outcome: str, calls: int) -> None:
    document = (KEPT / f"trace-1-{kept}.json").read_bytes()
    read = read_trace(document)
    assert (read.outcome, len(read.calls), read.version) == (outcome, calls, 2)
    assert set(codes(read)) == {""}
    assert read == read_trace(json.loads(document)) == read_trace(document.decode())
    assert read == read_trace(b"\xef\xbb\xbf" + document)
    last = read.calls[-1].decisions[-1]
    assert (last.check, last.verdict) == (
        ("guest access", "deny") if kept == "refused" else ("Identity policy", "pass")
    )


def _changed(**changes: Any) -> dict[str, Any]:
    return {**json.loads((KEPT / "trace-1-refused.json").read_bytes()), **changes}


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (b"", "is not JSON"),
        (b"\xff\xfe{}", "is not JSON"),
        ('{"format": "\ud800"}', "cannot be written as JSON"),
        ("[]", "is not a trace"),
        ('{"format": "har"}', "is not a trace"),
        (b"[" * 100_000, "nested too deeply"),
        (b" " * (LARGEST + 1), "larger than 16 MB"),
        ("ä" * (LARGEST // 2 + 1), "larger than 16 MB"),
        (_changed(version=3), "this one says 3"),
        (_changed(version=True), "this one says True"),
        (_changed(version="1"), "this one says 1"),
        (_changed(version=0), "this one says 0"),
        (_changed(version=None), "this one says None"),
        (
            _changed(version=2),
            "as version 2 describes it: Object missing required field `code` - at `$.calls[0].decisions[0]`",
        ),
        (_changed(version=2, calls=[]), "Object missing required field `$schema`"),
        (_changed(calls=None), "version 1 describes it: Expected `array`, got `null` - at `$.calls`"),
        (_changed(calls=[7]), "Expected `object`, got `int` - at `$.calls[0]`"),
        (_changed(calls=[{"decisions": [7]}]), "got `int` - at `$.calls[0].decisions[0]`"),
        (_changed(calls=[{}] * 10_001), "length <= 10000"),
        (_changed(outcome="won"), "Invalid enum value 'won' - at `$.outcome`"),
        (_changed(duration_ms=-1), "at `$.duration_ms`"),
        (_changed(created_at="yesterday"), "at `$.created_at`"),
        (_changed(created_at="2026-01-01T00:00:00"), "at `$.created_at`"),
        ({**_changed(), "run": uuid.UUID(int=1), "calls": object()}, "cannot be written as JSON"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_what_is_no_trace_is_refused_with_the_reason(document: Any, says: str) -> None:
    with pytest.raises(TraceError) as error:
        read_trace(document)
    assert says in str(error.value)
    assert len(str(error.value)) < 400


@pytest.mark.parametrize("code", ["login", "Login.audience", "login.audience ", "a." + "b" * 64, "login.audience.x"])
def test_a_code_of_another_form_is_refused_by_schema_and_reader(code: str) -> None:
    document = _changed(version=2, **{"$schema": ""})
    for call in document["calls"]:
        call["decisions"] = [{**entry, "code": code} for entry in call["decisions"]]
    assert complaints(document)
    with pytest.raises(TraceError):
        read_trace(document)


def test_members_of_a_later_version_2_are_left_alone() -> None:
    document = _changed(version=2, more={"new": 1}, **{"$schema": ""})
    for call in document["calls"]:
        call["decisions"] = [{**entry, "code": "pool.guest", "new": 1} for entry in call["decisions"]]
    assert complaints(document) == []
    assert read_trace(document).calls[0].decisions[0].code == "pool.guest"


def _mutated(value: Any, chance: random.Random) -> Any:
    """The value with one thing in it replaced by something of another kind."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        name = chance.choice(list(value))
        return {**value, name: _mutated(value[name], chance)}
    if isinstance(value, list) and value and chance.random() < 0.9:
        at = chance.randrange(len(value))
        return [*value[:at], _mutated(value[at], chance), *value[at + 1 :]]
    return chance.choice([None, 1, -1, 1.5, "", "x", True, [], ["x"], {}, {"x": 1}])


@pytest.mark.slow
def test_what_the_reader_takes_is_what_the_schema_describes(open_run: OpenRun) -> None:
    document, chance, taken = exported(run_all(run=open_run("basic"))), random.Random(4), 0  # noqa: S311 (not a secret)
    for _ in range(400):
        changed = _mutated(document, chance)
        try:
            read_trace(changed)
        except TraceError:
            continue
        if changed["version"] == 2:
            taken += 1
            assert complaints(changed) == []
    assert 10 < taken < 390
