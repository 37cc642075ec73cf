"""My runs: the list, its filters, and deleting one."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import Request
from flows import services
from flows.models import Run, RunQuerySet
from flows.pages.history.filters import HistoryForm, ReviewerForm
from flows.pages.history.pagination import Cursor, HistoryPage, history_page
from flows.pages.history.row import HistoryRow
from flows.services import elsewhere
from web.logs import note


@require_safe
def run_list(request: Request) -> HttpResponse:
    """The visitor's runs, newest first; a reviewer may ask for everybody's. For htmx, only the table."""
    services.runs_interrupt()
    elsewhere.bring_in(request.owner)
    reviewer = request.user.has_perm("flows.review_run")
    form = ReviewerForm(request.GET) if reviewer else HistoryForm(request.GET)
    before, after = Cursor.parse(request.GET.get("before", "")), Cursor.parse(request.GET.get("after", ""))
    page = history_page(form.selected(_runs_of(request, form)), before=before, after=after)
    # An address without the fields that were left empty, so that people can read it and pass it on.
    chosen = {name: request.GET[name] for name in form.fields if request.GET.get(name)}
    context = {
        "area": "runs",
        "form": form,
        "filtered": bool(chosen),
        "rows": [HistoryRow(run) for run in page.runs],
        "newest_url": _address(chosen) if before or after else "",
        **_neighbours(page, chosen),
    }
    if not request.htmx or request.htmx.history_restore_request:
        return render(request, "flows/history.html", context)
    response = render(request, "flows/_history_table.html", context)
    places = {name: str(place) for name, place in (("before", before), ("after", after)) if place}
    response["HX-Push-Url"] = _address(chosen | places)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def run_delete(request: Request, code: str) -> HttpResponse:
    """Ask, then delete. Only the owner may: a reviewer reads what others did, and leaves it standing."""
    run = get_object_or_404(Run.objects.owned_by(request.owner), code=code)
    note(request, run=run.pk)
    if request.method == "POST":
        try:
            services.run_delete(run=run)
        except services.RunBusy as busy:
            messages.error(request, str(busy))
            return redirect(run)
        messages.success(request, f"Run {run.short_code} and its calls are deleted.")
        return redirect("flows:run_list")
    return render(request, "flows/history_delete.html", {"area": "runs", "row": HistoryRow(run)})


def _runs_of(request: Request, form: HistoryForm) -> RunQuerySet:
    """Whose runs are looked at. Reviewers too begin with their own."""
    if form.is_about_others:
        return Run.objects.select_related("user")
    return Run.objects.owned_by(request.owner).by_people()


def _neighbours(page: HistoryPage, chosen: dict[str, str]) -> dict[str, str]:
    return {
        "newer_url": _address(chosen | {"after": str(page.newer)}) if page.newer else "",
        "older_url": _address(chosen | {"before": str(page.older)}) if page.older else "",
    }


def _address(query: dict[str, str]) -> str:
    address = reverse("flows:run_list")
    return f"{address}?{urlencode(query)}" if query else address
