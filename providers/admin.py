"""Sign-ins in the admin site: a history, so nothing is added or changed there. It holds no secret."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from providers.sign_in.models import SignIn
from web.admin_lists import ForgivingList


@admin.register(SignIn)
class SignInAdmin(ForgivingList, admin.ModelAdmin):  # type: ignore[type-arg]  # Django's class takes no type at run time
    list_display = ("created_at", "provider", "outcome", "subject", "issuer", "user", "address", "error_code")
    list_filter = ("outcome", "provider")
    list_select_related = ("user",)
    search_fields = ("subject", "issuer", "error_code", "address", "user__username")
    date_hierarchy = "created_at"
    exclude = ("request_key", "return_path", "code", "run_code")
    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
