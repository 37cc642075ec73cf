"""The table of the vault."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.owned import Owned, OwnedQuerySet


class SealedValue(Owned):
    """One secret of one owner, readable only with the installation's key, and gone when it expires.

    `reference` says what it belongs to, mostly a run's code, and `purpose` what it is: one value for the two.
    vault.services seals and opens it.
    """

    reference = models.CharField(max_length=64)
    purpose = models.CharField(max_length=24)
    sealed = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(db_index=True)

    objects = OwnedQuerySet["SealedValue"].as_manager()

    class Meta:
        db_table = "providers_sealedvalue"  # as it was called when it belonged to the providers
        constraints = [
            models.UniqueConstraint(fields=["reference", "purpose"], name="sealed_value_purpose"),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(visitor__isnull=False), name="sealed_value_has_an_owner"
            ),
        ]
        indexes = [models.Index(fields=["visitor"], condition=Q(user=None), name="sealed_value_visitor")]

    def __str__(self) -> str:
        return f"{self.purpose} of {self.reference[:6]}…"
