"""One seat as trainers see it: how far, what was shown, the last runs, and what can be done for it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.http import Request
from flows.exchange.own_accounts import OwnAccount
from flows.models import Run
from flows.pages.history.row import HistoryRow
from training.models import Assignment, AssignmentState, Attempt, Membership, Purpose, Role, SandboxAccount
from training.pages.room.lookup import back, context_of, number_in, run_cohort, seat_of, seen_cohort
from training.services import attempts, checking, room
from training.services.errors import Refused
from training.services.own_accounts import own_account
from training.services.sandbox_accounts import reset_environment, reset_everything
from training.services.titles import title_of

_RUNS_SHOWN = 5
_RESETS = {"environment": reset_environment, "everything": reset_everything}
_TOLD = {
    "environment": "Your trainer has emptied your account and set it up anew. What you have solved stays solved. Keys "
    "and credentials of before no longer work, and an exercise that you are at has to be set up again.",
    "everything": "Your trainer has set your seat back: your account is as it was in the beginning, and all exercises "
    "start again. Keys and credentials of before no longer work.",
}


@never_cache
@require_safe
def seat(request: Request, public_id: str, number: int) -> HttpResponse:
    """A page of its own, and with a script a panel beside the board."""
    cohort = seen_cohort(request, public_id)
    return _page(request, seat_of(cohort, number))


@require_POST
def reset(request: Request, public_id: str, number: int) -> HttpResponse:
    """Empty and seed the seat's account again: `environment` keeps the progress, `everything` does not."""
    cohort = run_cohort(request, public_id)
    member = seat_of(cohort, number)
    kind = request.POST.get("kind", "")
    if kind not in _RESETS:
        raise Http404("There is no such reset.")
    row = get_object_or_404(SandboxAccount, membership=member, purpose=Purpose.OWN)
    try:
        room.require_open(cohort)
        _RESETS[kind](row)
    except Refused as refused:
        return back(request, cohort, refused=refused, seat=member)
    room.seat_tell(member, _TOLD[kind])
    kept = "What was solved stays solved." if kind == "environment" else "All exercises start again."
    messages.success(request, f"The account of {member.shown_name} has been reset. {kept}")
    return back(request, cohort, seat=member)


@require_POST
def solve(request: Request, public_id: str, number: int) -> HttpResponse:
    """Do an exercise in the learner's place, with runs that say so."""
    cohort = run_cohort(request, public_id)
    member = seat_of(cohort, number)
    current = Attempt.objects.filter(membership=member, current=True)
    attempt = get_object_or_404(current, pk=number_in(request.POST.get("attempt", "")))
    try:
        room.require_open(cohort)
        checking.attempt_solve(attempt=attempts.attempt_set_up(attempt=attempt))  # a reset took its pool away
    except Refused as refused:
        return back(request, cohort, refused=refused, seat=member)
    title = title_of(attempt.exercise)
    room.seat_tell(
        member, f"Your trainer has done {title} for you: read its runs, which say that they are the solution."
    )
    said = f"{title} was done for {member.shown_name}; its runs say that they are the solution."
    messages.success(request, said)
    return back(request, cohort, seat=member)


def _page(request: Request, member: Membership) -> HttpResponse:
    tried = {
        attempt.exercise: attempt for attempt in Attempt.objects.filter(membership=member, current=True).defer("facts")
    }
    unlocked = set(member.unlocks.values_list("assignment_id", flat=True))
    lines = [
        {
            "assignment": assignment,
            "title": title_of(assignment.exercise),
            "attempt": tried.get(assignment.exercise),
            "locked": assignment.state == AssignmentState.LOCKED and assignment.pk not in unlocked,
        }
        for assignment in Assignment.objects.filter(cohort=member.cohort_id).order_by("position", "pk")
    ]
    open_help = member.help_requests.filter(state__in=room.OPEN_HELP)
    context = context_of(request, member.cohort) | {
        "seat": member,
        "lines": lines,
        "names": list(member.seat_names.all()) if member.made_for_seat else [],
        "runs": [HistoryRow(run) for run in runs_of(member)],
        "help": open_help.select_related("taken_by", "membership", "attempt", "run").first(),
        "pools": pools_of(member),
        "trainers": list(member.cohort.memberships.filter(role=Role.TRAINER)),
    }
    return render(request, "training/seat.html", context)


def pools_of(member: Membership) -> list[OwnAccount]:
    """The seat's accounts with their identity pools, into which its trainers may look."""
    rows = SandboxAccount.objects.filter(membership=member).select_related("membership__cohort").order_by("pk")
    return [own_account(row) for row in rows]


def runs_of(member: Membership) -> list[Run]:
    """The last runs of this seat in the class, the newest first."""
    accounts = SandboxAccount.objects.filter(membership=member).values("account_id")
    made = Run.objects.filter(user_id=member.user_id, account_id__in=accounts)
    return list(made.order_by("-created_at", "-pk")[:_RUNS_SHOWN])
