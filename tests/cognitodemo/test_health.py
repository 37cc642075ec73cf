"""The probes."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from pytest_django import Settings


class _Healthy(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/_sandbox/health" else 404)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Nothing: the test's output is for what went wrong."""


@pytest.fixture
def endpoint(settings: Settings) -> Iterator[str]:
    """Something that answers as the sandbox's health address does, on a free port."""
    server = HTTPServer(("127.0.0.1", 0), _Healthy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.AWS_ENDPOINT = f"http://127.0.0.1:{server.server_port}"
    yield settings.AWS_ENDPOINT
    server.shutdown()
    server.server_close()


def test_a_live_process_says_so_without_a_database(client: Client) -> None:
    response = client.get("/healthz")  # no db fixture: a query would fail the test
    assert response.json() == {"status": "ok", "process": "ok"}
    assert not response.cookies


def test_a_probe_calls_by_address_and_without_tls(client: Client, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["lab.example.org"]
    assert client.get("/healthz", headers={"host": "10.0.0.7:8000"}).status_code == 200


def test_ready_when_database_and_sandbox_answer(client: Client, db: None, endpoint: str) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"status": "ok", "database": "ok", "sandbox": "ok"})
    assert response["Cache-Control"] == "no-store"


def test_not_ready_when_the_sandbox_is_gone(client: Client, db: None, settings: Settings) -> None:
    settings.AWS_ENDPOINT = "http://127.0.0.1:9"
    response = client.get("/readyz")
    assert (response.status_code, response.json()["sandbox"]) == (503, "no answer")


def test_not_ready_when_a_migration_is_missing(client: Client, db: None, endpoint: str) -> None:
    recorder = MigrationRecorder(connection)
    newest = max(name for app, name in recorder.applied_migrations() if app == "flows")
    recorder.record_unapplied("flows", newest)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["database"]) == (503, "migrations are missing")


def test_in_aws_mode_readiness_does_not_ask_aws(client: Client, db: None, settings: Settings) -> None:
    settings.APP_MODE = "aws"
    assert client.get("/readyz").json() == {"status": "ok", "database": "ok"}


def test_other_machines_hear_only_whether_all_is_well(client: Client, db: None, settings: Settings) -> None:
    settings.AWS_ENDPOINT = "http://127.0.0.1:9"
    settings.METRICS_TOKEN = "a-token-for-probes"
    client.defaults["REMOTE_ADDR"] = "192.0.2.7"
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (503, {"status": "unavailable"})
    told = client.get("/readyz", headers={"authorization": "Bearer a-token-for-probes"})
    assert told.json()["sandbox"] == "no answer"
    assert client.get("/readyz", headers={"authorization": "Bearer other"}).json() == response.json()
