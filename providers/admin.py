"""Sign-ins in the admin site: a history, so nothing is added or changed there. It holds no secret."""

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from accounts.admin_lists import ListOfPeople
from accounts.names import called_like
from providers.sign_in.models import SignIn


@admin.register(SignIn)
class SignInAdmin(ListOfPeople, admin.ModelAdmin):  # type: ignore[type-arg]  # Django's class takes no type at run time
    list_display = ("created_at", "provider", "outcome", "subject", "issuer", "person", "address", "error_code")
    list_filter = ("outcome", "provider")
    list_select_related = ("user",)
    search_fields = ("subject", "issuer", "error_code", "address")
    date_hierarchy = "created_at"
    exclude = ("request_key", "return_path", "code", "run_code")
    list_per_page = 50
    show_full_result_count = False

    @admin.display(description="person", empty_value="no account")
    def person(self, sign_in: SignIn) -> str | None:
        return sign_in.user.called if sign_in.user else None

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[SignIn], search_term: str
    ) -> tuple[QuerySet[SignIn], bool]:
        """By its own words, or by what people are called."""
        own, more = super().get_search_results(request, queryset, search_term)
        term = search_term.strip()
        return (own | queryset.filter(called_like(term, "user__")) if term else own), more

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
