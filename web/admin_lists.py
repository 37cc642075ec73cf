"""Lists of the admin site."""

from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest

_PATTERNS = ("__regex", "__iregex")


class PatientList(ChangeList):
    """Django asks whether an address's value suits a lookup, and not whether there is such a date, or such a year."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().__init__(*args, **kwargs)
        except (ValueError, OverflowError) as error:
            raise IncorrectLookupParameters(error) from error


class ForgivingList:
    """For a ModelAdmin: an address whose values suit nothing leads to the list without them, as Django has it.

    And none has the database match a pattern: SQLite asks Python, whose patterns can take for ever, and anybody can
    have staff follow an address that looks for one in what they made themselves.
    """

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Whether an address may ask for it."""
        allowed: bool = super().lookup_allowed(lookup, value, request)  # type: ignore[misc]  # the ModelAdmin's
        return allowed and not lookup.endswith(_PATTERNS)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PatientList
