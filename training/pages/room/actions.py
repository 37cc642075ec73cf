"""What a trainer does from the board: each a form that is sent, and the page that it was on again."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from accounts.http import Request
from flows import services as flows
from flows.models import RunShare
from flows.pages.run.run_view import run_title
from training.models import Assignment, Attempt, Cohort, HelpRequest, Membership
from training.pages.room.lookup import acting, back, number_in, run_cohort, seat_of
from training.services import room
from training.services.errors import Refused
from training.services.titles import title_of


@require_POST
def help_take(request: Request, public_id: str, number: int) -> HttpResponse:
    """“I am coming.”"""
    cohort, asked = _request(request, public_id, number)
    try:
        room.help_take(request=asked, trainer=acting(request))
    except Refused as refused:
        return back(request, cohort, refused=refused)
    return back(request, cohort, seat=asked.membership)


@require_POST
def help_hand_over(request: Request, public_id: str, number: int) -> HttpResponse:
    """To the trainer whose membership is `to`, or back to the queue where that is empty."""
    cohort, asked = _request(request, public_id, number)
    given = request.POST.get("to", "")
    to = Membership.objects.filter(cohort=cohort, pk=number_in(given)).first() if given else None
    if given and to is None:
        raise Http404("There is no such trainer in this class.")
    try:
        room.help_hand_over(request=asked, by=acting(request), to=to)
    except Refused as refused:
        return back(request, cohort, refused=refused)
    return back(request, cohort, seat=asked.membership)


@require_POST
def help_resolve(request: Request, public_id: str, number: int) -> HttpResponse:
    """Helped."""
    cohort, asked = _request(request, public_id, number)
    room.help_resolve(request=asked, by=acting(request))
    return back(request, cohort, seat=asked.membership)


@require_POST
def broadcast(request: Request, public_id: str) -> HttpResponse:
    """Say something to all; a link to a shared run in it becomes a link of the class, and is not kept as text."""
    cohort = run_cohort(request, public_id)
    if "withdraw" in request.POST:
        if room.broadcast_withdraw(cohort=cohort):
            messages.success(request, "Nobody sees the broadcast any more.")
        return back(request, cohort)
    text, share = _without_link(request.POST.get("text", ""))
    try:
        room.broadcast(cohort=cohort, author=acting(request), text=text, share=share)
    except Refused as refused:
        return back(request, cohort, refused=refused)
    messages.success(request, "Everybody in the class sees it within 15 seconds.")
    return back(request, cohort)


@require_POST
def unlock(request: Request, public_id: str) -> HttpResponse:
    """Open or lock an exercise: `assignment`, or `next`, the first locked one; for all or for the seat `seat`."""
    cohort = run_cohort(request, public_id)
    seat = seat_of(cohort, number_in(request.POST["seat"])) if request.POST.get("seat") else None
    given = request.POST.get("assignment", "")
    try:
        if given == "next":
            opened = room.unlock_next(cohort=cohort, by=acting(request))
            said = f"{title_of(opened.exercise)} is open." if opened else "No exercise is locked."
        else:
            chosen = get_object_or_404(Assignment.objects.select_related("cohort"), cohort=cohort, pk=number_in(given))
            if "lock" in request.POST:
                room.lock(assignment=chosen)
                said = f"{title_of(chosen.exercise)} is locked for those who have not started it."
            else:
                room.unlock(assignment=chosen, by=acting(request), membership=seat)
                said = f"{title_of(chosen.exercise)} is open{f' for {seat.shown_name}' if seat else ''}."
    except Refused as refused:
        return back(request, cohort, refused=refused, seat=seat)
    messages.success(request, said)
    return back(request, cohort, seat=seat)


@require_POST
def hint(request: Request, public_id: str, number: int) -> HttpResponse:
    """Open the next hint of an attempt."""
    cohort = run_cohort(request, public_id)
    seat = seat_of(cohort, number)
    attempt = _attempt(request, seat)
    try:
        shown = room.hint_give(attempt=attempt, trainer=acting(request))
    except Refused as refused:
        return back(request, cohort, refused=refused, seat=seat)
    messages.success(request, f"{seat.shown_name} sees hint {shown} of {title_of(attempt.exercise)} now.")
    return back(request, cohort, seat=seat)


@require_POST
def begin_again(request: Request, public_id: str, number: int) -> HttpResponse:
    """Let a learner begin an exercise anew."""
    cohort = run_cohort(request, public_id)
    seat = seat_of(cohort, number)
    attempt = _attempt(request, seat)
    try:
        room.attempt_forget(attempt=attempt)
    except Refused as refused:
        return back(request, cohort, refused=refused, seat=seat)
    title = title_of(attempt.exercise)
    room.seat_tell(seat, f"Your trainer has set {title} back for you: you can begin it again.")
    messages.success(request, f"{seat.shown_name} can start {title} again.")
    return back(request, cohort, seat=seat)


def _request(request: Request, public_id: str, number: int) -> tuple[Cohort, HelpRequest]:
    cohort = run_cohort(request, public_id)
    requests = HelpRequest.objects.filter(membership__cohort=cohort).select_related("membership__cohort")
    return cohort, get_object_or_404(requests, pk=number)


def _attempt(request: Request, seat: Membership) -> Attempt:
    attempts = Attempt.objects.filter(membership=seat, current=True).select_related("membership__cohort")
    return get_object_or_404(attempts, pk=number_in(request.POST.get("attempt", "")))


def _without_link(text: str) -> tuple[str, RunShare | None]:
    """The text with a shared run's name in the place of its address, and that run's link.

    An address that opens nothing stays.
    """
    beginning = f"{settings.PUBLIC_URL}/shared/"
    for word in text.split():
        if word.startswith(beginning) and (share := flows.share_found(word.removeprefix(beginning).split("/")[0])):
            return text.replace(word, f"run {share.run.short_code} ({run_title(share.run)})").strip(), share
    return text, None
