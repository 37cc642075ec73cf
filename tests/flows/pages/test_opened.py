"""An exported run is opened from its file, and nothing of it is kept."""

import json
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from flows.models import ApiCall, Note, Run
from flows.services import run_all
from flows.traces import TraceError, read_trace
from flows.traces.writing import trace_of

pytestmark = pytest.mark.django_db


def upload(content: bytes) -> dict[str, SimpleUploadedFile]:
    return {"file": SimpleUploadedFile("run.json", content, content_type="application/json")}


def exported(run: Run) -> bytes:
    return json.dumps(trace_of(run)).encode()


def test_it_is_shown_as_it_was_and_kept_nowhere(client: Client, open_run: Callable[..., Run]) -> None:
    run = run_all(run=open_run("basic", pool="no-classic"))
    file = exported(run)
    Note.objects.create(run=run, text="Of the run that has this number here.")
    message, code = run.error_message, run.short_code
    run.delete()
    runs, calls = Run.objects.count(), ApiCall.objects.count()
    page = client.post("/open/", upload(file)).content.decode()
    assert f"run {code} from a file, kept nowhere" in page
    assert message in page
    assert page.count('class="call ') == 2
    assert page.count('class="call-body"') == 2
    assert "Of the run that has this number here." not in page
    assert (Run.objects.count(), ApiCall.objects.count()) == (runs, calls)


@pytest.mark.parametrize("content", [b"{}", b"[", b'{"format": "identity-pools-lab/run", "version": 9}', b"\xff\xfe"])
def test_what_is_no_trace_is_refused_at_its_field_with_the_reason(client: Client, content: bytes) -> None:
    answer = client.post("/open/", upload(content))
    with pytest.raises(TraceError) as problem:
        read_trace(content)
    assert answer.status_code == 422
    assert str(problem.value).partition(":")[0] in answer.content.decode()


def test_what_somebody_wrote_into_the_file_is_no_markup(client: Client, open_run: Callable[..., Run]) -> None:
    run = run_all(run=open_run("enhanced"))
    file = (
        exported(run)
        .replace(b"LabGuest", b"<script>alert(1)</script>")
        .replace(run.identity_id.encode(), b"<img src=x onerror=alert(1)>")
    )
    page = client.post("/open/", upload(file)).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def _deep(levels: int) -> object:
    value: object = "x"
    for _ in range(levels):
        value = {"a": [value]}
    return value


@pytest.mark.parametrize(
    "changed",
    [
        {"created_at": "0001-01-01T00:00:00+14:00"},
        {"finished_at": "9999-12-31T23:59:59-12:00"},
        {"calls": {"url": "http://["}},
        {"calls": {"request_params": _deep(50)}},
        {"calls": {"response_params": _deep(400)}},
    ],
    ids=str,
)
def test_what_no_page_could_show_is_refused(
    client: Client, open_run: Callable[..., Run], changed: dict[str, object]
) -> None:
    trace = trace_of(run_all(run=open_run("enhanced")))
    if isinstance(of_call := changed.get("calls"), dict):
        trace["calls"][0] |= of_call
    else:
        trace |= changed
    answer = client.post("/open/", upload(json.dumps(trace).encode()))
    assert answer.status_code == 422


@pytest.mark.parametrize("part", ["calls", "params", "tokens"])
def test_a_run_that_no_page_holds_is_refused(client: Client, open_run: Callable[..., Run], part: str) -> None:
    """Anybody can write a file, and a page of thousands of calls takes a processor for long."""
    trace = trace_of(run_all(run=open_run("enhanced")))
    call = trace["calls"][0]
    if part == "calls":
        trace["calls"] = [{**call, "position": number, "response_headers": {}} for number in range(1, 302)]
    elif part == "params":
        call["request_params"] = {"Logins": {str(number): "x" for number in range(10_000)}}
    else:
        token = {"where": "", "kind": "", "fingerprint": "", "header": {}, "claims": {}, "verified": False}
        call["tokens"] = [token] * 2000
    answer = client.post("/open/", upload(json.dumps(trace).encode()))
    assert answer.status_code == 422
    assert "too long for one page" in answer.content.decode()


def test_a_file_has_no_service_looked_up_but_those_that_runs_call(client: Client, open_run: Callable[..., Run]) -> None:
    trace = trace_of(run_all(run=open_run("enhanced")))
    trace["calls"][0] |= {"service": "ec2", "operation": "DescribeInstances"}
    page = client.post("/open/", upload(json.dumps(trace).encode())).content.decode()
    assert "describe-instances" not in page
    assert "get-credentials-for-identity" in page
