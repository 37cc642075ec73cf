"""My runs: the list, its filters, and deleting one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import Request
from accounts.names import name_people
from flows import services
from flows.models import Outcome, Run, RunQuerySet
from flows.pages.charts import NEWEST, Sampled, charts, newest
from flows.pages.history.filters import NOT_OVER, UNFINISHED, HistoryForm, ReviewerForm
from flows.pages.history.pagination import (
    LOOKED_THROUGH,
    Cursor,
    HistoryPage,
    history_page,
    last_looked_at,
    looked_at,
)
from flows.pages.history.row import HistoryRow, rows_of
from flows.pages.history.search import runs_found, searched
from flows.services import elsewhere
from web.logs import note

_FEWEST_DRAWN = 5  # a chart of fewer runs says less than their rows
_UNFINISHED_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Chip:
    """An outcome to choose, with how many of the newest runs have it."""

    label: str
    count: int
    url: str
    current: bool


@require_safe
def run_list(request: Request) -> HttpResponse:
    """The visitor's runs, newest first; a reviewer may ask for everybody's. For htmx, only the table."""
    services.runs_interrupt()
    elsewhere.bring_in(request.owner)
    reviewer = request.user.has_perm("flows.review_run")
    form = ReviewerForm(request.GET) if reviewer else HistoryForm(request.GET)
    before, after = Cursor.parse(request.GET.get("before", "")), Cursor.parse(request.GET.get("after", ""))
    # What is looked through is found by an index alone, which does not know whether a run is a probe.
    everything = form.among(_runs_of(request, form))
    among = everything if form.is_picky else None
    fitting = form.selected(everything if form.is_about_others else everything.by_people())
    recent = looked_at(fitting, last_looked_at(among))
    words_in = searched(recent, form.term)
    if form.term:
        fitting = recent = runs_found(fitting, form.term, recent=recent)
        among = None
    counted = newest(recent)
    if among is not None and not before and not after and len(counted) < NEWEST:
        # These are all that the page can show: it need not look for them once more.
        fitting = fitting.filter(pk__in=[run.pk for run in counted])
    page = history_page(form.of_outcome(fitting), among=among, before=before, after=after)
    if form.is_about_others:
        name_people(run.user for run in page.runs)
    # An address without the fields that were left empty, so that people can read it and pass it on.
    chosen = {name: request.GET[name] for name in form.fields if request.GET.get(name)}
    context = {
        "area": "runs",
        "form": form,
        "filtered": bool(chosen),
        "rows": rows_of(page.runs),
        "chips": _chips(counted, chosen),
        "counted_newest": NEWEST if len(counted) == NEWEST else 0,
        "words_in": words_in,
        "stopped": page.stopped,
        "looked_through": LOOKED_THROUGH,
        "charts": charts(counted) if len(counted) >= _FEWEST_DRAWN else None,
        "unfinished": _unfinished(counted, chosen),
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
        # Looked up beside them: where it expects one run to fit, a database reads all accounts for each that does.
        return Run.objects.prefetch_related("user")
    return Run.objects.owned_by(request.owner)


def _chips(counted: Sequence[Sampled], chosen: dict[str, str]) -> list[Chip]:
    """All, and each outcome that occurs. They keep the other filters."""
    counts = Counter(UNFINISHED if run.outcome in NOT_OVER else run.outcome for run in counted)
    counts[""] = counts.total() - counts[UNFINISHED]
    others = {name: value for name, value in chosen.items() if name != "outcome"}
    now = chosen.get("outcome", "")
    chips = []
    for value, label in (("", "All"), *Outcome.choices, (UNFINISHED, "Unfinished")):
        if not value or counts[value] or now == value:
            address = _address(others | ({"outcome": value} if value else {}))
            chips.append(Chip(label, counts[value], address, current=now == value))
    return chips


def _unfinished(counted: Sequence[Sampled], chosen: dict[str, str]) -> list[HistoryRow]:
    """The newest runs that wait for somebody to go on: folded, above the others."""
    waiting = [run.pk for run in counted if run.outcome in NOT_OVER][:_UNFINISHED_SHOWN]
    if not waiting or chosen.get("outcome"):
        return []
    # By their keys and in no order: to have them in that of the history, SQLite would read all runs of the person.
    runs = list(Run.objects.filter(pk__in=waiting).select_related("user").order_by())
    runs.sort(key=lambda run: waiting.index(run.pk))
    name_people(run.user for run in runs)
    return rows_of(runs)


def _neighbours(page: HistoryPage, chosen: dict[str, str]) -> dict[str, str]:
    return {
        "newer_url": _address(chosen | {"after": str(page.newer)}) if page.newer else "",
        "older_url": _address(chosen | {"before": str(page.older)}) if page.older else "",
    }


def _address(query: dict[str, str]) -> str:
    address = reverse("flows:run_list")
    return f"{address}?{urlencode(query)}" if query else address
