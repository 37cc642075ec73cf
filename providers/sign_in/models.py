"""What a sign-in leaves behind for good: that it happened. What is secret about it is in the vault, for a while."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.owned import OwnedPage, OwnedQuerySet

CLAIMED_FOR = timedelta(minutes=5)  # far longer than it takes to look at an answer


class SignInQuerySet(OwnedQuerySet["SignIn"]):
    def left(self) -> "SignInQuerySet":
        """Begun, and too old to be finished: nobody came back, or the process that took the answer is gone."""
        now = timezone.now()
        late = Q(claimed_at=None, expires_at__lte=now) | Q(expires_at__lte=now - CLAIMED_FOR)
        return self.filter(late, outcome=SignIn.Outcome.UNDER_WAY)

    def newest(self, most: int) -> "tuple[SignInQuerySet, datetime | None]":
        """The newest `most`, and when the last of them began; None where these are all."""
        ends = list(self.order_by("-created_at", "-pk").values_list("created_at", flat=True)[most - 1 : most + 1])
        return (self.filter(created_at__gte=ends[0]), ends[0]) if len(ends) == 2 else (self, None)

    def under_way(self) -> "SignInQuerySet":
        """Begun, not answered, and not too old to be."""
        return self.filter(outcome=SignIn.Outcome.UNDER_WAY, claimed_at=None, expires_at__gt=timezone.now())


class SignIn(OwnedPage):
    """One sign-in at a provider: written when it begins, claimed by the answer that comes back, then kept as history.

    What has to stay secret while it is under way (state, nonce, code verifier, request token) is in the vault under its
    code, only for its owner. `request_key` is a digest of the value by which the answer names its request, so that an
    answer finds this row and no session is needed: tabs cannot mix.
    """

    class Outcome(models.TextChoices):
        UNDER_WAY = "under_way", "Not finished"
        SUCCEEDED = "succeeded", "Succeeded"
        DECLINED = "declined", "Declined"  # by the person or by the provider, in the provider's own words
        REFUSED = "refused", "Refused"  # by us: what came back failed a check
        FAILED = "failed", "Failed"  # the provider could not be asked, or answered with an error
        ABANDONED = "abandoned", "Abandoned"  # nobody came back in time

    provider = models.CharField(max_length=24)  # a key of providers.registry
    run_code = models.CharField(max_length=32, blank=True, db_index=True)
    # Of the run's identity pool: at which stand-ins of the sandbox somebody signs in. Empty where it is not known.
    account_id = models.CharField("AWS account", max_length=12, blank=True)
    return_path = models.CharField(max_length=255, blank=True)

    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.UNDER_WAY)
    request_key = models.CharField(max_length=64, blank=True, db_index=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    subject = models.CharField(max_length=512, blank=True)
    issuer = models.CharField(max_length=512, blank=True)
    address = models.CharField("from address", max_length=64, blank=True)
    user_agent = models.CharField("browser", max_length=256, blank=True)
    error_code = models.CharField(max_length=128, blank=True)
    error_message = models.TextField(blank=True)
    checks = models.JSONField(default=list)  # [{"check", "expected", "actual", "verdict", "doc"}]

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = SignInQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = "sign-in"
        permissions = [("use_developer_identity", "Can be vouched for as a developer-authenticated identity on AWS")]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="sign_in_user_history"),
            models.Index(fields=["visitor", "-created_at", "-id"], name="sign_in_visitor_history"),
            models.Index(fields=["-created_at", "-id"], name="sign_in_history"),
        ]

    def __str__(self) -> str:
        return f"Sign-in {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("providers:sign_in_detail", args=[self.code])
