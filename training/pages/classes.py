"""A trainer's classes: the list, a new one, its page with the people in it, settings, the projector."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import Request
from accounts.models import User
from training.models import AccountState, Cohort, CohortState, Membership, ReturnRequest, Role, SandboxAccount, SeatName
from training.models.cohorts import MOST_SEATS
from training.pages.lookup import cohort_run, cohort_seen
from training.pages.qr import qr_svg
from training.services import classes, codes, joining, leaving, sandbox_accounts
from training.services.cohorts import cohorts_run_by, cohorts_visible_to, may_make_classes
from training.services.errors import Refused
from training.services.presets import amount_of, exercise_choices, minutes_of, preset_choices, require_known

_LAST = 10_000  # the place of an exercise that has none
_MOST_EXERCISES = 200


_SINGLE = "single"  # in place of a preset: the exercises that are ticked


class ExercisesWidget(forms.Widget):
    """A line for each exercise: a tick, and a number that says in which place it comes."""

    template_name = "training/_exercise_choice.html"

    def __init__(self, assigned: Sequence[str]) -> None:
        super().__init__()
        self.assigned = assigned

    def use_required_attribute(self, initial: Any) -> bool:
        return False

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_0" if id_ else id_

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """The slugs that are ticked, by their places; where two have the same place, as they stand in the form."""
        ticked = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])

        def place(slug: str) -> int:
            text = str(data.get(f"{name}-place-{slug}", ""))
            return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else _LAST

        return sorted((str(slug) for slug in ticked[:_MOST_EXERCISES]), key=place)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        chosen = list(value if value is not None else self.assigned)
        lines = [
            {"choice": choice, "place": place, "ticked": choice.slug in chosen}
            for place, choice in enumerate(exercise_choices([*chosen, *self.assigned]), start=1)
            if choice.there or choice.slug in self.assigned
        ]
        context = super().get_context(name, value, attrs)
        return context | {"lines": lines, "count": len(chosen), "minutes": minutes_of(chosen)}

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """By this application's templates; Django looks for those of widgets elsewhere."""
        return render_to_string(self.template_name, self.get_context(name, value, attrs))


class ExercisesField(forms.Field):
    """Slugs of exercises, in the order in which a class meets them."""

    def __init__(self, assigned: Sequence[str], **more: Any) -> None:
        super().__init__(widget=ExercisesWidget(assigned), **more)
        self.assigned = assigned

    def clean(self, value: list[str]) -> list[str]:
        try:
            return require_known(value, also=self.assigned) if value else []
        except Refused as refused:
            raise forms.ValidationError(str(refused)) from None


class ClassForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's class takes no type at run time
    """What a trainer says of a new class. All of it has a value to begin with but the name."""

    hours = forms.IntegerField(
        min_value=1,
        max_value=24 * 14,
        initial=8,
        label="Ends after (hours)",
        help_text="From now. After that the class is read-only; you can reopen it.",
    )

    class Meta:
        model = Cohort
        fields = ("name", "seats", "names", "hints", "hint_minutes", "retention_days", "welcome")
        labels = {
            "hint_minutes": "Minutes until hints open",
            "retention_days": "Days until people’s work is deleted",
            "welcome": "Words of welcome",
        }
        help_texts = {
            "name": "People see it when they join: “Oslo, Monday”.",
            "seats": f"At most {MOST_SEATS}. Each gets an account of the sandbox at once.",
            "names": "Made-up names are given by the site: nobody has to say theirs.",
            "hints": "Each exercise has three.",
            "hint_minutes": "Only if hints open some minutes after the start.",
            "retention_days": "After the end. Counts of five or more people stay.",
            "welcome": "Shown where people join: whom to ask, when the breaks are.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "off"
        self.fields["retention_days"].widget.attrs["max"] = 3650
        if settings.APP_MODE != "sandbox":
            self.fields["seats"].help_text = f"At most {MOST_SEATS}."
        if self.instance.pk:
            self._offer_more_hours()
            self.fields["names_on_projector"] = forms.BooleanField(
                required=False,
                initial=self.instance.names_on_projector,
                label="Show names on the projector",
            )
            rows = self.instance.assignments.order_by("position", "pk")
            self.assigned = list(rows.values_list("exercise", flat=True))
        else:
            self.assigned = []
            self.fields["preset"] = forms.ChoiceField(
                choices=[*preset_choices(), (_SINGLE, "Single ones, chosen below")],
                required=False,
                initial="half-day",
                label="Exercises",
                help_text="What people work at. You can change it later, and lock and unlock each on the board.",
            )
            self.order_fields(["name", "seats", "preset"])
        self.fields["exercises"] = ExercisesField(self.assigned, required=False, label="Single exercises")

    def _offer_more_hours(self) -> None:
        """A class that is there keeps its end where nothing is said. One that was ended is gone on with on its page."""
        if self.instance.state != CohortState.OPEN:
            del self.fields["hours"]
            return
        ends = self.instance.ends_at
        kept = f"it ends on {date_format(ends, 'j F Y, H:i')} UTC" if ends else "it ends when you end it"
        self.fields["hours"].required = False
        self.fields["hours"].initial = None
        self.fields["hours"].help_text = f"From now. Leave it empty, and {kept}."

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        by_one = bool(self.instance.pk) or cleaned.get("preset") == _SINGLE
        if by_one and not cleaned.get("exercises") and "exercises" not in self.errors:
            self.add_error("exercises", "Tick at least one exercise.")
        if not by_one:
            cleaned["exercises"] = []
        return cleaned

    @property
    def about(self) -> dict[str, Any]:
        """What was said of the class itself, beside its exercises."""
        said = {
            name: value for name, value in self.cleaned_data.items() if name not in ("hours", "preset", "exercises")
        }
        hours = self.cleaned_data.get("hours")
        return said | ({"ends_at": timezone.now() + timedelta(hours=hours)} if hours else {})

    def clean_seats(self) -> int:
        seats: int = self.cleaned_data["seats"]
        if not 1 <= seats <= MOST_SEATS:
            raise forms.ValidationError(f"Between 1 and {MOST_SEATS}.")
        return seats


@never_cache
@require_safe
def class_list(request: Request) -> HttpResponse:
    """The classes that this person trains or observes, the newest first."""
    if not request.user.is_authenticated:
        return redirect("training:join")
    learners = Count("memberships", filter=Q(memberships__role=Role.LEARNER))
    cohorts = cohorts_visible_to(request.user).annotate(learners=learners)
    context = {"area": "class", "cohorts": cohorts[:200], "makes_classes": may_make_classes(request.user)}
    return render(request, "training/class_list.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def class_new(request: Request) -> HttpResponse:
    """New class. Its accounts are made beside the page that comes next."""
    user = request.user
    if not (isinstance(user, User) and may_make_classes(user)):
        raise PermissionDenied("Classes are made by trainers and by people who run this site (staff).")
    form = ClassForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        cohort = classes.cohort_make(
            trainer=user,
            preset=said["preset"],
            exercises=said["exercises"],
            **form.about,
        )
        messages.success(request, f"“{cohort.name}” is open. Show the projector page, and people can join.")
        return redirect(cohort)
    return render(
        request, "training/class_new.html", {"area": "class", "form": form}, status=400 if form.errors else 200
    )


@never_cache
@require_safe
def cohort(request: Request, public_id: str) -> HttpResponse:
    """The class: how to join, who is in it, who wants to come back, and what can be done with it."""
    found = cohort_seen(request, public_id)
    joining.keep_join_code(found)
    members = list(found.memberships.prefetch_related("seat_names").select_related("user"))
    accounts = SandboxAccount.objects.filter(cohort=found)
    waiting = accounts.filter(state__in=[AccountState.WANTED, AccountState.FAILED, AccountState.SEEDING])
    unmade = list(waiting.values_list("state", "failure"))
    if unmade and found.is_open:
        sandbox_accounts.make_wanted_soon(found)
    context = {
        "area": "class",
        "cohort": found,
        "runs_it": cohorts_run_by(request.user).filter(pk=found.pk).exists(),
        "makes_classes": may_make_classes(request.user),
        "code": codes.join_code(found),
        "link": codes.join_link(found),
        "learners": [member for member in members if member.role == Role.LEARNER],
        "staff": [member for member in members if member.role != Role.LEARNER],
        "returning": classes.requests_to_return(found),
        "unmade": len(unmade),
        "failure": next((failure for _, failure in unmade if failure), ""),
        "deleted_on": classes.deletion_date(found),
        "amount": amount_of([row.exercise for row in found.assignments.all()]),
        "roles": [Role.TRAINER, Role.OBSERVER],
    }
    return render(request, "training/cohort.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def class_settings(request: Request, public_id: str) -> HttpResponse:
    """Change a class."""
    found = cohort_run(request, public_id)
    form = ClassForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        try:
            classes.cohort_change(found, **form.about)
            classes.exercises_choose(found, form.cleaned_data["exercises"])
        except Refused as refused:
            form.add_error("seats", str(refused))
        else:
            messages.success(request, "The class is changed.")
            return redirect(found)
    found.refresh_from_db()
    status = 400 if form.errors else 200
    return render(
        request, "training/class_settings.html", {"area": "class", "form": form, "cohort": found}, status=status
    )


@never_cache
@require_safe
def projector(request: Request, public_id: str) -> HttpResponse:
    """What stands on the wall while people come: code, link, QR code, and who is in."""
    found = cohort_seen(request, public_id)
    since = request.GET.get("since", "")
    if request.headers.get("HX-Request") and since == str(found.version):
        return HttpResponse(status=204)
    joining.keep_join_code(found)
    learners = found.memberships.filter(role=Role.LEARNER)
    context = {
        "area": "class",
        "cohort": found,
        "code": codes.join_code(found),
        "link": codes.join_link(found),
        "join_url": codes.join_page(),
        "qr": qr_svg(codes.join_link(found)),
        "learners": list(learners.order_by("seat").values_list("seat", "display_name")),
        "shows_names": found.names_on_projector or found.names == "pseudonym",
    }
    return render(request, "training/projector.html", context)


@require_POST
def cohort_act(request: Request, public_id: str) -> HttpResponse:
    """What a trainer does with the whole class: `end`, `reopen`, `join-open`, `join-close`, `new-code`, `accounts`."""
    found = cohort_run(request, public_id)
    action = request.POST.get("do", "")
    if action == "end":
        classes.cohort_end(found)
        messages.success(request, "The class has ended. Everything stays readable until it is deleted.")
    elif action == "reopen":
        classes.cohort_reopen(found)
        messages.success(request, "The class is open again.")
    elif action in ("join-open", "join-close"):
        classes.cohort_change(found, join_open=action == "join-open")
    elif action == "new-code":
        joining.renew_join_code(found)
        messages.success(request, "There is a new code. The old one, its link and its QR code no longer work.")
    elif action == "accounts":
        sandbox_accounts.make_wanted_soon(found)
    else:
        raise Http404("There is no such action.")
    return redirect(found)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def cohort_delete(request: Request, public_id: str) -> HttpResponse:
    """Delete what people did in this class now, instead of when its time is over. Asked once."""
    found = cohort_run(request, public_id)
    if request.method == "POST":
        leaving.cohort_delete_people(found, by_hand=True)
        messages.success(request, "Everything that people did in this class is deleted.")
        return redirect(found)
    return render(request, "training/cohort_delete.html", {"area": "class", "cohort": found})


@require_POST
def return_decide(request: Request, public_id: str, number: int) -> HttpResponse:
    """Let somebody back into their seat with one tap, or not."""
    found = cohort_run(request, public_id)
    asked = get_object_or_404(ReturnRequest, pk=number, seat_name__membership__cohort=found)
    assert isinstance(request.user, User)
    joining.decide_return(asked, request.user, granted=request.POST.get("do") == "grant")
    return redirect(found)


@never_cache
@require_POST
def seat_code(request: Request, public_id: str, number: int) -> HttpResponse:
    """Make a new return code for somebody and show it once: the one before opens nothing now."""
    found = cohort_run(request, public_id)
    name = get_object_or_404(SeatName, pk=number, membership__cohort=found, membership__made_for_seat=True)
    code = joining.renew_return_code(name)
    context = {"area": "class", "cohort": found, "name": name, "code": code, "qr": qr_svg(codes.return_link(name))}
    response = render(request, "training/seat_code.html", context)
    response["Cache-Control"] = "no-store"
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def seat_remove(request: Request, public_id: str, number: int) -> HttpResponse:
    """Take a learner out of the class with all their work. Asked once."""
    found = cohort_run(request, public_id)
    member = get_object_or_404(Membership, pk=number, cohort=found, role=Role.LEARNER)
    if request.method == "POST":
        leaving.leave(member)
        messages.success(request, f"Seat {member.seat} is free.")
        return redirect(found)
    return render(request, "training/seat_remove.html", {"area": "class", "cohort": found, "member": member})


@require_POST
def staff_act(request: Request, public_id: str) -> HttpResponse:
    """Add trainers and observers by the name of their account, change which they are, take them out."""
    found = cohort_run(request, public_id)
    action = request.POST.get("do", "")
    try:
        if action == "add":
            role = Role.OBSERVER if request.POST.get("role") == Role.OBSERVER else Role.TRAINER
            added = classes.staff_add(found, request.POST.get("username", "")[:150], role)
            messages.success(request, f"{added} is {added.get_role_display().lower()} of this class.")
        else:
            number = request.POST.get("member", "")
            staff = found.memberships.exclude(role=Role.LEARNER)
            member = get_object_or_404(staff, pk=int(number) if number.isdecimal() and len(number) < 18 else 0)
            if action == "remove":
                classes.staff_remove(member)
            elif action in (Role.TRAINER, Role.OBSERVER):
                classes.staff_change(member, Role(action))
            else:
                raise Http404("There is no such action.")
    except Refused as refused:
        messages.error(request, str(refused))
    if not cohorts_visible_to(request.user).filter(pk=found.pk).exists():
        return redirect("training:class_list")
    return redirect(found)
