"""The learner's own page: seat, return code, exercises, and what can be done with one's own work."""

from contextlib import suppress

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.http import Request
from training.models import (
    AccountState,
    Attempt,
    AttemptState,
    CohortState,
    Membership,
    Role,
    SandboxAccount,
    SeatName,
    Unlock,
)
from training.pages.joining import IN_CLASS, WHO
from training.pages.lookup import seat_here
from training.pages.qr import qr_svg
from training.services import codes, joining, leaving, sandbox_accounts
from training.services.classes import deletion_date
from training.services.cohorts import may_make_classes
from training.services.errors import Refused
from training.services.news import news_of
from training.services.own_accounts import active_membership
from training.services.presence import seen
from training.services.titles import title_of

_LOOKS_SHOWN = 100


@never_cache
@require_safe
def home(request: Request) -> HttpResponse:
    """`Class` in the navigation: a learner's seat, a trainer's classes, or how to join one."""
    if not request.user.is_authenticated:
        return redirect("training:join")
    member = active_membership(request.owner)
    if member is not None and member.role == Role.LEARNER:
        return redirect("training:me")
    if member is None and not may_make_classes(request.user):
        return redirect("training:join")
    return redirect("training:class_list")


@never_cache
@require_safe
def me(request: Request) -> HttpResponse:
    """Everything of one's seat on one page."""
    member = active_membership(request.owner)
    if member is None or member.role != Role.LEARNER:
        return redirect("training:join")
    if request.session.get(IN_CLASS) != member.cohort.public_id:
        request.session[IN_CLASS] = member.cohort.public_id
    names = list(member.seat_names.all())
    mine = next((name for name in names if name.key == request.session.get(WHO)), names[0] if names else None)
    unlocked = Exists(Unlock.objects.filter(assignment=OuterRef("pk"), membership=member))
    assignments = list(member.cohort.assignments.annotate(unlocked=unlocked))
    attempts = {attempt.exercise: attempt for attempt in Attempt.objects.filter(membership=member, current=True)}
    account = SandboxAccount.objects.filter(membership=member).order_by("purpose").last()
    people = _around(member)
    context = {
        "area": "class",
        "member": member,
        "cohort": member.cohort,
        "seat_names": names,
        "mine": mine,
        "code": codes.return_code(mine) if mine is not None and member.made_for_seat else "",
        "code_qr": qr_svg(codes.return_link(mine)) if mine is not None and member.made_for_seat else "",
        "lines": [(one, title_of(one.exercise), attempts.get(one.exercise)) for one in assignments],
        "has_solved": any(one.state == AttemptState.SOLVED for one in attempts.values()),
        "account": _looked_after(account),
        "news": news_of(member, brief=True),
        "seat": member,
        "join_url": codes.join_page(),
        "trainers": [one.display_name for one in people if one.role == Role.TRAINER],
        "others": [one for one in people if one.role == Role.LEARNER],
        "deleted_on": deletion_date(member.cohort),
        "sandbox_mode": settings.APP_MODE == "sandbox",
    }
    seen(member)
    return render(request, "training/me.html", context)


def _around(member: Membership) -> list[Membership]:
    """This class's trainers, and other classes of this person."""
    found = Membership.objects.filter(
        Q(cohort_id=member.cohort_id, role=Role.TRAINER) | Q(user_id=member.user_id, role=Role.LEARNER)
    )
    others = found.exclude(pk=member.pk).exclude(cohort__state=CohortState.ARCHIVED)
    return list(others.select_related("cohort"))


@never_cache
@require_safe
def me_looks(request: Request) -> HttpResponse:
    """Which trainers and observers have opened a run of the seat, and when."""
    member = active_membership(request.owner)
    if member is None or member.role != Role.LEARNER:
        return redirect("training:join")
    looks = leaving.looks_at(member)[:_LOOKS_SHOWN]
    return render(request, "training/me_looks.html", {"area": "class", "cohort": member.cohort, "looks": looks})


@require_POST
def me_name(request: Request) -> HttpResponse:
    """One more person at this screen."""
    member = seat_here(request)
    try:
        added = joining.add_name(member, request.POST.get("name", ""))
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{added.name} shares your seat. Their return code: see “Who sits here”.")
    return redirect("training:me")


@require_POST
def me_who(request: Request) -> HttpResponse:
    """`I am Bo`: which of the names at this seat this browser is."""
    member = seat_here(request)
    name = get_object_or_404(SeatName, membership=member, key=request.POST.get("name", ""))
    request.session[WHO] = name.key
    return redirect("training:me")


@require_POST
def me_switch(request: Request) -> HttpResponse:
    """Work in another of one's classes."""
    number = request.POST.get("member", "")
    found = Membership.objects.filter(
        user_id=request.user.pk or 0, pk=int(number) if number.isdecimal() and len(number) < 18 else 0
    )
    joining.choose(get_object_or_404(found))
    return redirect("training:home")


@never_cache
@require_safe
def me_export(request: Request) -> HttpResponse:
    """All of one's own work as one JSON file."""
    member = seat_here(request)
    response = JsonResponse(leaving.work_of(member), json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="class-{member.cohort.public_id}-seat-{member.seat}.json"'
    response["Cache-Control"] = "no-store"
    return response


@never_cache
def me_delete(request: Request) -> HttpResponse:
    """Ask once, then delete everything of this seat and leave it."""
    member = seat_here(request)
    if request.method == "POST":
        name = member.cohort.name
        own = not member.made_for_seat
        leaving.leave(member)
        if not own:
            logout(request)
        messages.success(request, f"Your work in “{name}” is deleted, and your seat is free.")
        return redirect("training:join")
    return render(request, "training/me_delete.html", {"area": "class", "member": member, "cohort": member.cohort})


def _looked_after(account: SandboxAccount | None) -> SandboxAccount | None:
    """The account, brought back where the sandbox was started anew without it. Costs a look at a number mostly."""
    if account is not None and settings.APP_MODE == "sandbox" and account.state == AccountState.READY:
        with suppress(Refused):
            return sandbox_accounts.make_ready(account)
    return account
