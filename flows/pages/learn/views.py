"""The pages to read: the flows side by side, and one page for each operation."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import Request
from flows.exchange.steps import FLOWS
from flows.pages.learn.reference import UnknownOperation, reference
from lessons.flow_differences import DIFFERENCES
from lessons.glossary import GLOSSARY
from lessons.operations import OPERATIONS


@require_safe
def learn_flows(request: Request) -> HttpResponse:
    context = {
        "area": "learn",
        "operations": list(OPERATIONS),
        "enhanced": [step.operation for step in FLOWS["enhanced"].steps],
        "basic": [step.operation for step in FLOWS["basic"].steps],
        "differences": DIFFERENCES,
        "glossary": GLOSSARY,
    }
    return render(request, "flows/learn_flows.html", context)


@require_safe
def learn_api(request: Request, operation: str) -> HttpResponse:
    """One operation: a page of its own, or, for htmx, the panel beside the comparison."""
    try:
        page = reference(operation)
    except UnknownOperation as unknown:
        raise Http404(f"There is no reference page for {operation}.") from unknown
    context = {
        "area": "learn",
        "operations": list(OPERATIONS),
        "reference": page,
        "flows": [flow for flow in FLOWS.values() if operation in (step.operation for step in flow.steps)],
    }
    return render(request, "flows/_reference.html" if request.htmx else "flows/learn_api.html", context)
