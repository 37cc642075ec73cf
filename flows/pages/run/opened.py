"""A run from a file: the trace that somebody exported, shown as it was, and kept nowhere."""

from typing import Any

import msgspec
from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.http import Request
from flows.exchange.chosen_role import chosen_role_arn
from flows.models import ApiCall, Run
from flows.pages.run.sharing import shared_page
from flows.traces import Trace, TraceError, read_trace
from web.brought_files import LARGEST_TRACE, BroughtFile
from web.ratelimit import limit_pages

_MOST_CALLS = 300  # that one page shows, each with all that belongs to it
_MOST_VALUES = 10_000  # of parameters, headers, tokens and checks of all calls
_NO_ROW = 0  # the primary key of no run: nothing of anybody's can be found by it


class TraceFileForm(forms.Form):
    """The exported trace."""

    file = BroughtFile(
        label="The file",
        largest=LARGEST_TRACE,
        help_text="A run as “Export JSON” wrote it, here or on another site. It is shown once and kept nowhere.",
        error_messages={"required": "Choose the file."},
    )

    def clean_file(self) -> Trace:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        try:
            trace = read_trace(file.read())
        except TraceError as problem:
            raise forms.ValidationError(str(problem)) from None
        if len(trace.calls) > _MOST_CALLS or _has_more_values(msgspec.to_builtins(trace.calls), _MOST_VALUES):
            raise forms.ValidationError(
                f"The run is too long for one page, which shows {_MOST_CALLS} calls and {_MOST_VALUES:,} values."
            )
        return trace


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limit_pages
def run_open(request: Request) -> HttpResponse:
    """The form for the file, and the run that it holds."""
    form = TraceFileForm(request.POST, request.FILES) if request.method == "POST" else TraceFileForm()
    if form.is_bound and form.is_valid():
        trace: Trace = form.cleaned_data["file"]
        return shared_page(request, _run(trace), whole=True, shared_as=f"run {trace.run} from a file, kept nowhere")
    return render(request, "flows/run_open.html", {"area": "runs", "form": form}, status=422 if form.is_bound else 200)


def _has_more_values(content: Any, most: int) -> bool:
    """Whether more than `most` values stand in objects and lists, however deep."""
    met, left = 0, [content]
    while left and met <= most:
        parts = left.pop()
        parts = parts.values() if isinstance(parts, dict) else parts
        met += len(parts)
        left += [part for part in parts if isinstance(part, dict | list)]
    return met > most


def _run(trace: Trace) -> Run:
    """The trace as rows that are never saved."""
    fields = msgspec.structs.asdict(trace)
    calls = fields.pop("calls")
    for name in ("schema", "format", "version", "run"):
        del fields[name]
    # In traces of earlier versions the role that the pool chose stands in the decisions alone.
    fields["role_arn"] = trace.role_arn or chosen_role_arn(
        msgspec.to_builtins(decision) for call in trace.calls for decision in call.decisions
    )
    run = Run(pk=_NO_ROW, **fields)
    rows = [ApiCall(run=run, started_at=trace.created_at, **msgspec.to_builtins(call)) for call in calls]
    run._prefetched_objects_cache = {"calls": rows}  # type: ignore[attr-defined]  # what prefetch_related fills
    return run
