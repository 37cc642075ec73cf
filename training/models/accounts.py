"""Accounts of the sandbox that people of this application have. No key of any rests here: the sandbox is asked."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.owned import Owned, OwnedQuerySet
from training.models.cohorts import Cohort, Membership


class Purpose(models.TextChoices):
    OWN = "own", "Own account"
    OPPONENT = "opponent", "Opponent's account"
    TRAINER = "trainer", "Trainer's account"


class AccountState(models.TextChoices):
    WANTED = "wanted", "To be made"
    SEEDING = "seeding", "Being made"
    READY = "ready", "Ready"
    RESETTING = "resetting", "Being reset"
    FAILED = "failed", "Could not be made"
    RETIRED = "retired", "To be removed"


class SandboxAccount(Owned):
    """One account: of a seat in a class, made before anybody sits there, or of a visitor without a class.

    `user` and `visitor` say whose it is outside of classes; in a class the membership does.
    """

    account_id = models.CharField(max_length=12, unique=True)
    region = models.CharField(max_length=32)
    purpose = models.CharField(max_length=8, choices=Purpose, default=Purpose.OWN)
    cohort = models.ForeignKey(Cohort, models.SET_NULL, null=True, blank=True, related_name="sandbox_accounts")
    seat = models.PositiveSmallIntegerField(null=True, blank=True)
    membership = models.ForeignKey(Membership, models.SET_NULL, null=True, blank=True, related_name="sandbox_accounts")
    epoch = models.PositiveIntegerField(default=1)  # raised by each reset of the whole account: older runs do not count
    state = models.CharField(max_length=10, choices=AccountState, default=AccountState.WANTED)
    lease_until = models.DateTimeField(null=True, blank=True)  # of whoever makes or resets it
    lease_holder = models.CharField(max_length=36, blank=True, default="", db_default="")  # flows.services.holders
    boot_id = models.CharField(max_length=64, blank=True)  # the sandbox's start in which it was last looked after
    made_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=300, blank=True)
    # Identity pools beyond those that every account is seeded with: rows as in settings.IDENTITY_POOLS.
    more_pools = models.JSONField(default=list, blank=True)
    # How far the application has read the account's calls by CLI and SDK.
    calls_cursor = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = OwnedQuerySet["SandboxAccount"].as_manager()

    class Meta:
        ordering = ["cohort_id", "seat", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cohort", "seat", "purpose"], condition=Q(seat__isnull=False), name="sandbox_account_of_seat"
            ),
            models.UniqueConstraint(
                fields=["membership", "purpose"],
                condition=Q(membership__isnull=False),
                name="sandbox_account_of_member",
            ),
            models.UniqueConstraint(
                fields=["user", "purpose"], condition=Q(user__isnull=False), name="sandbox_account_of_user"
            ),
            models.UniqueConstraint(
                fields=["visitor", "purpose"], condition=Q(visitor__isnull=False), name="sandbox_account_of_visitor"
            ),
        ]
        indexes = [
            models.Index(fields=["state"], condition=~Q(state="ready"), name="sandbox_account_work"),
        ]

    def __str__(self) -> str:
        return self.account_id
