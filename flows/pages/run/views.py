"""One run: made, advanced, looked at from several sides, its credentials revealed and used."""

from typing import Any, Literal

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import Request
from flows import services
from flows.exchange.steps import FLOWS
from flows.models import Run
from flows.pages.run import wire
from flows.pages.run.call_list import call_list
from flows.pages.run.calls import PlanView, first_seen
from flows.pages.run.credentials import CredentialsView
from flows.pages.run.lookup import not_done, own_run, position_in, readable_run, sent_by_post
from flows.pages.run.parameters import ParametersForm
from flows.pages.run.present import Screen
from flows.pages.run.reasons import reasons
from flows.pages.run.run_view import EARLIER_VIEWS, VIEWS, RunView
from flows.pages.run.try_it import try_it
from flows.traces.har import har_of
from flows.traces.writing import trace_of
from lessons.sample_calls import SAMPLES
from web.logs import note
from web.ratelimit import limit_anonymous_runs


@never_cache
@require_safe
def run_detail(request: Request, code: str) -> HttpResponse:
    """The overview: how the run went, and which way to look at it."""
    run, reader = readable_run(request, code)
    return render_run(request, run, "overview", reader=reader)


@never_cache
@require_safe
def run_view(request: Request, code: str, view: str) -> HttpResponse:
    """One way to look at the run; a page of its own, with or without script."""
    if view in EARLIER_VIEWS:
        return _renamed(request, code, EARLIER_VIEWS[view])
    if view not in VIEWS:
        raise Http404(f"There is no view “{view}”.")
    run, reader = readable_run(request, code)
    return render_run(request, run, view, reader=reader)


@sent_by_post("calls")
@limit_anonymous_runs
def run_advance(request: Request, code: str) -> HttpResponse:
    """Send the call that the visitor was shown, with the values that the visitor set."""
    run = own_run(request, code)
    form = ParametersForm(request.POST, FLOWS[run.flow].editable if run.flow in FLOWS else ())
    position = request.POST.get("position", "")
    if not form.is_valid() or not position.isascii() or not position.isdigit() or len(position) > 4:
        return render_run(request, run, "calls", status=422, form=form)
    try:
        # A value that was emptied goes back to its default, so empty ones are handed on as well; what was left as it
        # was shown is no choice of the visitor's, and would be wrong in the next run (its identity is another).
        plan = services.run_preview(run=run)
        shown = {field.name: field.value for field in plan.editable} if plan else {}
        given = {name: form.cleaned_data[name] for name in form.editable_names if name in request.POST}
        sent = {name: value for name, value in given.items() if value != shown.get(name)}
        services.run_signed_in(run=run)
        call = services.run_advance(run=run, overrides=sent, position=int(position))
    except services.RunError as error:
        return not_done(request, error, "flows:run_view", code, "calls")
    return redirect(_at_call(run, "calls", call.position))


@sent_by_post("calls")
@limit_anonymous_runs
def run_finish(request: Request, code: str) -> HttpResponse:
    """“Run all”: make the calls that are left."""
    run = own_run(request, code)
    try:
        services.run_signed_in(run=run)
        services.run_all(run=run)
    except services.RunError as error:
        return not_done(request, error, "flows:run_view", code, "calls")
    return redirect("flows:run_view", code, "calls")


@sent_by_post()
def run_cancel(request: Request, code: str) -> HttpResponse:
    """End an open run where it stands; what was called stays recorded."""
    run = own_run(request, code)
    try:
        services.run_cancel(run=run)
    except services.RunError as error:
        return not_done(request, error, run)
    return redirect(run)


@never_cache
def run_reveal(request: Request, code: str) -> HttpResponse:
    """The credentials in clear, in the answer to this one POST and nowhere else; only for the owner."""
    if request.method != "POST":
        return redirect("flows:run_view", code, "credentials")
    run = own_run(request, code)
    secrets = services.run_credentials(run=run)
    note(request, revealed=run.pk if secrets else None)
    return render_run(request, run, "credentials", credentials=CredentialsView(run, secrets))


@limit_anonymous_runs
def run_use(request: Request, code: str) -> HttpResponse:
    """Make one of the sample calls with the run's credentials."""
    if request.method != "POST":
        return _renamed(request, code, EARLIER_VIEWS["use"])
    run = own_run(request, code)
    sample = SAMPLES.get(request.POST.get("sample", ""))
    if sample is None:
        raise Http404("There is no such sample call.")
    try:
        call = services.run_use(run=run, sample=sample)
    except services.RunError as error:
        return not_done(request, error, "flows:run_view", code, "try")
    return redirect(_at_call(run, "try", call.position))


@never_cache
@require_safe
def run_export(request: Request, code: str) -> HttpResponse:
    """The recorded trace as a file: redacted, like everything that is stored."""
    run, _ = readable_run(request, code)
    return exported(run)


@never_cache
@require_safe
def run_export_har(request: Request, code: str) -> HttpResponse:
    """The same calls as an HTTP archive, for developer tools."""
    run, _ = readable_run(request, code)
    return exported(run, "har")


# --- Rendering --------------------------------------------------------------------------------------------------------


def exported(run: Run, form: Literal["json", "har"] = "json") -> HttpResponse:
    """The run's trace as a file, or its calls as an HTTP archive."""
    document = har_of(run) if form == "har" else trace_of(run)
    headers = {"Content-Disposition": f'attachment; filename="run-{run.short_code}.{form}"'}
    return JsonResponse(document, json_dumps_params={"indent": 2, "ensure_ascii": False}, headers=headers)


def render_run(
    request: Request,
    run: Run,
    view: str,
    *,
    reader: services.RunReader | None = None,
    status: int = 200,
    **extra: Any,
) -> HttpResponse:
    """A run's page. `reader`: as what this person reads it, None for the owner; `view`: `overview` or one of VIEWS."""
    at_call = position_in(request)
    if request.GET.get("present") == "1":
        shown = RunView(run, reader=reader, at_call=at_call, in_room=True)
        return render(request, "flows/run_present.html", {"shown": shown, "run": run, "screen": Screen(shown)})
    shown = RunView(run, reader=reader, at_call=at_call)
    listed = call_list(shown.calls, at_call, request.GET)
    context: dict[str, Any] = {
        "area": "runs",
        "shown": shown,
        "run": run,
        "view": view,
        "views": shown.views,
        "view_label": VIEWS.get(view, "Overview"),
        "view_template": f"flows/run/{view}.html",
        "at_call": at_call,
        "list": listed,
        "raw": listed.raw,
    }
    context |= _details(request, shown, view) | extra
    return render(request, "flows/run.html", context, status=status)


def _details(request: Request, shown: RunView, view: str) -> dict[str, Any]:
    """What a single view needs beside the run itself."""
    run = shown.run
    if view in ("overview", "credentials"):
        in_vault = shown.own and services.run_credentials(run=run) is not None
        return {"credentials": CredentialsView(run), "in_vault": in_vault}
    if view == "try":
        in_vault = shown.own and services.run_credentials(run=run) is not None
        tried = try_it(shown.run, shown.uses, wanted=request.GET.get("sample", ""), at_call=shown.at_call)
        return {"try_it": tried, "in_vault": in_vault}
    if view == "calls" and shown.own and (plan := services.run_preview(run=run)):
        recorded = [call.row for call in shown.calls]
        return {"next": PlanView(plan, len(shown.exchange) + 1, first_seen(recorded), shown.setting_links)}
    if view == "why":
        return {"reasons": reasons(shown.after_sign_in)}
    if view == "json":
        return {"trace": wire.json_text(trace_of(run))}
    return {}


def _renamed(request: Request, code: str, view: str) -> HttpResponse:
    """From an address of before to the one of today, with its query; the browser keeps the fragment."""
    query = request.META.get("QUERY_STRING", "")
    return redirect(reverse("flows:run_view", args=[code, view]) + (f"?{query}" if query else ""))


def _at_call(run: Run, view: str, number: int) -> str:
    """The view's address with a call to go to: as a query for htmx, which loses fragments, and as a fragment."""
    return f"{reverse('flows:run_view', args=[run.code, view])}?call={number}#call-{number}"
