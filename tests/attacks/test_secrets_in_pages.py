"""A guest's run through the site: its secrets are in one answer, the one that the owner asked for, and nowhere else."""

import io
import logging
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from accounts.models import User
from flows.models import Run
from flows.services import run_credentials
from sandbox.testing import RunningSandbox
from tests.flows.run_views import SHOWN
from web.logs import JsonFormatter


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def run(client: Client, sandbox: RunningSandbox, db: None) -> Run:
    client.post("/runs/", {"flow": "basic", "provider": "guest", "pool": "lab", "pace": "all"})
    run = Run.objects.get()
    assert run.outcome == "succeeded"
    return run


def secrets_of(run: Run, sandbox: RunningSandbox) -> list[str]:
    """The credentials' two secrets, and the signature of the OpenID token as it went over the wire."""
    credentials = run_credentials(run=run)
    assert credentials
    form = next(request.body.decode() for request in sandbox.requests if b"WebIdentityToken=" in request.body)
    token = form.partition("WebIdentityToken=")[2].partition("&")[0]
    return [credentials.secret_access_key, credentials.session_token, token, token.rpartition(".")[2]]


def whole_database() -> str:
    """Every column of every table, as text."""
    tables = [model._meta.db_table for model in apps.get_models(include_auto_created=True)]
    rows: list[str] = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            rows += [str(row) for row in cursor.fetchall()]
    return "\n".join(rows)


def test_no_page_no_row_and_no_line_has_a_secret(
    client: Client, sandbox: RunningSandbox, log: io.StringIO, run: Run
) -> None:
    secrets = secrets_of(run, sandbox)
    pages = {view: client.get(f"{run.get_absolute_url()}{view}") for view in SHOWN}
    pages["/runs/"] = client.get("/runs/")
    administrator = Client()
    administrator.force_login(User.objects.create_superuser("root"))
    for path in (
        f"run/{run.pk}/change/",
        "run/",
        "apicall/",
        *(f"apicall/{call.pk}/change/" for call in run.calls.all()),
    ):
        pages[path] = administrator.get(f"/admin/flows/{path}")

    assert {path: page.status_code for path, page in pages.items()} == dict.fromkeys(pages, 200)
    places = {path: page.content.decode() for path, page in pages.items()}
    places |= {f"headers of {path}": str(page.headers) for path, page in pages.items()}
    places |= {"database": whole_database(), "log": log.getvalue()}
    assert [(place, secret[:6]) for place, text in places.items() for secret in secrets if secret in text] == []
    assert run.access_key_id in places["credentials/"]


def test_the_owner_may_see_them_and_no_cache_may_keep_them(
    client: Client, sandbox: RunningSandbox, log: io.StringIO, run: Run
) -> None:
    shown = client.post(f"{run.get_absolute_url()}reveal/")
    for secret in secrets_of(run, sandbox)[:2]:
        assert secret in shown.content.decode()
        assert secret not in log.getvalue()
    assert "no-store" in shown["Cache-Control"]


@pytest.mark.slow
def test_whatever_shows_a_run_is_not_stored(client: Client, run: Run) -> None:
    for view in SHOWN:
        control = client.get(f"{run.get_absolute_url()}{view}")["Cache-Control"]
        assert "no-store" in control or view in (
            "export.json",
            "export.har",
            "?present=1",
            "calls/?raw=1",
            "delete/",
        ), view
        assert "private" in control, view


@pytest.mark.slow
def test_nobody_else_reveals_or_uses_them(client: Client, run: Run) -> None:
    stranger, account = Client(), Client()
    account.force_login(User.objects.create_user("bo"))
    for other in (stranger, account):
        for action in ("reveal/", "use/", "advance/", "finish/", "delete/"):
            assert other.post(f"{run.get_absolute_url()}{action}").status_code == 404, action
        for view in SHOWN:
            assert other.get(f"{run.get_absolute_url()}{view}").status_code == 404, view
