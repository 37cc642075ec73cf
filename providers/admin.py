"""Sign-ins in the admin site: a history, so nothing is added or changed there. It holds no secret."""

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string

from accounts.admin_lists import ListOfPeople
from accounts.names import called_like
from providers.registry import PROVIDERS, provider_called
from providers.sign_in.models import SignIn
from web.admin_filters import ChoiceFilter, WhenFilter, until
from web.admin_lists import SEARCHED


class ProviderFilter(ChoiceFilter):
    title = parameter_name = "provider"
    choices_known = {key: provider.label for key, provider in PROVIDERS.items() if key != "guest"}


@admin.register(SignIn)
class SignInAdmin(ListOfPeople, admin.ModelAdmin):  # type: ignore[type-arg]  # Django's class takes no type at run time
    list_display = ("created_at", "provider_name", "ended", "subject", "person", "address", "error_code")
    list_filter = ("outcome", ProviderFilter, WhenFilter)
    list_select_related = ("user",)
    looked_by = "created_at"
    search_fields = ("subject", "issuer", "error_code", "address")
    search_help_text = f"A person, a subject, an issuer, an error, an address, in the newest {SEARCHED:,} sign-ins"
    exclude = ("request_key", "return_path", "code", "run_code")
    list_per_page = 50

    @admin.display(description="provider", ordering="provider")
    def provider_name(self, sign_in: SignIn) -> str:
        known = provider_called(sign_in.provider)
        return known.label if known else sign_in.provider

    @admin.display(description="outcome", ordering="outcome")
    def ended(self, sign_in: SignIn) -> str:
        return render_to_string("providers/_outcome.html", {"sign_in": sign_in})

    @admin.display(description="person", empty_value="no account")
    def person(self, sign_in: SignIn) -> str | None:
        return sign_in.user.called if sign_in.user else None

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[SignIn], search_term: str
    ) -> tuple[QuerySet[SignIn], bool]:
        """By its own words, or by what people are called."""
        term = search_term.strip()
        if not term:
            return queryset, False
        _, last = self.recent(request, self.get_queryset(request), SEARCHED)
        if last is not None:
            queryset = queryset.filter(created_at__gte=last)
        own, more = super().get_search_results(request, queryset, search_term)
        return own | queryset.filter(called_like(term, "user__")), more

    def among(self, request: HttpRequest, rows: QuerySet[SignIn]) -> QuerySet[SignIn]:
        """Those until the time that the address names."""
        ends = until(request)
        return rows.filter(created_at__lte=ends) if ends else rows

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
