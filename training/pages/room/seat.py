"""One seat as trainers see it: how far, what was shown, the last runs, and what can be done for it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.http import Request
from flows.exchange.own_accounts import OwnAccount
from flows.models import Run
from flows.pages.history.row import HistoryRow
from training.models import Assignment, AssignmentState, Attempt, Membership, Role, SandboxAccount, SeatName
from training.pages.room.lookup import context_of, number_in, run_cohort, seat_of, seen_cohort
from training.services import room
from training.services.codes import return_code
from training.services.own_accounts import own_account
from training.services.titles import title_of

_RUNS_SHOWN = 5


@never_cache
@require_safe
def seat(request: Request, public_id: str, number: int) -> HttpResponse:
    """A page of its own, and with a script a panel beside the board."""
    cohort = seen_cohort(request, public_id)
    return _page(request, seat_of(cohort, number))


@never_cache
@require_POST
def return_code_again(request: Request, public_id: str, number: int) -> HttpResponse:
    """A new return code for the name `name` of a seat, shown in the answer to this one POST."""
    cohort = run_cohort(request, public_id)
    member = seat_of(cohort, number)
    names = SeatName.objects.filter(membership=member).select_related("membership")
    name = get_object_or_404(names, pk=number_in(request.POST.get("name", "")))
    room.return_code_again(name=name)
    messages.success(request, f"The earlier return code of {name.name} opens nothing any more.")
    return _page(request, member, new_code=return_code(name), code_of=name)


def _page(request: Request, member: Membership, **more: Any) -> HttpResponse:
    attempts = {
        attempt.exercise: attempt for attempt in Attempt.objects.filter(membership=member, current=True).defer("facts")
    }
    unlocked = set(member.unlocks.values_list("assignment_id", flat=True))
    lines = [
        {
            "assignment": assignment,
            "title": title_of(assignment.exercise),
            "attempt": attempts.get(assignment.exercise),
            "locked": assignment.state == AssignmentState.LOCKED and assignment.pk not in unlocked,
        }
        for assignment in Assignment.objects.filter(cohort=member.cohort_id).order_by("position", "pk")
    ]
    open_help = member.help_requests.filter(state__in=room.OPEN_HELP)
    context = context_of(request, member.cohort) | {
        "seat": member,
        "lines": lines,
        "names": list(member.seat_names.all()),
        "runs": [HistoryRow(run) for run in runs_of(member)],
        "help": open_help.select_related("taken_by", "membership", "attempt", "run").first(),
        "pools": pools_of(member),
        "trainers": list(member.cohort.memberships.filter(role=Role.TRAINER)),
        **more,
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
