"""Pages of the admin site, light: what Django's own would load beside is for widgets that none of ours has."""

from typing import Any

from django import forms
from django.db.models import Field
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst

_OF_RELATED = ("can_add_related", "can_change_related", "can_delete_related", "can_view_related")


class LightPages:
    """For a ModelAdmin: without jQuery, and what needs it, on its pages; and a list whose title is what it lists.

    Django's pages load 90 KB of scripts for slugs that are written along, for pop-ups and for rows that are added to a
    form. Choosing rows for an action, and dates, need none of it.
    """

    @property
    def media(self) -> forms.Media:
        return forms.Media(js=["admin/js/core.js", "admin/js/actions.js"])

    def formfield_for_dbfield(self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any) -> Any:
        """Its field in a form; the objects that it refers to are changed on pages of their own, not in pop-ups."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]  # the ModelAdmin's
        for name in _OF_RELATED:
            if field is not None and hasattr(field.widget, name):
                setattr(field.widget, name, False)
        return field

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The question whether to delete, which says of what in its title too."""
        found = self.get_object(request, object_id)  # type: ignore[attr-defined]
        about = {"subtitle": str(found)} if found is not None else {}
        answer: HttpResponse = super().delete_view(request, object_id, {**about, **(extra_context or {})})  # type: ignore[misc]
        return answer

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, whose title Django has say what is to be done there: `Select run to change`."""
        title = {"title": capfirst(self.opts.verbose_name_plural)}  # type: ignore[attr-defined]
        answer: HttpResponse = super().changelist_view(request, {**title, **(extra_context or {})})  # type: ignore[misc]
        return answer
