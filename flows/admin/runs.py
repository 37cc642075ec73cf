"""Runs in the admin site."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from import_export.admin import ExportMixin
from import_export.formats.base_formats import JSON
from import_export.forms import ExportForm

from accounts.admin_lists import ListOfPeople
from accounts.models import User
from accounts.names import called_like
from flows import services
from flows.admin.evidence import CALL_BODIES, CALL_REST, REVIEW, ReadOnlyAdmin, names_in, pretty
from flows.admin.export import PlainCSV, PlainXLSX, RunResource
from flows.admin.filters import (
    FlowFilter,
    ModeFilter,
    PersonFilter,
    PoolFilter,
    ProviderFilter,
    ReviewedFilter,
    RoleFilter,
    is_key,
)
from flows.models import ApiCall, Run
from flows.pages.history.row import HistoryRow, rows_of
from flows.pages.history.search import runs_found
from providers.models import SignIn
from web.admin_filters import WhenFilter, until


@admin.register(Run)
class RunAdmin(ListOfPeople, ExportMixin, ReadOnlyAdmin):  # type: ignore[misc]  # django-import-export has no types
    """The only field to fill in is the note of a review, and flows.services writes it."""

    list_display = ("when", "result", "person", "provider_and_flow", "pool", "role", "review")
    sortable_by = ("when",)
    list_filter = (
        ReviewedFilter, "outcome", WhenFilter, PersonFilter, PoolFilter, RoleFilter, ProviderFilter, FlowFilter,
        ModeFilter,
    )  # fmt: skip
    list_select_related = ("user", "reviewed_by")
    looked_by = "created_at"
    search_fields = ("identity_id",)  # what makes the box appear; get_search_results says what is looked for
    search_help_text = "A person, a run’s number, an identity ID or its end, a request ID, a role, an error, a subject"
    export_form_class = ExportForm
    export_template_name = "admin/flows/export.html"
    resource_classes = (RunResource,)
    actions = ("mark_reviewed", "withdraw_review")
    fieldsets = (
        (None, {"fields": ("number", "page", "user", "visitor", "created_at", "finished_at", "outcome")}),
        ("Choice", {"fields": ("mode", "account_id", "region", "pool_id", "access", "flow", "provider", "settings")}),
        ("Who", {"fields": ("subject", "sign_ins", "reuses", "links")}),
        (
            "Result",
            {"fields": ("identity_id", "role_name", "role_arn", "assumed_role_arn", "access_key_id",
                        "credentials_expire_at", "error_code", "error_message", "measure", "scrubbed")},
        ),
        ("Calls", {"fields": ("calls",)}),
        ("Review", {"fields": ("reviewed_at", "reviewed_by", "review_note")}),
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Run | None = None) -> list[str]:
        return [
            name
            for name in names_in(self.fieldsets)
            if name != "review_note" or not self.has_review_permission(request)
        ]

    def has_review_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perms([REVIEW])

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """To the form that has only the note. A run itself cannot be changed by anybody."""
        return self.has_review_permission(request)

    def save_model(self, request: HttpRequest, obj: Run, form: "ModelForm[Run]", change: bool) -> None:
        services.run_review(run=obj, reviewer=_account(request), note=form.cleaned_data["review_note"])

    def delete_model(self, request: HttpRequest, obj: Run) -> None:
        """Through the service, which empties the vault too. A run that is under way stays."""
        try:
            services.run_delete(run=obj)
        except services.RunBusy as busy:
            self.message_user(request, f"{obj}: {busy}", messages.ERROR)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        for run in queryset:
            self.delete_model(request, run)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Run], search_term: str
    ) -> tuple[QuerySet[Run], bool]:
        """As the history's search, and by what people are called."""
        term = search_term.strip()
        if not term:
            return queryset, False
        _, last = self.recent(request, self.get_queryset(request))
        recent = queryset if last is None else queryset.filter(created_at__gte=last)
        return runs_found(queryset, term, also=called_like(term, "user__"), recent=recent), False

    def among(self, request: HttpRequest, rows: QuerySet[Run]) -> QuerySet[Run]:
        """Those of the person, and until the time, that the address names."""
        person, ends = request.GET.get("person", ""), until(request)
        if is_key(person):
            rows = rows.filter(user=int(person))
        return rows.filter(created_at__lte=ends) if ends else rows

    def has_export_permission(self, request: HttpRequest) -> bool:
        """For whoever may view runs: an export holds no more than the pages show."""
        return self.has_view_permission(request)

    def export_action(self, request: HttpRequest) -> HttpResponse:
        """The form, and the file; an address whose values suit nothing leads to the form without them."""
        try:
            answer: HttpResponse = super().export_action(request)
        except IncorrectLookupParameters:
            return redirect("admin:flows_run_export")
        return answer

    def get_export_formats(self) -> list[type[Any]]:
        return [PlainCSV, PlainXLSX, JSON]

    def get_export_filename(self, request: HttpRequest, queryset: QuerySet[Run], file_format: Any) -> str:
        return f"runs-{timezone.now():%Y-%m-%d}.{file_format.get_extension()}"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context |= {"title": "Run and review", "show_save_and_continue": False}
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="run")
    def number(self, run: Run) -> str:
        return run.short_code

    @admin.display(description="when (UTC)", ordering="created_at")
    def when(self, run: Run) -> SafeString:
        return format_html("<b>{}</b> {}", run.short_code, f"{run.created_at:%Y-%m-%d %H:%M:%S}")

    @admin.display(description="outcome")
    def result(self, run: Run) -> SafeString:
        row = HistoryRow(run)
        return format_html('<span class="pill {}">{}</span>', row.tone, row.outcome)

    @admin.display(description="person", empty_value="no account")
    def person(self, run: Run) -> str | None:
        return run.user.called if run.user else None

    @admin.display(description="provider and flow")
    def provider_and_flow(self, run: Run) -> str:
        return HistoryRow(run).what

    @admin.display(description="pool")
    def pool(self, run: Run) -> str:
        row = HistoryRow(run)
        return f"{row.pool} ({row.elsewhere})" if row.elsewhere else row.pool

    @admin.display(description="role, or why not")
    def role(self, run: Run) -> SafeString | str:
        if run.error_code:
            return format_html('<span class="text-no" title="{}">{}</span>', run.error_message, run.error_code)
        return HistoryRow(run).role_said

    @admin.display(description="review")
    def review(self, run: Run) -> SafeString | str:
        if run.reviewed_at is None:
            return "–"
        by = str(run.reviewed_by) if run.reviewed_by else "somebody"
        when = f"{run.reviewed_at:%Y-%m-%d %H:%M}"
        return format_html('<span class="text-ok" title="{}">✓ {}</span>', when, by)

    @admin.display(description="page")
    def page(self, run: Run) -> SafeString:
        return format_html('<a href="{}">Open the run on the site</a>', run.get_absolute_url())

    @admin.display(description="role")
    def role_name(self, run: Run) -> str:
        return HistoryRow(run).role_said

    @admin.display(description="took")
    def measure(self, run: Run) -> str:
        """Its calls and their time, as everywhere."""
        (row,) = rows_of([run])
        return row.measure

    @admin.display(description="sign-ins")
    def sign_ins(self, run: Run) -> SafeString:
        """At the provider, for this run."""
        rows = SignIn.objects.filter(run_code=run.code)
        address = "admin:providers_signin_change"
        return format_html_join(" ", '<a href="{}">{}</a>', ((reverse(address, args=[row.pk]), row) for row in rows))

    @admin.display(description="API calls")
    def calls(self, run: Run) -> SafeString:
        """In a table of our own: Django's inline ones make a form of each row, which takes longer than all the rest."""
        rows = ApiCall.objects.filter(run=run).order_by("position").defer(*CALL_BODIES, *CALL_REST)
        return render_to_string("admin/flows/calls.html", {"calls": rows})

    @admin.display(description="parameters")
    def settings(self, run: Run) -> SafeString:
        return pretty(run.parameters)

    @admin.action(description="Mark as reviewed", permissions=["review"])
    def mark_reviewed(self, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        runs = list(queryset.filter(reviewed_at=None))
        for run in runs:
            services.run_review(run=run, reviewer=_account(request), note=run.review_note)
        self.message_user(request, f"Marked as reviewed: {len(runs)}.", messages.SUCCESS)

    @admin.action(description="Withdraw the review", permissions=["review"])
    def withdraw_review(self, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        runs = list(queryset.exclude(reviewed_at=None))
        for run in runs:
            services.run_withdraw_review(run=run)
        self.message_user(request, f"No longer marked as reviewed: {len(runs)}.", messages.SUCCESS)


def _account(request: HttpRequest) -> User:
    """Who is signed in. The admin site lets nobody else come this far."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
