"""Who sits in which class, for accounts.names: accounts made for a seat are called by their class, too."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Q, QuerySet

from training.models import Membership


def classes_of(users: Collection[int]) -> Mapping[int, str]:
    """The classes in which accounts have the seat that they were made for, by the accounts' keys."""
    seats = Membership.objects.filter(user__in=users, made_for_seat=True)
    return dict(seats.values_list("user_id", "cohort__name"))


def seated_like(term: str) -> QuerySet[Membership, Any]:
    """Accounts of seats that are so called, or whose class is."""
    named = Q(display_name__icontains=term) | Q(cohort__name__icontains=term)
    return Membership.objects.filter(named, made_for_seat=True).values("user_id")
