"""The pages to read: the flows side by side, which of them to use, providers, SDKs, words, and each operation."""

import re
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import Request
from flows.exchange.steps import FLOWS
from flows.pages.learn.recorded import recorded_call
from flows.pages.learn.reference import UnknownOperation, reference
from lessons.errors import ERRORS
from lessons.flow_choice import QUESTIONS, advice
from lessons.flow_differences import DIFFERENCES, IN_SHORT, TRADE_OFFS, VOUCHING, VOUCHING_OPERATION
from lessons.glossary import GLOSSARY
from lessons.guests import WHAT_A_GUEST_IS
from lessons.operations import OPERATIONS
from lessons.sdk_credentials import SDKS
from lessons.ways_to_sign_in import CHECKED, WAYS
from providers.registry import PROVIDERS
from redaction.tokens import ARTIFACTS


def _page(request: Request, name: str, **context: Any) -> HttpResponse:
    return render(request, f"flows/learn_{name}.html", {"area": "learn", "learn": name, **context})


@require_safe
def learn_flows(request: Request) -> HttpResponse:
    return _page(
        request,
        "flows",
        operations=list(OPERATIONS),
        enhanced=[step.operation for step in FLOWS["enhanced"].steps],
        basic=[step.operation for step in FLOWS["basic"].steps],
        in_short=IN_SHORT,
        differences=DIFFERENCES,
        trade_offs=TRADE_OFFS,
        guest=WHAT_A_GUEST_IS,
        vouching=VOUCHING,
        vouching_operation=VOUCHING_OPERATION,
    )


@require_safe
def learn_which(request: Request) -> HttpResponse:
    """Four questions, and once they are answered what follows. The answers are in the address."""
    asked = bool(QUESTIONS[0].key in request.GET)
    questions = [(question, question.answer(request.GET.get(question.key, ""))) for question in QUESTIONS]
    found = advice(request.GET.dict()) if asked else None
    return _page(request, "which", questions=questions, asked=asked, advice=found)


@require_safe
def learn_providers(request: Request) -> HttpResponse:
    """Each way to come to a pool in short, and all providers in a table."""
    table = [
        {
            "provider": provider,
            "artifact": ARTIFACTS.get(provider.artifact_kind, ""),
            "checked": CHECKED[provider.artifact_kind],
        }
        for provider in PROVIDERS.values()
    ]
    return _page(request, "providers", ways=WAYS, table=table)


@require_safe
def learn_sdks(request: Request) -> HttpResponse:
    """What gets and renews the credentials in each SDK."""
    return _page(request, "sdks", sdks=SDKS)


@require_safe
def learn_words(request: Request) -> HttpResponse:
    """All words that are explained."""
    return _page(request, "words", glossary=GLOSSARY)


@never_cache
@require_safe
def learn_api(request: Request, operation: str) -> HttpResponse:
    """One operation: a page of its own, or, for htmx, the panel beside the comparison.

    Beside its members stands a call that was recorded: the newest of this person's own, else one that was recorded for
    this page.
    """
    try:
        page = reference(operation)
    except UnknownOperation as unknown:
        raise Http404(f"There is no reference page for {operation}.") from unknown
    context = {
        "reference": page,
        "operations": list(OPERATIONS),
        "flows": [flow for flow in FLOWS.values() if operation in (step.operation for step in flow.steps)],
        "errors": [error for error in ERRORS if operation in re.findall(r"\w+", error.operations)],
    }
    if request.htmx:
        return render(request, "flows/_reference.html", context)
    asked = urlencode({"service": page.lesson.service, "operation": operation})
    context["send_url"] = f"{reverse('flows:send_call')}?{asked}"
    return _page(request, "api", recorded=recorded_call(request.owner, operation), **context)
