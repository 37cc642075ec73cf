"""People with an account in this application. What a provider says about a person is another thing: see providers."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.db.models import BigIntegerField

from web.prepared import Prepared


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


_BY_KEY = Prepared(lambda key: User.objects.filter(pk=key), BigIntegerField())
