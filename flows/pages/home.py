"""The front page."""

from dataclasses import dataclass
from itertools import groupby

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.http import Request
from accounts.owners import Owner
from flows.exchange.steps import FLOWS
from flows.models import ApiCall, Outcome, Run
from flows.pages.run.run_view import RunView
from flows.pages.sequence_diagram import flow_diagrams
from lessons.first_steps import FIRST_STEPS, FirstStep
from lessons.pool_kinds import POOL_KINDS, WHAT_AN_IDENTITY_POOL_DOES, WHY_BOTH

_LATEST = 200  # runs that are looked at: the page takes as long for somebody with a hundred thousand


@require_safe
def home(request: Request) -> HttpResponse:
    """A run by one click, what to try first, and the way on to the visitor's last run when there is one."""
    last = Run.objects.owned_by(request.owner).by_people().first()
    context = {
        "last_run": RunView(last) if last else None,
        "first_steps": first_steps(request.owner, last),
        "diagrams": {variant: flow_diagrams(FLOWS[variant]) for variant in ("enhanced", "basic")},
        "what_it_does": WHAT_AN_IDENTITY_POOL_DOES,
        "why_both": WHY_BOTH,
        "pool_kinds": POOL_KINDS,
    }
    return render(request, "flows/home.html", context)


@dataclass(frozen=True, slots=True)
class FirstStepView:
    """One thing to try: where it begins, and whether a run of the visitor's shows that it was done."""

    title: str
    text: str
    url: str
    done: bool


def first_steps(owner: Owner, last: Run | None) -> list[FirstStepView]:
    """The first steps that can be tried here. `last` is the visitor's newest run, if there is one."""
    traces = _traces(owner) if last else []
    return [
        FirstStepView(step.title, step.text, _url(step, last), any(map(step.is_shown_by, traces)))
        for step in FIRST_STEPS
        if settings.APP_MODE == "sandbox" or not step.sandbox_only
    ]


def _url(step: FirstStep, last: Run | None) -> str:
    if step.goes_on_from_last_run and last and last.outcome == Outcome.SUCCEEDED:
        return reverse("flows:run_view", args=[last.code, "try"])
    return f"{reverse('flows:demo')}?{step.start}"


@dataclass(frozen=True, slots=True)
class _Call:
    kind: str


@dataclass(frozen=True, slots=True)
class _Trace:
    """As much of a stored trace as the first steps look at."""

    access: str
    flow: str
    outcome: str
    calls: tuple[_Call, ...]


def _traces(owner: Owner) -> list[_Trace]:
    # Nobody counts as signed in by what our server refused, whatever an identity pool made of it.
    latest = Run.objects.owned_by(owner).by_people().filter(refused_here={})[:_LATEST]
    runs = list(latest.values_list("pk", "access", "flow", "outcome"))
    found = ApiCall.objects.filter(run__in=[pk for pk, *_ in runs]).order_by("run").values_list("run", "kind")
    calls = {pk: tuple(_Call(kind) for _, kind in kinds) for pk, kinds in groupby(found.distinct(), lambda row: row[0])}
    return [_Trace(access, flow, outcome, calls.get(pk, ())) for pk, access, flow, outcome in runs]
