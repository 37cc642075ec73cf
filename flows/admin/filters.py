"""What the list of runs can be narrowed to."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from accounts.models import User
from accounts.names import name_people
from flows.exchange.steps import FLOWS
from flows.models import Run
from flows.pages.history.row import BY_HAND, HistoryRow
from providers.registry import PROVIDERS
from web.admin_filters import ChoiceFilter

_RECENT = 150  # runs whose people, pools and roles are offered; any other can be asked for by the address
_MOST_OFFERED = 15
WITHOUT_ACCOUNT = "none"


class ProviderFilter(ChoiceFilter):
    title = parameter_name = "provider"
    choices_known = {key: provider.label for key, provider in PROVIDERS.items()}


class FlowFilter(ChoiceFilter):
    title = parameter_name = "flow"
    choices_known = {**{key: key.replace("-", ", ").capitalize() for key in FLOWS}, **BY_HAND}


class ModeFilter(ChoiceFilter):
    title = parameter_name = "mode"
    choices_known = {"sandbox": "Sandbox", "aws": "AWS"}


class ReviewedFilter(ChoiceFilter):
    title, parameter_name = "review", "reviewed"
    choices_known = {"yes": "Reviewed", "no": "Not reviewed"}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(reviewed_at__isnull=self.value() == "no") if self.value() else queryset


class _RecentFilter(admin.SimpleListFilter):
    """A filter that offers what the newest runs have, and takes any other value as well."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        offered = dict(self.offered(recent_runs(request)))
        chosen = request.GET.get(self.parameter_name or "", "")
        if chosen and chosen not in offered:
            offered[chosen] = self.called(chosen)
        return sorted(offered.items(), key=lambda each: each[1].lower())

    def offered(self, rows: list[HistoryRow]) -> Iterable[tuple[str, str]]:
        raise NotImplementedError

    def called(self, value: str) -> str:
        """What a value is called that the newest runs do not have."""
        return value


def recent_runs(request: HttpRequest) -> list[HistoryRow]:
    """The newest runs, read once for all filters of a page."""
    found: list[HistoryRow] | None = getattr(request, "recent_runs", None)
    if found is None:
        names = ("user__username", "user__first_name", "user__last_name")
        shown = ("pool_id", "pool_key", "pool_label", "account_id", "role_arn", "assumed_role_arn")
        runs = Run.objects.select_related("user").only(*names, *shown)
        found = [HistoryRow(run) for run in runs.order_by("-created_at", "-pk")[:_RECENT]]
        request.recent_runs = found  # type: ignore[attr-defined]
    return found


def _first(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The newest different ones."""
    return list({value: label for value, label in pairs if value}.items())[:_MOST_OFFERED]


class PersonFilter(_RecentFilter):
    title = parameter_name = "person"

    def offered(self, rows: list[HistoryRow]) -> Iterable[tuple[str, str]]:
        name_people(row.run.user for row in rows)
        people = _first((str(row.run.user_id), row.run.user.called) for row in rows if row.run.user)
        return [(WITHOUT_ACCOUNT, "(no account)"), *people]

    def called(self, value: str) -> str:
        found = User.objects.filter(pk=value).first() if is_key(value) else None
        return found.called if found else value

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if not value:
            return queryset
        if value == WITHOUT_ACCOUNT:
            return queryset.filter(user=None)
        return queryset.filter(user=value) if is_key(value) else queryset.none()


class PoolFilter(_RecentFilter):
    title = parameter_name = "pool"

    def offered(self, rows: list[HistoryRow]) -> Iterable[tuple[str, str]]:
        return _first((row.run.pool_id, row.pool) for row in rows)

    def called(self, value: str) -> str:
        return HistoryRow(Run(pool_id=value)).pool

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(pool_id=self.value()) if self.value() else queryset


class RoleFilter(_RecentFilter):
    """By the role's name: of the one that was assumed, else of the one that was asked for."""

    title = parameter_name = "role"

    def offered(self, rows: list[HistoryRow]) -> Iterable[tuple[str, str]]:
        return _first((row.role, row.role) for row in rows)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        name = self.value()
        if not name:
            return queryset
        asked_for = Q(assumed_role_arn="", role_arn__endswith=f"/{name}")
        return queryset.filter(Q(assumed_role_arn__contains=f":assumed-role/{name}/") | asked_for)


def is_key(value: str) -> bool:
    """Whether it can be a row's key."""
    return value.isascii() and value.isdigit() and len(value) < 19
