"""Is the process alive, and can it serve? For probes, which know no cookies and call by address."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare

from operations import parts
from web.proxies import is_loopback


def live(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers. Looks at nothing else: a restart does not mend a database."""
    return _answer({"process": "ok"})


def ready(request: HttpRequest) -> HttpResponse:
    """200 when the database is there and up to date and, in sandbox mode, the sandbox answers; else 503.

    Which of them it is hears who asks from this machine, or has METRICS_TOKEN: an installation's parts are nobody
    else's business.
    """
    checks = {"database": parts.database()}
    if settings.APP_MODE == "sandbox":
        checks["sandbox"] = parts.sandbox()
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
    shown = checks if told else {}
    response = JsonResponse({"status": "ok" if fine else "unavailable", **shown}, status=200 if fine else 503)
    response["Cache-Control"] = "no-store"
    return response
