"""Accounts in the admin site."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from accounts.models import User
from web.admin_lists import ForgivingList

admin.site.site_header = "Identity Pools Lab"
admin.site.site_title = "Identity Pools Lab"
admin.site.index_title = "Administration"
# The list of everything stands on the first page; beside a list of runs it would take the room of two columns.
admin.site.enable_nav_sidebar = False


@admin.register(User)
class AccountAdmin(ForgivingList, UserAdmin):  # type: ignore[type-arg]  # Django's class takes no type at run time
    """People's accounts, groups and permissions. The groups "Reviewers" and "Trainers" make reviewers and trainers."""

    list_display = ("username", "is_active", "is_staff", "is_superuser", "date_joined", "last_login")
    date_hierarchy = "date_joined"
    show_full_result_count = False
