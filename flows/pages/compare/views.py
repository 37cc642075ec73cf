"""Two runs beside each other, for the person whose they are; one of them may be somebody else's, shared by a link."""

import re
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import Request
from flows import services
from flows.models import Run
from flows.pages.compare.choices import Side
from flows.pages.compare.comparison import RunComparison
from flows.pages.compare.presets import compare_url, offered, presets
from flows.pages.run.lookup import own_run, shared_run
from flows.pages.run.run_view import RunView

_MOST = 10  # runs of a list that are looked up
_LINK = re.compile(r"(?:.*/shared/)?([\w-]{20,40})/?(?:[?#].*)?", re.DOTALL)
_ANYBODY = services.RunReader("somebody with the link")


@never_cache
@require_safe
def compare(request: Request) -> HttpResponse:
    """`?a=CODE&b=CODE`: what differs. With one of them, or none, the choice of the other.

    A list with a checkbox at each run sends `?run=CODE&run=CODE`: the earlier one is then A. `?a=CODE&shared=LINK`
    holds one's own run against one that somebody shared.
    """
    if link := request.GET.get("shared", "").strip():
        return _with_shared(request, link)
    a, b, *more = [*_asked(request), None, None]
    if a is None or b is None or a == b or any(more):
        return _choose(request, a, twice=a is not None and a == b, too_many=any(more))
    context: dict[str, Any] = {"a": a, "b": b, "here": compare_url(a, b), "swapped": compare_url(b, a)}
    context["presets"] = [preset for preset in presets(b) if preset.found and preset.href != compare_url(a, b)]
    return _compared(request, Side("A", RunView(a)), Side("B", RunView(b)), context)


def _with_shared(request: Request, link: str) -> HttpResponse:
    """One's own run is A. A whole link is taken as well as what it ends with, to which the address is shortened."""
    found = _LINK.fullmatch(link)
    if found is None:
        own = next(iter(_asked(request)), None)
        return _choose(request, own, wrong_link=True)
    if found[1] != link:
        return redirect(f"{reverse('flows:compare')}?{_query(request.GET.get('a', ''), found[1])}")
    shared = shared_run(request, link)
    if isinstance(shared, HttpResponse):
        return shared
    a = next(iter(_asked(request)), None)
    theirs = RunView(shared, reader=_ANYBODY, alone=True)
    if a is None or a == shared:
        return _without_trace(_choose(request, None, shared=theirs, link=link, twice=a == shared))
    context = {"a": a, "here": f"{reverse('flows:compare')}?{_query(a.code, link)}"}
    return _without_trace(_compared(request, Side("A", RunView(a)), Side("B", theirs, link), context))


def _choose(request: Request, a: Run | None, **context: Any) -> HttpResponse:
    context |= {
        "area": "runs",
        "offered": offered(request.owner),
        "chosen": a,
        "first": RunView(a) if a else None,
        "presets": presets(a) if a else [],
    }
    return render(request, "flows/compare_choose.html", context)


def _compared(request: Request, a: Side, b: Side, context: dict[str, Any]) -> HttpResponse:
    context |= {"area": "runs", "compared": RunComparison(a, b), "passed_over": request.GET.get("new") == "1"}
    return render(request, "flows/compare.html", context)


def _without_trace(response: HttpResponse) -> HttpResponse:
    """The address holds the right to read the run: no page that this one links to may learn it."""
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _query(code: str, link: str) -> str:
    return urlencode({**({"a": code} if code else {}), "shared": link})


def _asked(request: Request) -> list[Run]:
    """The runs that the address names. Raises Http404 where one is somebody else's, or is none."""
    codes = [request.GET.get(name, "").strip() for name in ("a", "b")]
    named = [own_run(request, code) for code in codes if code]
    ticked = [own_run(request, code) for code in request.GET.getlist("run")[:_MOST] if code]
    return named or sorted(ticked, key=lambda run: run.pk)
