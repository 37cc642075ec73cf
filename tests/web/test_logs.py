"""No log line holds a secret, whoever wrote it."""

import io
import json
import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from pytest_django import Settings

from cognitodemo.urls import urlpatterns as real_patterns
from web.logs import JsonFormatter, PlainFormatter

SECRET = "planted-V3ry-s3cret"
TOKEN = "eyJhbGciOiJSUzUxMiJ9.eyJzdWIiOiJwbGFudGVkIn0.c2lnbmF0dXJl"


def failing(request: HttpRequest) -> HttpResponse:
    """Fails as a careless library would: with the whole URL and a token in the exception's text."""
    logging.getLogger("library").warning("GET %s", request.build_absolute_uri())
    raise RuntimeError(f"cannot fetch https://idp.example/token?code={SECRET} for {TOKEN}")


urlpatterns = [path("failing/", failing), *real_patterns]


@pytest.fixture(params=[JsonFormatter, PlainFormatter])
def lines(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """Everything that is logged, as the site writes it in either format."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(request.param())
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


def test_planted_secrets_reach_no_log(settings: Settings, db: None, lines: io.StringIO) -> None:
    settings.ROOT_URLCONF = __name__
    client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {SECRET}"})
    client.cookies["other"] = SECRET

    client.get(f"/failing/?code={SECRET}&state={SECRET}")
    client.get("/accounts/sign-in/", {"next": f"/?token={SECRET}"})
    client.post("/accounts/sign-in/", {"username": "ana", "password": SECRET})
    client.get(f"/nowhere/?id_token={SECRET}")
    client.post(f"/accounts/sign-out/?{SECRET}={SECRET}", headers={"host": "evil.example"})

    text = lines.getvalue()
    assert "RuntimeError" in text
    assert "/failing/" in text
    assert SECRET not in text
    assert TOKEN not in text
    assert "c2lnbmF0dXJl" not in text


def test_a_request_is_one_line_of_facts(client: Client, db: None) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    logging.getLogger("lab.request").addHandler(handler)
    try:
        client.get("/runs/?outcome=refused")
    finally:
        logging.getLogger("lab.request").removeHandler(handler)

    (line,) = [json.loads(line) for line in written.getvalue().splitlines()]
    assert line | {"time": "", "ms": 0, "request": ""} == {
        "time": "",
        "request": "",
        "level": "INFO",
        "logger": "lab.request",
        "message": "GET /runs/ 200",
        "method": "GET",
        "path": "/runs/",
        "status": 200,
        "ms": 0,
        "user": None,
    }
    assert line["ms"] > 0


def test_a_runs_line_has_its_number_and_not_its_code(db: None, lines: io.StringIO) -> None:
    from tests.flows.history.conftest import browser, run_row

    run = run_row()
    run.save()
    browser().get(f"{run.get_absolute_url()}delete/")
    assert run.code not in lines.getvalue()
    assert "/runs/…/delete/" in lines.getvalue()


@pytest.mark.parametrize(
    ("message", "written"),
    [
        ("GET https://x.example/cb?code=1&state=2 HTTP/1.1", "GET https://x.example/cb?… HTTP/1.1"),
        ('"GET /a/?b=c" 200', '"GET /a/?…" 200'),
        ("is it there? yes = no", "is it there? yes = no"),
        (f"token {TOKEN}, refused", "token ⟨token⟩, refused"),
        ("GET /runs/AbCdEfGhIjKlMnOpQrStUvWx/calls/", "GET /runs/…/calls/"),
        ("GET /runs/?outcome=refused", "GET /runs/?…"),
    ],
)
def test_what_is_left_of_a_message(message: str, written: str) -> None:
    record = logging.LogRecord("some", logging.INFO, __file__, 1, "%s", (message,), None)
    assert json.loads(JsonFormatter().format(record))["message"] == written
    assert PlainFormatter("{message}", style="{").format(record) == written


def test_a_path_full_of_beginnings_of_tokens_is_read_once() -> None:
    record = logging.makeLogRecord({"msg": f"GET /{'eyJ-' * 100_000} {TOKEN}"})
    began = time.thread_time()
    assert "⟨token⟩" in JsonFormatter().format(record)
    assert time.thread_time() - began < 3


def test_values_that_json_does_not_know_are_cleaned_as_well() -> None:
    record = logging.LogRecord("some", logging.INFO, __file__, 1, "x", (), None)
    record.fields = {"error": ValueError(f"/cb?code={SECRET}")}
    line: dict[str, Any] = json.loads(JsonFormatter().format(record))
    assert line["error"] == "/cb?…"


@pytest.mark.parametrize("name", ["boto3", "botocore", "urllib3", "social", "saml2", "djangosaml2", "oauthlib"])
def test_libraries_that_print_bodies_never_reach_debug(name: str) -> None:
    assert logging.getLogger(name).getEffectiveLevel() >= logging.WARNING
    assert not logging.getLogger(f"{name}.deep.inside").isEnabledFor(logging.INFO)
