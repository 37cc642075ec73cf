"""The list of exercises, one exercise, and what can be done there. Each finds its attempt by who asks."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.http import Request
from training.models import Attempt
from training.pages.exercises.shown import EntryView, ExerciseView, following
from training.services import attempts, beside, checking, room
from training.services.attempts import ExerciseEntry, Workplace, entries_for, entry_for, place_of
from training.services.errors import Refused
from training.services.presence import seen
from web.ratelimit import limit_anonymous_runs

_A_MOMENT = 0.5  # seconds that a page waits for probes before it shows that they are under way
# In the session, of the exercise that was looked at last: slug, title, its pool, and its pool in a second account.
IN_HAND = "training_exercise"


@never_cache
@require_safe
def exercise_list(request: Request) -> HttpResponse:
    """All of them, or those of the class, with how far one is."""
    place = place_of(request.owner)
    views = [EntryView(entry) for entry in entries_for(place)]
    solved = sum(view.word == "Solved" for view in views)
    context = {"area": "exercises", "entries": views, "place": place, "solved": solved}
    return render(request, "training/exercises/list.html", context)


@never_cache
@require_safe
def exercise_page(request: Request, slug: str) -> HttpResponse:
    """What is to be done, where, and how far one is."""
    if request.htmx.target == "checks" and attempts.is_being_probed(request.owner, slug):
        return HttpResponse(status=204)  # what a page asks that waits for probes: nothing is new
    place, entry = _entry(request, slug)
    seen(place.membership)
    view = ExerciseView(place, entry)
    if view.attempt is not None and place.is_open and not request.htmx.target:
        checking.attempt_catch_up(attempt=view.attempt)
    hand = [slug, view.exercise.title, view.pool_key, view.names.get("opponent_pool_key", "")]
    if view.attempt is not None and request.session.get(IN_HAND) != hand:
        request.session[IN_HAND] = hand
        attempts.attempt_take_up(attempt=view.attempt)
    context: dict[str, Any] = {"area": "exercises", "view": view, "place": place, "quota": settings.GET_ID_PER_SECOND}
    if view.is_solved:
        context["next"] = following(entries_for(place), slug)
    # The page that waits for probes takes nothing else from the answer than that they have ended.
    page = "_checks" if request.htmx.target == "checks" else "exercise"
    return render(request, f"training/exercises/{page}.html", context)


@require_POST
@limit_anonymous_runs
def exercise_begin(request: Request, slug: str) -> HttpResponse:
    """Begin, or set up what is missing."""
    place, entry = _entry(request, slug)
    beside.get_ready()  # whoever begins will check before long
    return _then(request, slug, lambda: attempts.attempt_begin(place=place, entry=entry))


@require_POST
@limit_anonymous_runs
def exercise_set_back(request: Request, slug: str) -> HttpResponse:
    """The environment as it was when the exercise was begun; what was done stays done."""
    place, attempt = _working(request, slug)
    told = "The environment is as it was at the beginning. What you have done so far stays done."
    return _then(request, slug, lambda: attempts.attempt_set_up(attempt=attempt, again=True), told, place=place)


@require_POST
def exercise_restart(request: Request, slug: str) -> HttpResponse:
    """Begin anew, in the present version."""
    place, entry = _entry(request, slug)
    if entry.attempt is not None:
        attempt = entry.attempt
        return _then(request, slug, lambda: attempts.attempt_restart(place=place, attempt=attempt))
    return redirect("training:exercise", slug)


@require_POST
@limit_anonymous_runs
def exercise_check(request: Request, slug: str) -> HttpResponse:
    """“Check my work”: what was done is judged at once, how things stand is probed beside the request."""
    place, attempt = _working(request, slug)

    def check() -> None:
        verdicts = checking.attempt_check(attempt=attempt)
        if checking.needs_probes(attempt, verdicts):
            checking.probes_beside(attempt=attempt, seconds=_A_MOMENT)

    return _then(request, slug, check, place=place, anchor="#checks")


@require_POST
def exercise_hint(request: Request, slug: str) -> HttpResponse:
    """The next hint."""
    place, attempt = _working(request, slug)
    take = partial(attempts.hint_take, place=place, attempt=attempt)
    return _then(request, slug, take, place=place, anchor="#hints")


@require_POST
def exercise_solution(request: Request, slug: str) -> HttpResponse:
    """The solution; the form has asked once."""
    _, attempt = _working(request, slug)
    return _then(request, slug, lambda: attempts.solution_see(attempt=attempt), anchor="#solution")


@require_POST
@limit_anonymous_runs
def exercise_answer(request: Request, slug: str) -> HttpResponse:
    """An answer to a question. It stands before everything else, so that answering begins the exercise as well."""
    place, entry = _entry(request, slug)
    option = request.POST.get("option", "")
    number = int(option) if option.isascii() and option.isdigit() and len(option) < 3 else 0
    question = request.POST.get("question", "")

    def answer() -> None:
        attempt = attempts.question_answer_first(place=place, entry=entry, question=question, option=number)
        checking.attempt_follow(attempt=attempt)

    return _then(request, slug, answer, place=place, anchor="#questions")


@require_POST
def exercise_help(request: Request, slug: str) -> HttpResponse:
    """Ask for a trainer."""
    place, attempt = _working(request, slug)
    text = request.POST.get("text", "")
    told = "Your trainer has been told. You keep your place in the queue."
    member = place.membership
    if member is None:
        raise Http404("There is no trainer to ask here.")
    return _then(request, slug, lambda: room.help_ask(membership=member, attempt=attempt, text=text), told)


@require_POST
def exercise_feedback(request: Request, slug: str) -> HttpResponse:
    """Whether it was clear."""
    _, attempt = _working(request, slug)
    word = request.POST.get("word", "")
    return _then(request, slug, lambda: attempts.feedback_give(attempt=attempt, word=word), "Thank you.")


def _entry(request: Request, slug: str) -> tuple[Workplace, ExerciseEntry]:
    place = place_of(request.owner)
    entry = entry_for(place, slug)
    if entry is None:
        raise Http404("There is no such exercise.")
    return place, entry


def _working(request: Request, slug: str) -> tuple[Workplace, Attempt]:
    """The attempt in which something is to be done. Raises Http404 where it was not begun."""
    place, entry = _entry(request, slug)
    if entry.attempt is None:
        raise Http404("This exercise was not started.")
    return place, entry.attempt


def _then(
    request: Request,
    slug: str,
    do: Callable[[], object],
    told: str = "",
    *,
    place: Workplace | None = None,
    anchor: str = "",
) -> HttpResponse:
    """Do it, say why not or what was done, and go back to the exercise. `place`: where it has to be open for that."""
    try:
        if place is not None:
            attempts.require_open(place)
        do()
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        if told:
            messages.success(request, told)
    response = redirect("training:exercise", slug)
    response["Location"] += anchor
    return response
