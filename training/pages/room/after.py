"""When a class is over: the report, certificates, the class as a file, and the next class like it."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import Request
from accounts.models import User
from training.models import CohortState, Role
from training.pages.room.lookup import acting, context_of, own_seat, run_cohort, seen_cohort
from training.services.certificates import LONGEST, certificates_of, verified
from training.services.class_file import class_export, class_import
from training.services.cohorts import may_make_classes
from training.services.errors import Refused
from training.services.reports import kept_report_of, report_of
from training.services.successors import cohort_like
from web.brought_files import LARGEST_CLASS, BroughtFile
from web.errors import too_many
from web.logs import note
from web.ratelimit import Limit, address_of, hit

OPTIONS = {"times": "minutes of each person", "hints": "hints", "refusals": "last refusals"}
_PROOFS_PER_MINUTE = 60


class ClassFileForm(forms.Form):
    """The exported class."""

    file = BroughtFile(
        label="The file",
        largest=LARGEST_CLASS,
        help_text="A class as it was exported here or on another site: a JSON file.",
        error_messages={"required": "Choose the file."},
    )


class TextForm(forms.Form):
    """A certificate's text."""

    text = forms.CharField(
        label="The whole text",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 12, "class": "mono"}),
        help_text="From its first line to the signature.",
        error_messages={"required": "Paste the text of the certificate."},
    )


@never_cache
@require_safe
def report(request: Request, public_id: str) -> HttpResponse:
    """For printing. What is personal beyond a name stands there only where it was chosen."""
    cohort = seen_cohort(request, public_id)
    if cohort.state == CohortState.ARCHIVED:
        context = context_of(request, cohort) | {"report": kept_report_of(cohort)}
        return render(request, "training/report_kept.html", context)
    chosen = {name for name in OPTIONS if name in request.GET}
    report = report_of(cohort)
    # Beside the seat's number: who, one for each exercise, how many are solved, and what was chosen of it.
    columns = 2 + len(report.titles) + len(chosen & {"times", "hints"})
    context = context_of(request, cohort) | {
        "report": report,
        # On a phone each value stands below the last one, with its exercise before it.
        "lines": [(line, list(zip(report.titles, line.cells, strict=True))) for line in report.lines],
        "totals": list(zip(report.titles, report.totals, strict=True)),
        "chosen": chosen,
        "options": OPTIONS,
        "columns": columns,
    }
    return render(request, "training/report.html", context)


@never_cache
@require_safe
def certificates(request: Request, public_id: str) -> HttpResponse:
    """Of everybody who has solved something, one a printed page."""
    cohort = seen_cohort(request, public_id)
    members = list(cohort.memberships.filter(role=Role.LEARNER).order_by("seat").prefetch_related("seat_names"))
    for member in members:
        member.cohort = cohort
    context = context_of(request, cohort) | {"certificates": certificates_of(members)}
    return render(request, "training/certificates.html", context)


@never_cache
@require_safe
def own_certificate(request: Request, public_id: str) -> HttpResponse:
    """One's own: for a seat with several names, one each."""
    seat = own_seat(request, public_id)
    context = {"area": "class", "cohort": seat.cohort, "own": True, "certificates": certificates_of([seat])}
    return render(request, "training/certificates.html", context)


@never_cache
@sensitive_post_parameters("text")
@require_http_methods(["GET", "HEAD", "POST"])
def certificate_check(request: Request) -> HttpResponse:
    """Whether a certificate is one of this site, for anybody who was shown one."""
    form, result = TextForm(request.POST or None), None
    if request.method == "POST":
        if wait := hit(Limit("certificate", address_of(request), _PROOFS_PER_MINUTE)):
            return too_many(request, wait, "certificates")
        if form.is_valid():
            result = verified(form.cleaned_data["text"])
    status = 400 if form.errors else 200
    context = {"area": "class", "form": form, "result": result, "asked": result is not None}
    return render(request, "training/certificate_check.html", context, status=status)


@never_cache
@require_safe
def export(request: Request, public_id: str) -> HttpResponse:
    """The class as a file that `class_file` reads again. Trainers only: everybody's times are in it."""
    cohort = run_cohort(request, public_id)
    name = f"class-{cohort.public_id}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(class_export(cohort), content_type="application/json", headers=headers)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def import_file(request: Request) -> HttpResponse:
    """Make a class of a file. Staff make classes."""
    trainer = _staff(request)
    form = ClassFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            cohort = class_import(form.cleaned_data["file"].read(), trainer=trainer)
        except Refused as refused:
            form.add_error("file", str(refused))
        else:
            note(request, cohort=cohort.pk)
            messages.success(request, f"“{cohort.name}” is here, with everybody in it and how far they were.")
            return redirect("training:board", cohort.public_id)
    status = 400 if form.errors else 200
    return render(request, "training/class_import.html", {"area": "class", "form": form}, status=status)


@require_POST
def successor(request: Request, public_id: str) -> HttpResponse:
    """New class from this one: its settings and exercises, none of its people."""
    trainer = _staff(request)
    cohort = run_cohort(request, public_id)
    name = " ".join(request.POST.get("name", "").split())[:100] or cohort.name
    made = cohort_like(cohort, trainer=trainer, name=name)
    messages.success(request, f"“{made.name}” is open, with the exercises and settings of “{cohort.name}”.")
    return redirect(made)


def _staff(request: Request) -> User:
    user = acting(request)
    if not may_make_classes(user):
        raise PermissionDenied("Classes are made by trainers and by people who run this site (staff).")
    return user
