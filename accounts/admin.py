"""Accounts in the admin site."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.admin_lists import ListOfPeople
from accounts.company import account_unlink
from accounts.models import CompanyIdentity, User
from accounts.names import called_like
from web.admin_lists import ForgivingList

admin.site.site_header = "Identity Pools Lab"
admin.site.site_title = "Identity Pools Lab"
admin.site.index_title = "Administration"
# The list of everything stands on the first page; beside a list of runs it would take the room of two columns.
admin.site.enable_nav_sidebar = False
admin.site.unregister(Group)


@admin.register(Group)
class PlainGroupAdmin(ForgivingList, GroupAdmin):
    """Groups and what they may do."""

    filter_horizontal = ()


@admin.register(User)
class AccountAdmin(ListOfPeople, UserAdmin):  # type: ignore[type-arg]  # Django's class takes no type at run time
    """People's accounts, groups and permissions. The groups "Reviewers" and "Trainers" make reviewers and trainers."""

    list_display = ("called", "username", "is_active", "is_staff", "is_superuser", "date_joined", "last_login")
    list_per_page = 50
    filter_horizontal = ()  # two lists beside each other, whose help no screen reader is told
    readonly_fields = ("last_login", "date_joined")  # the site writes them

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """By all that somebody is called, the class of a seat included, and by e-mail address."""
        term = search_term.strip()
        return (queryset.filter(called_like(term) | Q(email__icontains=term)) if term else queryset), False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Without passwords an account is made by the company's sign-in, or by a command."""
        return settings.LOCAL_PASSWORDS and super().has_add_permission(request)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if settings.LOCAL_PASSWORDS:
            return super().get_fieldsets(request, obj)
        return [
            (title, {**options, "fields": [name for name in options["fields"] if name != "password"]})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        if not settings.LOCAL_PASSWORDS:
            raise PermissionDenied("Passwords are switched off (LOCAL_PASSWORDS).")
        return super().user_change_password(request, id, form_url)


@admin.register(CompanyIdentity)
class CompanyIdentityAdmin(ListOfPeople, admin.ModelAdmin):  # type: ignore[type-arg]  # as above
    """Whom the company's sign-in opens which account for. A link is ended here, and made by its owner or a command."""

    list_display = ("user", "issuer", "subject", "rights", "linked_at", "last_sign_in_at")
    list_select_related = ("user",)
    search_fields = ("user__username", "subject", "issuer")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: CompanyIdentity) -> None:
        account_unlink(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[CompanyIdentity]) -> None:
        for identity in queryset:
            account_unlink(identity)
