"""Calls in the admin site."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from flows.admin.evidence import CALL_BODIES, CALL_REST, ReadOnlyAdmin, names_in, pretty
from flows.models import ApiCall, Run
from flows.pages.run.calls import decision_view

_MOST_RUNS = 500  # whose calls are listed: an identity can have any number


def _pretty_field(name: str) -> Callable[[Any, ApiCall], SafeString]:
    @admin.display(description=name.replace("_", " "))
    def show(model_admin: Any, call: ApiCall) -> SafeString:
        return pretty(getattr(call, name))

    return show


@admin.register(ApiCall)
class ApiCallAdmin(ReadOnlyAdmin):
    """Calls as they were recorded, which is without their secrets."""

    list_display = (
        "operation", "run_link", "position", "started_at", "kind", "state", "status", "error_code", "duration_ms",
        "request_id",
    )  # fmt: skip
    list_filter = ("kind", "state")
    list_select_related = ("run",)
    ordering = ("-pk",)
    looked_by = "pk"
    search_fields = ("request_id",)
    search_help_text = "A request ID, or a run’s code or identity ID, whole."
    fieldsets = (
        (None, {"fields": ("run_link", "position", "kind", "step", "state", "started_at", "duration_ms", "scrubbed")}),
        ("Request", {"fields": ("service", "operation", "protocol", "signed", "method", "url", "sent_headers",
                                "sent_params", "sent_body")}),
        ("Response", {"fields": ("status", "request_id", "error_code", "error_message", "got_headers", "got_params",
                                 "got_body")}),
        ("Besides", {"fields": ("all_attempts", "all_decisions", "all_tokens")}),
    )  # fmt: skip

    sent_headers, sent_params, sent_body = (_pretty_field(name) for name in CALL_BODIES[:3])
    got_headers, got_params, got_body = (_pretty_field(name) for name in CALL_BODIES[3:])
    all_attempts, all_tokens = (_pretty_field(name) for name in ("attempts", "tokens"))

    def get_readonly_fields(self, request: HttpRequest, obj: ApiCall | None = None) -> list[str]:
        return names_in(self.fieldsets)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiCall]:
        calls: QuerySet[ApiCall] = super().get_queryset(request)
        is_list = request.resolver_match is not None and request.resolver_match.url_name == "flows_apicall_changelist"
        return calls.defer(*CALL_BODIES, *CALL_REST) if is_list else calls

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """With its run, by whoever may delete that; never alone, since a trace with a gap would lie."""
        here = request.resolver_match.url_name or "" if request.resolver_match else ""
        return not here.startswith("flows_apicall_") and request.user.has_perms(["flows.delete_run"])

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ApiCall], search_term: str
    ) -> tuple[QuerySet[ApiCall], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        # Looked up first: with a query within it, the database would hold every call that there is against each.
        runs = Run.objects.filter(Q(code=term) | Q(identity_id=term)).order_by().values_list("pk", flat=True)
        return queryset.filter(Q(request_id=term) | Q(run__in=list(runs[:_MOST_RUNS]))), False

    @admin.display(description="decisions")
    def all_decisions(self, call: ApiCall) -> SafeString:
        """As on the run's own page: what was checked, and with what."""
        if not call.decisions:
            return format_html("{}", "None were written down.")
        decisions = [decision_view(entry) for entry in call.decisions]
        return render_to_string("admin/flows/decisions.html", {"decisions": decisions})

    @admin.display(description="run")
    def run_link(self, call: ApiCall) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("admin:flows_run_change", args=[call.run_id]), call.run)
