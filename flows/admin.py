"""Runs and their calls in the admin site: evidence, so nothing is added or changed. A review is all that is new."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.models import User
from flows import services
from flows.exchange.steps import FLOWS
from flows.models import ApiCall, Run
from flows.pages.history.row import BY_HAND
from providers.models import SignIn
from providers.registry import PROVIDERS

REVIEW = "flows.review_run"
MOST_COUNTED = 10_000
_CALL_BODIES = (
    "request_headers",
    "request_params",
    "request_body",
    "response_headers",
    "response_params",
    "response_body",
)
_CALL_REST = ("attempts", "decisions", "tokens")


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # Django's class takes no type at run time
    """Counts no further than anybody would page: beyond that there are filters and the search."""

    @cached_property
    def count(self) -> int:
        # An order would make the database sort what is only counted.
        return int(self.object_list.order_by()[:MOST_COUNTED].count())  # type: ignore[attr-defined]


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # Django's class takes no type at run time
    """For staff who may view runs, and for reviewers."""

    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perms([REVIEW]) or super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class _ChoiceFilter(admin.SimpleListFilter):
    """A filter whose choices the code knows: asking the table for its distinct values would read all of it."""

    choices_known: dict[str, str]

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return self.choices_known.items()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{self.parameter_name or "": self.value()}) if self.value() else queryset


class ProviderFilter(_ChoiceFilter):
    title = parameter_name = "provider"
    choices_known = {key: provider.label for key, provider in PROVIDERS.items()}


class FlowFilter(_ChoiceFilter):
    title = parameter_name = "flow"
    choices_known = {**{key: key.replace("-", ", ").capitalize() for key in FLOWS}, **BY_HAND}


class ModeFilter(_ChoiceFilter):
    title = parameter_name = "mode"
    choices_known = {"sandbox": "Sandbox", "aws": "AWS"}


class ReviewedFilter(_ChoiceFilter):
    title, parameter_name = "review", "reviewed"
    choices_known = {"yes": "Reviewed", "no": "Not reviewed"}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(reviewed_at__isnull=self.value() == "no") if self.value() else queryset


class CallsOfRun(admin.TabularInline):  # type: ignore[type-arg]  # Django's class takes no type at run time
    model = ApiCall
    fields = readonly_fields = (
        "position", "kind", "operation", "state", "status", "error_code", "duration_ms", "request_id",
    )  # fmt: skip
    extra = 0
    show_change_link = True
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiCall]:
        return super().get_queryset(request).defer(*_CALL_BODIES, *_CALL_REST)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True  # whoever may see the run; RunAdmin has asked

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    """The only field to fill in is the note of a review, and flows.services writes it."""

    list_display = (
        "number", "created_at", "outcome", "error_code", "provider", "flow", "user", "subject", "identity_id", "mode",
        "duration_ms", "reviewed",
    )  # fmt: skip
    list_filter = ("outcome", ProviderFilter, FlowFilter, ModeFilter, ReviewedFilter)
    list_select_related = ("user",)
    date_hierarchy = "created_at"
    search_fields = ("identity_id",)  # what makes the box appear; get_search_results says what is looked for
    search_help_text = "An identity ID, a request ID or a run's code, whole; or the beginning of an identity ID."
    actions = ("mark_reviewed", "withdraw_review")
    inlines = (CallsOfRun,)
    fieldsets = (
        (None, {"fields": ("number", "page", "user", "visitor", "created_at", "finished_at", "outcome")}),
        ("Choice", {"fields": ("mode", "account_id", "region", "pool_id", "access", "flow", "provider", "settings")}),
        ("Who", {"fields": ("subject", "sign_ins", "reuses", "links")}),
        (
            "Result",
            {"fields": ("identity_id", "role_arn", "assumed_role_arn", "access_key_id", "credentials_expire_at",
                        "error_code", "error_message", "duration_ms", "scrubbed")},
        ),
        ("Review", {"fields": ("reviewed_at", "reviewed_by", "review_note")}),
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Run | None = None) -> list[str]:
        return [
            name
            for name in _names_in(self.fieldsets)
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
        """Whole values by their indexes; the beginning of an identity ID is what the history shows of it."""
        term = search_term.strip().rstrip("…")
        if not term:
            return queryset, False
        by_call = ApiCall.objects.filter(request_id=term).values("run")
        by_identity = Q(identity_id__startswith=term) if ":" in term else Q(identity_id=term)
        return queryset.filter(by_identity | Q(code=term) | Q(pk__in=by_call)), False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context |= {"title": "Run and review", "show_save_and_continue": False}
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="run")
    def number(self, run: Run) -> str:
        return run.short_code

    @admin.display(description="reviewed", boolean=True)
    def reviewed(self, run: Run) -> bool:
        return run.reviewed_at is not None

    @admin.display(description="page")
    def page(self, run: Run) -> SafeString:
        return format_html('<a href="{}">Open the run on the site</a>', run.get_absolute_url())

    @admin.display(description="sign-ins")
    def sign_ins(self, run: Run) -> SafeString:
        """At the provider, for this run."""
        rows = SignIn.objects.filter(run_code=run.code)
        address = "admin:providers_signin_change"
        return format_html_join(" ", '<a href="{}">{}</a>', ((reverse(address, args=[row.pk]), row) for row in rows))

    @admin.display(description="parameters")
    def settings(self, run: Run) -> SafeString:
        return _pretty(run.parameters)

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


def _names_in(fieldsets: Any) -> list[str]:
    return [name for _, options in fieldsets for name in options["fields"]]


def _pretty_field(name: str) -> Callable[[Any, ApiCall], SafeString]:
    @admin.display(description=name.replace("_", " "))
    def show(model_admin: Any, call: ApiCall) -> SafeString:
        return _pretty(getattr(call, name))

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
    search_fields = ("request_id",)
    search_help_text = "A request ID, or a run's code or identity ID, whole."
    fieldsets = (
        (None, {"fields": ("run_link", "position", "kind", "step", "state", "started_at", "duration_ms", "scrubbed")}),
        ("Request", {"fields": ("service", "operation", "protocol", "signed", "method", "url", "sent_headers",
                                "sent_params", "sent_body")}),
        ("Response", {"fields": ("status", "request_id", "error_code", "error_message", "got_headers", "got_params",
                                 "got_body")}),
        ("Besides", {"fields": ("all_attempts", "all_decisions", "all_tokens")}),
    )  # fmt: skip

    sent_headers, sent_params, sent_body = (_pretty_field(name) for name in _CALL_BODIES[:3])
    got_headers, got_params, got_body = (_pretty_field(name) for name in _CALL_BODIES[3:])
    all_attempts, all_decisions, all_tokens = (_pretty_field(name) for name in _CALL_REST)

    def get_readonly_fields(self, request: HttpRequest, obj: ApiCall | None = None) -> list[str]:
        return _names_in(self.fieldsets)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiCall]:
        calls: QuerySet[ApiCall] = super().get_queryset(request)
        is_list = request.resolver_match is not None and request.resolver_match.url_name == "flows_apicall_changelist"
        return calls.defer(*_CALL_BODIES, *_CALL_REST) if is_list else calls

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
        by_run = Run.objects.filter(Q(code=term) | Q(identity_id=term)).order_by().values("pk")
        return queryset.filter(Q(request_id=term) | Q(run__in=by_run)), False

    @admin.display(description="run")
    def run_link(self, call: ApiCall) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("admin:flows_run_change", args=[call.run_id]), call.run)


def _account(request: HttpRequest) -> User:
    """Who is signed in. The admin site lets nobody else come this far."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _pretty(value: Any) -> SafeString:
    """A JSON value with its structure visible, a text as it is."""
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    return format_html('<pre class="wire">{}</pre>', text)
