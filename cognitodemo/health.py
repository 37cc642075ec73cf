"""Is the process alive, and can it serve? For probes, which know no cookies and call by address."""

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare

import httpget
from web.proxies import is_loopback

SANDBOX_TIMEOUT = 2  # seconds
_LARGEST = 64 * 1024


def live(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers. Looks at nothing else: a restart does not mend a database."""
    return _answer({"process": "ok"})


def ready(request: HttpRequest) -> HttpResponse:
    """200 when the database is there and up to date and, in sandbox mode, the sandbox answers; else 503.

    Which of them it is hears who asks from this machine, or has METRICS_TOKEN: an installation's parts are nobody
    else's business.
    """
    checks = {"database": _database()}
    if settings.APP_MODE == "sandbox":
        checks["sandbox"] = sandbox()
    return _answer(checks, told=_is_told(request))


PATHS = {"/healthz": live, "/readyz": ready}


def has_token(request: HttpRequest) -> bool:
    """Whether whoever asks has METRICS_TOKEN, as a bearer (RFC 6750 section 2.1); nobody has where it is not set."""
    given = request.headers.get("Authorization", "")
    return bool(settings.METRICS_TOKEN) and constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}")


def _is_told(request: HttpRequest) -> bool:
    return has_token(request) or is_loopback(request.META.get("REMOTE_ADDR", ""))


def _answer(checks: dict[str, str], *, told: bool = True) -> HttpResponse:
    fine = set(checks.values()) == {"ok"}
    parts = checks if told else {}
    response = JsonResponse({"status": "ok" if fine else "unavailable", **parts}, status=200 if fine else 503)
    response["Cache-Control"] = "no-store"
    return response


def _database() -> str:
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "no answer"
    return "migrations are missing" if pending else "ok"


def sandbox() -> str:
    """`ok` where the sandbox answers, else `no answer`."""
    try:
        answer = httpget.get(f"{settings.AWS_ENDPOINT}/_sandbox/health", seconds=SANDBOX_TIMEOUT, largest=_LARGEST)
    except httpget.NoAnswer:
        return "no answer"
    return "ok" if answer.status == 200 else "no answer"
