"""Lists of the admin site."""

from typing import Any, ClassVar

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString

from web.admin_filters import WhenFilter
from web.admin_pages import LightPages

_PATTERNS = ("__regex", "__iregex")
MOST_COUNTED = 10_000
LOOKED_THROUGH = 5_000  # of the newest rows, for those that filters leave
SEARCHED = 2_000  # of the newest rows, for words


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # Django's class takes no type at run time
    """Counts no further than anybody would page: beyond that there are filters and the search."""

    @cached_property
    def count(self) -> int:
        # An order would make the database sort what is only counted.
        return int(self.object_list.order_by()[:MOST_COUNTED].count())  # type: ignore[attr-defined]


class PatientList(ChangeList):
    """Django asks whether an address's value suits a lookup, and not whether there is such a date, or such a year.

    `stopped` is where the last row stands that was looked at, if there are more.
    """

    model_admin: Any
    stopped: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().__init__(*args, **kwargs)
        except (ValueError, OverflowError) as error:
            raise IncorrectLookupParameters(error) from error
        # In each row's address already: given them, Django looks up for each row which page its address leads to.
        self._carried = f"?{self.preserved_filters}" if self.preserved_filters else ""
        self.preserved_filters = ""

    def url_for_result(self, result: Any) -> str:
        """The row's own page, which leads back to this list with its filters."""
        return f"{super().url_for_result(result)}{self._carried}"

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """With filters, of the newest rows only: where few fit, or none, the database would go through all there are.

        A search says itself how far it looks.
        """
        everything = self.root_queryset
        if self.get_filters_params() and not self.query:
            self.root_queryset, self.stopped = self.model_admin.recent(request, everything)
        try:
            return super().get_queryset(request, exclude_parameters)
        finally:
            self.root_queryset = everything

    @property
    def looked_through(self) -> int:
        """How many rows were looked at, where there are more."""
        return LOOKED_THROUGH

    @property
    def further_url(self) -> str:
        """The same filters, from where this list has stopped; empty where it is in no order of time."""
        if self.model_admin.looked_by != "created_at":
            return ""
        return self.get_query_string({WhenFilter.parameter_name: self.stopped.isoformat(), PAGE_VAR: None})


class ForgivingList(LightPages):
    """For a ModelAdmin: an address whose values suit nothing leads to the list without them, as Django has it.

    And none has the database match a pattern: SQLite asks Python, whose patterns can take for ever, and anybody can
    have staff follow an address that looks for one in what they made themselves.

    Attributes:
        looked_by: the column by which the newest rows are found, which has an index; empty where all can be looked at.
    """

    paginator: Any = CappedPaginator
    show_full_result_count: ClassVar[bool] = False
    looked_by: ClassVar[str] = ""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Whether an address may ask for it."""
        allowed: bool = super().lookup_allowed(lookup, value, request)  # type: ignore[misc]  # the ModelAdmin's
        return allowed and not lookup.endswith(_PATTERNS)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PatientList

    def action_checkbox(self, obj: Any) -> SafeString:
        """A row's box, as Django's, which renders a template for each of them."""
        return format_html(
            '<input type="checkbox" name="{}" value="{}" class="action-select" aria-label="{} {}">',
            ACTION_CHECKBOX_NAME, obj.pk, "Select this object for an action -", obj,
        )  # fmt: skip

    def among(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those of `rows` that an index finds, by what the address asks for: the newest of them are looked at."""
        return rows

    def recent(self, request: HttpRequest, rows: QuerySet[Any], most: int = 0) -> tuple[QuerySet[Any], Any]:
        """The newest LOOKED_THROUGH of the rows, or `most`, and where the last one stands: None where these are all."""
        most = most or LOOKED_THROUGH
        if not self.looked_by:
            return rows, None
        among = self.among(request, rows)
        ends = among.order_by(f"-{self.looked_by}").values_list(self.looked_by, flat=True)[most - 1 : most + 1]
        found = list(ends)
        if len(found) < 2:
            return among, None
        return among.filter(**{f"{self.looked_by}__gte": found[0]}), found[0]
