"""What belongs to somebody: rows of an account or, while nobody is signed in, of a browser."""

import secrets
from collections.abc import Callable, Sequence
from typing import Any, Generic, Self, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import models

from accounts.owners import Owner
from web.prepared import Prepared, PreparedDeletion, put

_NOBODY = UUID(int=0)
_Row = TypeVar("_Row", bound=models.Model, covariant=True)


def new_code() -> str:
    """Eighteen random bytes as 24 URL-safe characters: an address that cannot be guessed."""
    return secrets.token_urlsafe(18)


def belonging_to(owner: Owner) -> dict[str, Any]:
    """The fields that make a new row this owner's. An account's rows do not name the browser that made them."""
    return {"user_id": owner.user_id, "visitor": owner.visitor if owner.user_id is None else None}


class OwnedQuerySet(models.QuerySet[_Row]):
    def owned_by(self, owner: Owner) -> Self:
        """Rows of this account, or of this browser when nobody is signed in."""
        if owner.user_id is not None:
            return self.filter(user_id=owner.user_id)
        return self.filter(user=None, visitor=owner.visitor)

    def adopt(self, *, visitor: UUID, user_id: int) -> int:
        """Give an account the rows of this browser from while nobody was signed in; returns how many."""
        return self.filter(user=None, visitor=visitor).update(user_id=user_id, visitor=None)

    def put(self, rows: Sequence[_Row], unique: tuple[str, ...]) -> None:
        """Write rows, each in the place of one that has the same in the fields `unique`, if there is one."""
        put(rows, unique)


class PreparedOfOwner(Generic[_Row]):
    """A prepared query for rows of whoever asks, as `owned_by` finds them.

    Args:
        build: the query, of the condition that says whose the rows are, and of a placeholder for each other value.
        fields: of what kind those values are.
    """

    def __init__(self, build: Callable[..., models.QuerySet[_Row]], *fields: "models.Field[Any, Any]") -> None:
        def of_account(key: Any, *values: Any) -> models.QuerySet[_Row]:
            return build(models.Q(user_id=key), *values)

        def of_browser(key: Any, *values: Any) -> models.QuerySet[_Row]:
            return build(models.Q(user=None, visitor=key), *values)

        self._of_account = Prepared(of_account, models.BigIntegerField(), *fields)
        self._of_browser = Prepared(of_browser, models.UUIDField(), *fields)

    def rows(self, owner: Owner, *values: Any) -> list[_Row]:
        """What the query finds of this person's."""
        if owner.user_id is not None:
            return self._of_account.rows(owner.user_id, *values)
        return self._of_browser.rows(owner.visitor, *values)


class PreparedDeletionOfAll(PreparedDeletion[Any]):
    """A prepared deletion of rows whosever they are, such as of what has expired."""


class Owned(models.Model):
    """A row that belongs to an account or to a browser."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+")
    visitor = models.UUIDField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def owner(self) -> Owner:
        """Whose it is. An account's visitor id plays no part."""
        return Owner(self.user_id, self.visitor or _NOBODY)

    def belongs_to(self, owner: Owner) -> bool:
        """Whether it is this person's: the same account, or the same browser when nobody was signed in."""
        if self.user_id is not None:
            return self.user_id == owner.user_id
        return owner.user_id is None and self.visitor == owner.visitor


class OwnedPage(Owned):
    """One with a page of its own, at an address that cannot be guessed."""

    code = models.CharField(max_length=32, unique=True, default=new_code, editable=False)
    visitor = models.UUIDField(null=True, blank=True, db_index=True)

    class Meta:
        abstract = True
