"""Classes in the admin site: each account sees its own."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from training.models import Cohort
from training.services.cohorts import cohorts_visible_to
from web.admin_lists import ForgivingList


@admin.register(Cohort)
class CohortAdmin(ForgivingList, admin.ModelAdmin):  # type: ignore[type-arg]  # Django's class takes no type at run time
    """Classes, for reading: they are changed on their own pages, which look after accounts and versions."""

    list_display = ("name", "state", "seats", "starts_at", "ends_at", "created_at")
    list_filter = ("state",)
    search_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cohort]:
        return cohorts_visible_to(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Cohort | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Cohort | None = None) -> bool:
        return False
