"""A class: who trains, who learns, in which seats, and which exercises it has.

A seat has a number and a unique constraint, so that two people who come at once never get the same one. Join codes,
links and return codes are functions of the secret key (training.services.codes): none of them rests here.
"""

import secrets
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

if TYPE_CHECKING:
    from accounts.models import User

MOST_SEATS = 500
MOST_NAMES = 3  # that share one seat
NAME_LENGTH = 60


def new_public_id() -> str:
    """Twelve random bytes as 16 URL-safe characters."""
    return secrets.token_urlsafe(12)


class CohortState(models.TextChoices):
    DRAFT = "draft", "Not open yet"
    OPEN = "open", "Open"
    CLOSED = "closed", "Ended"
    ARCHIVED = "archived", "Deleted"


class NameStyle(models.TextChoices):
    REAL = "real", "Real names"
    NICKNAME = "nickname", "Nicknames"
    PSEUDONYM = "pseudonym", "Made-up names"


class Hints(models.TextChoices):
    FREE = "free", "Whenever somebody asks"
    AFTER = "after", "Some minutes after the start"
    TRAINER = "trainer", "When a trainer opens them"


class CohortQuerySet(models.QuerySet["Cohort"]):
    def visible_to(self, user: "User") -> "CohortQuerySet":
        """Classes that this account trains or observes; of a superuser all. The one rule for pages and admin."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        mine = Membership.objects.filter(user_id=user.pk, role__in=[Role.TRAINER, Role.OBSERVER])
        return self._not_resting(user).filter(pk__in=mine.values("cohort_id"))

    def run_by(self, user: "User") -> "CohortQuerySet":
        """Of those the classes that this account may change: observers look on."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        mine = Membership.objects.filter(user_id=user.pk, role=Role.TRAINER)
        return self._not_resting(user).filter(pk__in=mine.values("cohort_id"))

    def _not_resting(self, user: "User") -> "CohortQuerySet":
        """Without the classes that somebody made by the company's word, while the company does not give it.

        Classes to which another trainer added them stay theirs.
        """
        if not settings.COMPANY_TRAINERS or user.is_staff or user.has_perm("training.make_class"):
            return self
        return self.exclude(created_by_id=user.pk) if user.company_identities.exists() else self


class Cohort(models.Model):
    """One class. `version` grows with every change that somebody's page shows (training.services.versions)."""

    public_id = models.CharField(max_length=16, unique=True, default=new_public_id, editable=False)
    name = models.CharField(max_length=100)
    state = models.CharField(max_length=8, choices=CohortState, default=CohortState.OPEN)
    # The join code is made of this number and the secret key; what rests is its keyed digest, to find the class by.
    join_epoch = models.PositiveIntegerField(default=1)
    join_digest = models.CharField(max_length=64, unique=True, null=True, editable=False)
    join_open = models.BooleanField(default=True)
    join_expires_at = models.DateTimeField(null=True, blank=True)
    seats = models.PositiveSmallIntegerField(
        default=24, validators=[MinValueValidator(1), MaxValueValidator(MOST_SEATS)]
    )
    starts_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    preset = models.CharField(max_length=16, blank=True)  # a preset of exercises, or empty for a choice of one's own
    names = models.CharField(max_length=10, choices=NameStyle, default=NameStyle.NICKNAME)
    hints = models.CharField(max_length=8, choices=Hints, default=Hints.FREE)
    hint_minutes = models.PositiveSmallIntegerField(default=5)
    names_on_projector = models.BooleanField(default=False)
    retention_days = models.PositiveSmallIntegerField(default=30)
    # Whether a trainer deleted what people did, or time did; unknown of classes deleted before this was noted.
    deleted_by_hand = models.BooleanField(null=True, editable=False)
    welcome = models.CharField(max_length=300, blank=True)
    version = models.BigIntegerField(default=0)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = CohortQuerySet.as_manager()

    class Meta:
        verbose_name = "class"
        verbose_name_plural = "classes"
        ordering = ["-created_at", "-pk"]
        permissions = [("make_class", "Can make classes")]
        constraints = [
            models.CheckConstraint(condition=Q(seats__gte=1, seats__lte=MOST_SEATS), name="cohort_seats"),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")), name="cohort_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("training:cohort", args=[self.public_id])

    @property
    def state_words(self) -> str:
        """How the class stands, and if what people did is deleted, why, where that was noted."""
        if self.state == CohortState.ARCHIVED and self.deleted_by_hand is not None:
            return "Deleted by a trainer" if self.deleted_by_hand else "Deleted after its time"
        if self.state == CohortState.OPEN and not self.is_open:
            return CohortState.CLOSED.label
        return CohortState(self.state).label

    @property
    def is_open(self) -> bool:
        """Whether people can work in it: afterwards it is for reading."""
        return self.state == CohortState.OPEN and (self.ends_at is None or timezone.now() < self.ends_at)


class Role(models.TextChoices):
    LEARNER = "learner", "Learner"
    TRAINER = "trainer", "Trainer"
    OBSERVER = "observer", "Observer"


class Membership(models.Model):
    """Somebody's place in a class. A learner's has a seat; what they do belongs to it, whoever of its names did it."""

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    role = models.CharField(max_length=8, choices=Role, default=Role.LEARNER)
    seat = models.PositiveSmallIntegerField(null=True, blank=True)
    display_name = models.CharField(max_length=200)  # of a seat with several names all of them
    pseudonym = models.CharField(max_length=40, blank=True)
    # The account was made for this seat: return codes sign in to it. Of people's own accounts they never do.
    made_for_seat = models.BooleanField(default=False)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)
    # The browser that joined, by the visitor id that it had before: a form that it sends twice takes one seat.
    joined_by = models.UUIDField(null=True, blank=True, editable=False)
    chosen_at = models.DateTimeField(default=timezone.now)  # who is in several classes works in the one chosen last
    last_seen_at = models.DateTimeField(null=True, blank=True)
    # What a trainer last did at the seat, as a sentence for whoever sits there.
    told = models.CharField(max_length=300, blank=True, default="", db_default="", editable=False)
    told_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["cohort_id", "seat", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["cohort", "user"], name="member_once"),
            models.UniqueConstraint(fields=["cohort", "seat"], condition=Q(seat__isnull=False), name="member_seat"),
            models.UniqueConstraint(
                fields=["cohort", "pseudonym"], condition=~Q(pseudonym=""), name="member_pseudonym"
            ),
            models.CheckConstraint(
                condition=Q(role="learner", seat__isnull=False) | (~Q(role="learner") & Q(seat__isnull=True)),
                name="member_seat_of_learners",
            ),
        ]
        indexes = [models.Index(fields=["user", "-chosen_at"], name="member_user")]

    def __str__(self) -> str:
        return self.shown_name

    @property
    def shown_name(self) -> str:
        """What boards and lists call this seat."""
        return self.display_name


class SeatName(models.Model):
    """One of up to three names that share a seat; each has a return code, made of this row and its epoch."""

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="seat_names")
    position = models.PositiveSmallIntegerField(default=1)
    name = models.CharField(max_length=NAME_LENGTH)
    key = models.CharField(max_length=16, unique=True, default=new_public_id, editable=False)
    return_epoch = models.PositiveIntegerField(default=1)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["membership_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["membership", "position"], name="seat_name_position"),
            models.CheckConstraint(condition=Q(position__gte=1, position__lte=MOST_NAMES), name="seat_name_three"),
        ]

    def __str__(self) -> str:
        return self.name


class ReturnRequest(models.Model):
    """Somebody says that they were here already, in another browser; a trainer lets them in with one tap."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        GRANTED = "granted", "Let in"
        DENIED = "denied", "Not let in"
        USED = "used", "Came in"

    seat_name = models.ForeignKey(SeatName, models.CASCADE, related_name="return_requests")
    visitor = models.UUIDField()  # the browser that asks
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["seat_name", "visitor"], condition=Q(state="waiting"), name="return_request_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.seat_name} asks to come back"


class AssignmentState(models.TextChoices):
    LOCKED = "locked", "Locked"
    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"


class Assignment(models.Model):
    """An exercise of a class, in its place, in the version that it had when the class began."""

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="assignments")
    exercise = models.SlugField(max_length=64)
    version = models.PositiveIntegerField(default=1)
    digest = models.CharField(max_length=64, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=6, choices=AssignmentState, default=AssignmentState.OPEN)
    opens_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["cohort_id", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["cohort", "exercise"], name="assignment_once")]
        indexes = [models.Index(fields=["cohort", "position"], name="assignment_order")]

    def __str__(self) -> str:
        return self.exercise


class Unlock(models.Model):
    """A locked exercise that a trainer opened for one seat."""

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="unlocks")
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="unlocks")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["assignment", "membership"], name="unlock_once")]

    def __str__(self) -> str:
        return f"{self.assignment} for {self.membership}"
