"""What is said in the room: help, broadcasts, and who looked at whose runs."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from flows.models import Run, RunShare
from training.models.attempts import Attempt
from training.models.cohorts import Cohort, Membership


class HelpState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    TAKEN = "taken", "Somebody is coming"
    RESOLVED = "resolved", "Resolved"
    WITHDRAWN = "withdrawn", "Withdrawn"


class HelpRequest(models.Model):
    """A seat that asks for help: at most one open request at a time."""

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="help_requests")
    attempt = models.ForeignKey(Attempt, models.SET_NULL, null=True, blank=True, related_name="help_requests")
    run = models.ForeignKey(Run, models.SET_NULL, null=True, blank=True, related_name="+")
    text = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=9, choices=HelpState, default=HelpState.WAITING)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now, editable=False)
    taken_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["membership"], condition=Q(state__in=["waiting", "taken"]), name="help_one_open"
            )
        ]
        indexes = [models.Index(fields=["state", "at"], name="help_queue")]

    def __str__(self) -> str:
        return f"{self.membership}: {self.get_state_display()}"


class HelpEvent(models.Model):
    """What happened to a request, by whom: taken, handed over, resolved."""

    request = models.ForeignKey(HelpRequest, models.CASCADE, related_name="events")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    verb = models.CharField(max_length=16)
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["request_id", "at", "pk"]

    def __str__(self) -> str:
        return self.verb


class Broadcast(models.Model):
    """A sentence to everybody in a class; it may point at a shared run."""

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="broadcasts")
    text = models.CharField(max_length=500)
    share = models.ForeignKey(RunShare, models.SET_NULL, null=True, blank=True, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now, editable=False)
    until = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["cohort", "-at"], name="broadcast_latest")]

    def __str__(self) -> str:
        return self.text


class RunLook(models.Model):
    """A trainer looked at a learner's run. Its owner sees who and when."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["run", "-at"], name="run_look_latest")]

    def __str__(self) -> str:
        return f"{self.name} looked at {self.run}"
