"""What the admin's pages of runs and of calls have in common."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from web.admin_lists import ForgivingList

REVIEW = "flows.review_run"
CALL_BODIES = (
    "request_headers",
    "request_params",
    "request_body",
    "response_headers",
    "response_params",
    "response_body",
)
CALL_REST = ("attempts", "decisions", "tokens")


class ReadOnlyAdmin(ForgivingList, admin.ModelAdmin):  # type: ignore[type-arg]  # Django's class takes no type at run time
    """For staff who may view runs, and for reviewers."""

    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perms([REVIEW]) or super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def names_in(fieldsets: Any) -> list[str]:
    """The fields of fieldsets."""
    return [name for _, options in fieldsets for name in options["fields"]]


def pretty(value: Any) -> SafeString:
    """A JSON value with its structure visible, a text as it is."""
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    return format_html('<pre class="wire">{}</pre>', text)
