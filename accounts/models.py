"""People with an account in this application. What a provider says about a person is another thing: see providers."""

from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.db.models import BigIntegerField

from accounts.names import name_people
from web.prepared import Prepared

SEAT = "seat-"  # what names of accounts begin with that were made for a seat of a class


class Accounts(UserManager["User"]):
    """As Django's own; every request looks one account up by its key, so the query for it is prepared."""

    use_in_migrations = False

    def get(self, *args: Any, **kwargs: Any) -> "User":
        if args or kwargs.keys() != {"pk"} or kwargs["pk"] is None:
            return super().get(*args, **kwargs)
        found = _BY_KEY.first(kwargs["pk"])
        if found is None:
            raise self.model.DoesNotExist("There is no such account.")
        return found


class User(AbstractUser):
    """An account of this application. Signing in at an identity provider neither makes one nor enters one."""

    objects: ClassVar[Accounts] = Accounts()

    def __str__(self) -> str:
        return self.get_full_name() or self.get_username()

    @property
    def has_own_name(self) -> bool:
        """Whether people sign in by the name of the account; those made for a seat are entered by a code."""
        return not self.username.startswith(SEAT)

    @cached_property
    def called(self) -> str:
        """What pages and lists call this person: `ana`, or of a seat's account `Ana (Oslo, Monday)`."""
        name_people([self])
        return str(vars(self)["called"])

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """As Django has it; most accounts were given none, which two small queries tell."""
        return (self.is_superuser or self._was_given_some) and super().has_perm(perm, obj)

    @cached_property
    def _was_given_some(self) -> bool:
        return bool(_IN_GROUPS.rows(self.pk) or _GIVEN.rows(self.pk))


_BY_KEY = Prepared(lambda key: User.objects.filter(pk=key), BigIntegerField())
_IN_GROUPS = Prepared(lambda key: User.groups.through.objects.filter(user_id=key)[:1], BigIntegerField())
_GIVEN = Prepared(lambda key: User.user_permissions.through.objects.filter(user_id=key)[:1], BigIntegerField())
