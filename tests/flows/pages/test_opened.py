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
