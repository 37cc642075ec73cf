"""How people are called on pages, in lists and exports, and how they are found by that: here and nowhere else.

An account that was made for a seat of a class signs in by no name that anybody knows; it has the name that somebody
gave, and what that person belongs to beside it. Who belongs to what is known above: whoever knows registers it here.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import Q, QuerySet


class Person(Protocol):
    """An account, as far as its name goes."""

    @property
    def pk(self) -> Any: ...

    @property
    def has_own_name(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Groups:
    """Something that people belong to.

    Attributes:
        of: of accounts, by their keys, what each belongs to, in words; without those that belong to nothing.
        like: accounts, as their keys in the column `user_id`, that belong to something so called.
    """

    of: Callable[[Collection[int]], Mapping[int, str]]
    like: Callable[[str], QuerySet[Any, Any]]


_groups: list[Groups] = []


def register(groups: Groups) -> None:
    """Have people called by what they belong to, too."""
    if groups not in _groups:
        _groups.append(groups)


def name_people(people: Iterable[Person | None]) -> None:
    """Look up at once how all of these are called, which `called` of each says then without a query for each."""
    users = {id(user): user for user in people if user is not None and "called" not in vars(user)}
    keys = {user.pk for user in users.values() if not user.has_own_name}
    belongs = {key: words for groups in _groups for key, words in groups.of(keys).items()} if keys else {}
    for user in users.values():
        group = belongs.get(user.pk)
        vars(user)["called"] = f"{user} ({group})" if group else str(user)


def called_like(term: str, path: str = "") -> Q:
    """People by what they are called, or by the name with which they sign in.

    Args:
        path: from the rows that are looked for to the account, such as `user__`; empty for accounts themselves.
    """
    found = Q()
    for name in ("username", "first_name", "last_name"):
        found |= Q((f"{path}{name}__icontains", term))
    for groups in _groups:
        found |= Q((f"{path}pk__in", groups.like(term)))
    return found
