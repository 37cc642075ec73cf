"""Lists of the admin site in which people stand."""

from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest

from accounts.models import User
from accounts.names import name_people
from web.admin_lists import ForgivingList, PatientList


class _ListOfPeople(PatientList):
    result_list: Any  # Django finds it in a query, of which the rows that are named here are kept

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        name_people(row if isinstance(row, User) else row.user for row in self.result_list)


class ListOfPeople(ForgivingList):
    """For a ModelAdmin of accounts, or of rows with a `user`: how all of a page are called is looked up at once."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The list's class."""
        return _ListOfPeople
