"""Two runs beside each other, for the person whose they are."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import Request
from flows.models import Run
from flows.pages.compare.choices import Side
from flows.pages.compare.comparison import Comparison
from flows.pages.compare.presets import compare_url, offered, presets
from flows.pages.run.lookup import own_run
from flows.pages.run.run_view import RunView

_MOST = 10  # runs of a list that are looked up


@never_cache
@require_safe
def compare(request: Request) -> HttpResponse:
    """`?a=CODE&b=CODE`: what differs. With one of them, or none, the choice of the other.

    A list with a checkbox at each run sends `?run=CODE&run=CODE`: the earlier one is then A.
    """
    a, b, *more = [*_asked(request), None, None]
    context: dict[str, Any] = {"area": "runs", "a": a, "b": b}
    if a is None or b is None or a == b or any(more):
        context["twice"] = a is not None and a == b
        context["too_many"] = any(more)
        context["offered"] = offered(request.owner)
        context["chosen"] = a
        context["first"] = RunView(a) if a else None
        context["presets"] = presets(a) if a else []
        return render(request, "flows/compare_choose.html", context)
    context["compared"] = Comparison(Side("A", RunView(a)), Side("B", RunView(b)))
    context["passed_over"] = request.GET.get("new") == "1"
    context["here"] = compare_url(a, b)
    context["swapped"] = compare_url(b, a)
    context["presets"] = [preset for preset in presets(b) if preset.found and preset.href != compare_url(a, b)]
    return render(request, "flows/compare.html", context)


def _asked(request: Request) -> list[Run]:
    """The runs that the address names. Raises Http404 where one is somebody else's, or is none."""
    codes = [request.GET.get(name, "").strip() for name in ("a", "b")]
    named = [own_run(request, code) for code in codes if code]
    ticked = [own_run(request, code) for code in request.GET.getlist("run")[:_MOST] if code]
    return named or sorted(ticked, key=lambda run: run.pk)
