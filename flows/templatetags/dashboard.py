"""How things stand, on the admin's first page."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import template
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from flows.models import Outcome, Run
from flows.pages.charts import Charts, charts, newest

register = template.Library()
_MOST_COUNTED = 1000


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, and the list that it counts."""

    label: str
    value: str
    url: str


@dataclass(frozen=True, slots=True)
class Dashboard:
    """What `admin/index.html` shows above its lists."""

    figures: tuple[Figure, ...]
    charts: Charts | None


@register.simple_tag
def runs_dashboard(user: User | AnonymousUser) -> Dashboard | None:
    """For whoever may read everybody's runs. Counts end where nobody would count on, and each enters an index."""
    if not (user.has_perm("flows.view_run") or user.has_perm("flows.review_run")):
        return None
    begins = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    runs = Run.objects.by_people()
    today = runs.filter(created_at__gte=begins)
    return Dashboard(
        figures=(
            _figure("Runs today", today, when="today"),
            _figure("Refused today", today.filter(outcome=Outcome.REFUSED), when="today", outcome__exact="refused"),
            _figure("Not reviewed", runs.filter(reviewed_at=None), reviewed="no"),
        ),
        charts=charts(newest(runs)),
    )


def _figure(label: str, runs: QuerySet[Run], **query: Any) -> Figure:
    counted = runs.order_by("-created_at", "-pk")[: _MOST_COUNTED + 1].count()  # along an index, as far as it goes
    value = f"{_MOST_COUNTED:,}+" if counted > _MOST_COUNTED else f"{counted:,}"
    return Figure(label, value, f"{reverse('admin:flows_run_changelist')}?{urlencode(query)}")
