"""Errors and their causes: all of them, one of them, and which one a pasted text is. What is pasted is kept nowhere."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import Request
from flows.models import Run
from flows.pages.run.calls import CallView, DecisionView, call_views
from flows.pages.run.lookup import position_in, readable_run
from lessons.errors import BY_SLUG, ERRORS, ErrorLesson, Ranked, errors_in, ranked

_LONGEST = 20_000  # characters of a pasted text


class PastedForm(forms.Form):
    """A message, a traceback, some lines of a log."""

    text = forms.CharField(
        label="Paste an error",
        help_text="A message, a traceback or some lines of a log. It is looked at once and kept nowhere.",
        max_length=_LONGEST,
        widget=forms.Textarea(attrs={"rows": 4, "class": "mono", "spellcheck": "false", "autocomplete": "off"}),
        error_messages={"required": "Paste the text of the error first."},
    )


@dataclass(frozen=True, slots=True)
class CauseView:
    """A cause with how it stands to a call. `decision`: the check of the call that tells it."""

    ranked: Ranked
    decision: DecisionView | None

    @property
    def tone(self) -> str:
        return {"matches": "is-no", "possible": "is-open", "ruled out": ""}[self.ranked.standing]

    @property
    def word(self) -> str:
        return {"matches": "this is it", "possible": "possible", "ruled out": "ruled out"}[self.ranked.standing]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def learn_errors(request: Request) -> HttpResponse:
    """All errors, and a search by a pasted text. The text is in the body of a POST, so that no log has it."""
    form = PastedForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"area": "learn", "groups": _by_code(), "form": form, "asked": False}
    if form.is_bound and form.is_valid():
        context |= {"asked": True, "found": errors_in(form.cleaned_data["text"]), "form": PastedForm()}
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "flows/learn_errors.html", context, status=status)


def _by_code() -> list[tuple[str, list[ErrorLesson]]]:
    """All errors by the code with which they mostly come, which stands first in what people paste; the most first."""
    found: dict[str, list[ErrorLesson]] = {}
    for lesson in ERRORS:
        found.setdefault(lesson.codes[0], []).append(lesson)
    return sorted(found.items(), key=lambda group: -len(group[1]))


@never_cache
@require_safe
def learn_error(request: Request, slug: str) -> HttpResponse:
    """One error. With `?run=CODE&call=2`, its causes ranked by what that call shows."""
    lesson = BY_SLUG.get(slug)
    if lesson is None:
        raise Http404(f"There is no page about an error “{slug}”.")
    code = request.GET.get("run", "")
    run = readable_run(request, code)[0] if code else None
    call = _call(run, position_in(request), lesson) if run else None
    context = {
        "area": "learn",
        "lesson": lesson,
        "run": run,
        "call": call,
        "in_sandbox": run is not None and run.mode == "sandbox",
        "causes": _causes(lesson, call),
    }
    return render(request, "flows/learn_error.html", context)


def _call(run: Run, position: int | None, lesson: ErrorLesson) -> CallView | None:
    """The call that the address names, if it ended with this error."""
    found = next((call for call in call_views(list(run.calls.all())) if call.row.position == position), None)
    return found if found and found.error == lesson else None


def _causes(lesson: ErrorLesson, call: CallView | None) -> list[CauseView]:
    if call is None:
        return [CauseView(each, None) for each in ranked(lesson, (), ())]
    by_code = {decision.code: decision for decision in reversed(call.decisions) if decision.code}
    return [CauseView(each, by_code.get(each.check)) for each in call.causes]
