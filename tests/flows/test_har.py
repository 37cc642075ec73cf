"""A run as an HTTP archive."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft6Validator
from playwright.sync_api import BrowserContext
from referencing import Registry, Resource

from flows.models import ApiCall, Run
from flows.services import run_all, run_share, run_use
from flows.traces.har import har_of
from lessons.sample_calls import SAMPLES, samples_for
from tests import ROOT
from tests.flows.har_schema import complaints
from tests.flows.history.conftest import MakeRun, browser, call_row, make_run, run_row

__all__ = ["make_run"]

_REFERENCE = ROOT / "tests" / "journeys" / "node" / "node_modules" / "har-schema" / "lib"


def archive(run: Run) -> dict[str, Any]:
    """As a file has it."""
    return dict(json.loads(json.dumps(har_of(run), ensure_ascii=False)))


def entries(run: Run) -> list[dict[str, Any]]:
    found = archive(run)
    assert complaints(found) == []
    return list(found["log"]["entries"])


def test_an_exchange_is_an_archive_with_an_entry_for_each_call(open_run: Callable[..., Run]) -> None:
    run = run_all(run=open_run("basic"))
    found = entries(run)
    assert [entry["_operation"] for entry in found] == [call.operation for call in run.calls.all()]
    first, _, last = found
    assert (first["request"]["method"], first["response"]["status"]) == ("POST", 200)
    assert json.loads(first["response"]["content"]["text"])["IdentityId"] == run.identity_id
    assert "WebIdentityToken=‹OpenID token" in last["request"]["postData"]["text"]
    assert "decisions" not in json.dumps(first["request"])
    assert [entry["code"] for entry in first["_decisions"]] == ["pool.exists", "pool.guest", "identity.created"]


def test_what_safari_asks_of_an_archive_is_there(open_run: Callable[..., Run]) -> None:
    """Web Inspector imports version 1.2 alone, which has a page with a time, and reads these of each entry.

    https://github.com/WebKit/WebKit: NetworkManager.processHAR and LocalResource.fromHAREntry in Source/WebInspectorUI.
    """
    log = archive(run_all(run=open_run("basic", pool="no-classic")))["log"]
    assert log["version"] == "1.2"
    began = datetime.fromisoformat(log["pages"][0]["startedDateTime"])
    for entry in log["entries"]:
        assert datetime.fromisoformat(entry["startedDateTime"]) >= began
        request, response = entry["request"], entry["response"]
        assert {type(header["value"]) for header in request["headers"] + response["headers"]} == {str}
        assert (request["method"], type(request["postData"]["text"])) == ("POST", str)
        assert response["content"]["mimeType"] == "application/x-amz-json-1.1"
        assert min(entry["timings"][part] for part in ("send", "wait", "receive")) >= 0


def test_each_attempt_has_an_entry_and_what_got_no_answer_has_a_response(db: None) -> None:
    run = run_row()
    run.save()
    attempts = [
        {"number": 1, "status": 503, "duration_ms": 3.5, "request_id": "r1", "error": "Slow", "message": "down"},
        {
            "number": 2,
            "status": None,
            "duration_ms": None,
            "request_id": "",
            "error": "ReadTimeoutError",
            "message": "",
        },
    ]
    call = call_row(run, 1, state=ApiCall.State.UNANSWERED, status=None, attempts=attempts)
    call.url, call.method = "https://h/?a=‹ID token · ea5f·48›&b=%20x", "GET"
    call.request_headers = {"X": "‹ID token · ea5f·48› ü"}
    call.save()
    never = call_row(run, 2, state=ApiCall.State.NOT_SENT, status=None, error_code="ParamValidationError")
    never.save()
    first, second, third = entries(run)
    assert [entry["_attempt"] for entry in (first, second, third)] == [1, 2, 1]
    assert (first["response"]["status"], first["response"]["_error"], first["time"]) == (503, "Slow: down", 3.5)
    assert (second["response"]["status"], second["response"]["_error"]) == (0, "ReadTimeoutError")
    assert first["request"]["queryString"][1] == {"name": "b", "value": " x"}
    assert first["request"]["headers"] == [{"name": "X", "value": "<ID token . ea5f.48> ?"}]
    assert third["comment"].startswith("Not sent")
    assert third["request"]["url"] == "https://cognito-identity.us-east-1.amazonaws.com/"


def test_it_is_downloaded_by_its_owner_and_by_whoever_has_the_link(make_run: Callable[..., Run]) -> None:
    run = make_run()
    answer = browser().get(f"{run.get_absolute_url()}export.har")
    assert answer["Content-Disposition"] == f'attachment; filename="run-{run.short_code}.har"'
    assert len(answer.json()["log"]["entries"]) == run.calls.count()
    assert Client().get(f"{run.get_absolute_url()}export.har").status_code == 404
    token = run_share(run=run)
    assert f"/shared/{token}/export.har" in Client().get(f"/shared/{token}/").content.decode()
    assert Client().get(f"/shared/{token}/export.har").json() == answer.json()


@pytest.mark.slow
@pytest.mark.skipif(not _REFERENCE.exists(), reason="scripts/verify brings the schema")
def test_the_schema_that_readers_of_archives_share_takes_it(open_run: Callable[..., Run], make_run: MakeRun) -> None:
    """har-schema, by which har-validator, Postman, Insomnia and others read archives."""
    used = run_all(run=open_run("basic"))
    for key in ("list-bucket", "read-object", "write-object"):
        run_use(run=used, sample=SAMPLES[key])
    silent = make_run(calls=1)
    silent.calls.update(state=ApiCall.State.UNANSWERED, status=None, url="http://127.0.0.1:1/", method="POST")
    schemas = [Resource.from_contents(json.loads(file.read_text())) for file in _REFERENCE.glob("*.json")]
    registry: Registry[Any] = Registry().with_resources((resource.id() or "", resource) for resource in schemas)
    validator = Draft6Validator({"$ref": "har.json"}, registry=registry, format_checker=Draft6Validator.FORMAT_CHECKER)
    for run in (used, run_all(run=open_run("basic", pool="no-classic")), silent):
        assert [error.message for error in validator.iter_errors(archive(run))] == []
    broken = archive(used)
    del broken["log"]["entries"][0]["response"]
    assert not validator.is_valid(broken), "it looks at entries"


@pytest.mark.slow
@pytest.mark.browser
def test_playwright_answers_from_it(open_run: Callable[..., Run], context: BrowserContext, tmp_path: Path) -> None:
    """A page sends the recorded request, and gets the recorded answer from the file."""
    run = run_all(run=open_run())
    for key in ("list-bucket", "read-object", "scan-table", "write-object", "read-parameter"):
        run_use(run=run, sample=SAMPLES[key])
    file = tmp_path / "run.har"
    file.write_text(json.dumps(har_of(run), ensure_ascii=False))
    call = run.calls.get(operation="GetId")
    context.route_from_har(file, not_found="abort")
    context.route("https://app.example/", lambda route: route.fulfill(body="<h1>app</h1>", content_type="text/html"))
    page = context.new_page()
    page.goto("https://app.example/")
    answer = page.evaluate(
        "([url, body, headers]) => fetch(url, {method: 'POST', body, headers}).then(answer => answer.text())",
        [call.url, call.request_body, {"Content-Type": "text/plain"}],
    )
    assert json.loads(answer) == {"IdentityId": run.identity_id}


@pytest.mark.slow
def test_calls_with_the_credentials_are_in_it(open_run: Callable[..., Run]) -> None:
    run = run_all(run=open_run())
    for key in samples_for(run.access):
        run_use(run=run, sample=SAMPLES[key])
    found = entries(run)
    assert len(found) == sum(max(1, len(call.attempts)) for call in run.calls.all())
    assert {entry["_kind"] for entry in found} == {"exchange", "use"}
