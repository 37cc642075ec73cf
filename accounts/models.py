"""People with an account in this application. What a provider says about a person is another thing: see providers."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import BigIntegerField
from django.utils import timezone

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
    """An account of this application.

    Signing in at an identity provider for a run neither makes one nor enters one; the company's sign-in does both
    (accounts.company).
    """

    # Counts changes of what the company's groups give: sessions from before such a change end.
    sessions_epoch = models.PositiveIntegerField(default=0, db_default=0, editable=False)

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

    def get_session_auth_hash(self) -> str:
        """As Django has it, of the password, and of the epoch once there is one."""
        return self._of_this_epoch(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """The same for earlier keys of the site."""
        return map(self._of_this_epoch, super().get_session_auth_fallback_hash())

    def _of_this_epoch(self, hashed: str) -> str:
        return f"{hashed}.{self.sessions_epoch}" if self.sessions_epoch else hashed

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """As Django has it; most accounts were given none, which two small queries tell."""
        return (self.is_superuser or self._was_given_some) and super().has_perm(perm, obj)

    @cached_property
    def _was_given_some(self) -> bool:
        return bool(_IN_GROUPS.rows(self.pk) or _GIVEN.rows(self.pk))


class CompanyIdentity(models.Model):
    """Whom the company's sign-in knows an account by: who issued the ID token, and the subject there, nothing else.

    Names and e-mail addresses are given to others one day; a subject never is within its issuer (OpenID Connect
    Core 1.0, section 2, `sub`).
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="company_identities")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    # What the company's groups gave and therefore may take: not what the account had from elsewhere.
    rights = models.JSONField(default=list, blank=True)
    linked_at = models.DateTimeField(default=timezone.now, editable=False)
    last_sign_in_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "company identity"
        verbose_name_plural = "company identities"
        ordering = ["user_id", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="company_identity_once"),
            models.UniqueConstraint(fields=["user", "issuer"], name="company_identity_of_an_account"),
        ]

    def __str__(self) -> str:
        return f"Company identity {self.pk}"


_BY_KEY = Prepared(lambda key: User.objects.filter(pk=key), BigIntegerField())
_IN_GROUPS = Prepared(lambda key: User.groups.through.objects.filter(user_id=key)[:1], BigIntegerField())
_GIVEN = Prepared(lambda key: User.user_permissions.through.objects.filter(user_id=key)[:1], BigIntegerField())
