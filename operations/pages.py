"""The setup page: what `manage.py doctor` says, for those who run this site."""

from itertools import groupby

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import Request
from operations.doctor.examination import CHECKS, examine


@never_cache
@require_safe
def setup(request: Request) -> HttpResponse:
    """All checks, made now; `?only=trust` one of them, `?format=json` as `manage.py doctor --json`.

    They name roles and policies of the account, so that they are shown to those who run the site.
    """
    if not request.user.is_authenticated:
        return redirect(f"{reverse('accounts:sign_in')}?next={request.path}")
    if not request.user.is_staff:
        raise PermissionDenied("The setup page is for people who run this site (staff).")
    only = [listed.name for listed in CHECKS if listed.name in request.GET.getlist("only")]
    report = examine(only=only, sandbox=settings.APP_MODE == "sandbox")
    if request.GET.get("format") == "json":
        return JsonResponse(report.as_json())
    sections = [(section, list(rows)) for section, rows in groupby(report.in_sections(), key=lambda row: row.section)]
    context = {"report": report, "sections": sections, "tone": ("ok", "warn", "no")[report.code]}
    return render(request, "operations/setup.html", context)
