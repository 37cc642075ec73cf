"""Accounts in the admin site."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from accounts.admin_lists import ListOfPeople
from accounts.models import User
from accounts.names import called_like

admin.site.site_header = "Identity Pools Lab"
admin.site.site_title = "Identity Pools Lab"
admin.site.index_title = "Administration"
# The list of everything stands on the first page; beside a list of runs it would take the room of two columns.
admin.site.enable_nav_sidebar = False


@admin.register(User)
class AccountAdmin(ListOfPeople, UserAdmin):  # type: ignore[type-arg]  # Django's class takes no type at run time
    """People's accounts, groups and permissions. The groups "Reviewers" and "Trainers" make reviewers and trainers."""

    list_display = ("called", "username", "is_active", "is_staff", "is_superuser", "date_joined", "last_login")
    date_hierarchy = "date_joined"
    show_full_result_count = False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """By all that somebody is called, the class of a seat included, and by e-mail address."""
        term = search_term.strip()
        return (queryset.filter(called_like(term) | Q(email__icontains=term)) if term else queryset), False
