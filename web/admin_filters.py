"""Filters of the admin site's lists whose choices the code knows."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone


class ChoiceFilter(admin.SimpleListFilter):
    """A filter whose choices the code knows: asking the table for its distinct values would read all of it."""

    choices_known: dict[str, str]

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return self.choices_known.items()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{self.parameter_name or "": self.value()}) if self.value() else queryset


class WhenFilter(ChoiceFilter):
    """By ranges that an index of `created_at` serves, or a time from which on the list looks back: `2026-03-04T12:00`.

    A hierarchy of dates would read every row that there is.
    """

    title, parameter_name = "day", "when"
    choices_known = {"today": "Today", "week": "Past 7 days", "month": "Past 30 days"}

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        ends = until(request)
        further = {request.GET["when"]: f"Until {ends:%Y-%m-%d %H:%M}"} if ends else {}
        return (self.choices_known | further).items()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if ends := until(request):
            return queryset.filter(created_at__lte=ends)
        today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
        days = {"today": 0, "week": 7, "month": 30}.get(self.value() or "")
        return queryset if days is None else queryset.filter(created_at__gte=today - timedelta(days=days))


def until(request: HttpRequest) -> datetime | None:
    """The time that an address asks to look back from, if it does."""
    try:
        found = datetime.fromisoformat(request.GET.get("when", "").replace(" ", "+"))
        # In UTC, as PostgreSQL takes no offset of more than half a day; before the first year there is no time.
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
