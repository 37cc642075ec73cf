"""How far somebody is with an exercise: attempts, their runs, checks, answers and hints."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.owned import Owned, OwnedQuerySet
from flows.models import Run
from training.models.accounts import SandboxAccount
from training.models.cohorts import Assignment, Cohort, Membership


class AttemptState(models.TextChoices):
    SETTING_UP = "setting_up", "Being set up"
    WORKING = "working", "Working"
    SOLVED = "solved", "Solved"
    GIVEN_UP = "given_up", "Given up"


class Feedback(models.TextChoices):
    CLEAR = "clear", "Clear"
    UNCLEAR = "unclear", "Unclear"


class Attempt(Owned):
    """One try at an exercise, by a seat of a class (`membership`) or by a visitor without one.

    `user` or `visitor` is set in both cases: in a class it is the seat's account.
    """

    membership = models.ForeignKey(Membership, models.CASCADE, null=True, blank=True, related_name="attempts")
    assignment = models.ForeignKey(Assignment, models.SET_NULL, null=True, blank=True, related_name="attempts")
    account = models.ForeignKey(SandboxAccount, models.SET_NULL, null=True, blank=True, related_name="attempts")
    exercise = models.SlugField(max_length=64)
    version = models.PositiveIntegerField(default=1)
    digest = models.CharField(max_length=64, blank=True)
    number = models.PositiveSmallIntegerField(default=1)
    current = models.BooleanField(default=True)
    state = models.CharField(max_length=10, choices=AttemptState, default=AttemptState.WORKING)
    epoch = models.PositiveIntegerField(default=1)  # of its account when it began
    lease_until = models.DateTimeField(null=True, blank=True)  # of whoever sets it up or checks it
    lease_holder = models.CharField(max_length=36, blank=True, default="", db_default="")  # flows.services.holders
    checks_asked = models.PositiveIntegerField(default=0, db_default=0)  # how often the account was to be looked at
    failure = models.CharField(max_length=300, blank=True)
    facts = models.JSONField(default=dict, blank=True)  # what set-up made and pages name: pools, buckets; no secret
    started_at = models.DateTimeField(default=timezone.now)
    last_activity_at = models.DateTimeField(default=timezone.now)
    last_progress_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(null=True, blank=True)  # the first change of the environment
    checked_at = models.DateTimeField(null=True, blank=True)
    solved_at = models.DateTimeField(null=True, blank=True)
    checks_passed = models.PositiveSmallIntegerField(default=0)
    checks_total = models.PositiveSmallIntegerField(default=0)
    hints_used = models.PositiveSmallIntegerField(default=0)
    hints_open = models.PositiveSmallIntegerField(default=0)  # how many a trainer opened
    solution_seen_at = models.DateTimeField(null=True, blank=True)
    solved_for = models.BooleanField(default=False, db_default=False)  # a trainer did it in the learner's place
    last_refusal = models.CharField(max_length=300, blank=True)
    last_refusal_code = models.CharField(max_length=64, blank=True)
    feedback = models.CharField(max_length=8, choices=Feedback, blank=True)
    changed_in = models.BigIntegerField(default=0)  # the class's version with its last visible change

    objects = OwnedQuerySet["Attempt"].as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "exercise"],
                condition=Q(current=True, membership__isnull=False),
                name="attempt_current_of_seat",
            ),
            models.UniqueConstraint(
                fields=["user", "exercise"],
                condition=Q(current=True, membership__isnull=True, user__isnull=False),
                name="attempt_current_of_user",
            ),
            models.UniqueConstraint(
                fields=["visitor", "exercise"],
                condition=Q(current=True, membership__isnull=True, visitor__isnull=False),
                name="attempt_current_of_visitor",
            ),
        ]
        indexes = [
            models.Index(fields=["assignment", "changed_in"], condition=Q(current=True), name="attempt_board"),
            models.Index(fields=["visitor"], name="attempt_visitor"),
        ]

    def __str__(self) -> str:
        return f"{self.exercise} ({self.get_state_display()})"


class RunKind(models.TextChoices):
    LEARNER = "learner", "Run"
    CLI = "cli", "By CLI or SDK"
    CONFIGURE = "configure", "Change"
    PROBE = "probe", "Probe"
    SOLVE = "solve", "Solution"
    SET_UP = "set_up", "Set-up"


class AttemptRun(models.Model):
    """The attempt that a run belongs to, whatever page it was made on."""

    run = models.OneToOneField(Run, models.CASCADE, related_name="+")
    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="attempt_runs")
    kind = models.CharField(max_length=10, choices=RunKind, default=RunKind.LEARNER)
    epoch = models.PositiveIntegerField(default=1)  # of the account when it was made

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["attempt", "kind"], name="attempt_run_kind")]

    def __str__(self) -> str:
        return f"{self.run} ({self.get_kind_display()})"


class CliCall(models.Model):
    """A call by CLI or SDK that was stored: each only once, whoever brings it in."""

    request_id = models.CharField(max_length=128, unique=True)
    account = models.ForeignKey(SandboxAccount, models.CASCADE, related_name="cli_calls")
    run = models.ForeignKey(Run, models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["account_id", "at", "pk"]
        indexes = [models.Index(fields=["account", "-at"], name="cli_call_latest")]

    def __str__(self) -> str:
        return self.request_id


class CheckResult(models.Model):
    """How one check of an attempt stands; what is done stays done. `run` and `call` (its position) prove it."""

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="check_results")
    check_id = models.SlugField(max_length=64)
    done = models.BooleanField(default=False)
    done_at = models.DateTimeField(null=True, blank=True)
    run = models.ForeignKey(Run, models.SET_NULL, null=True, blank=True, related_name="+")
    call = models.PositiveSmallIntegerField(null=True, blank=True)
    evaluated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["attempt_id", "pk"]
        constraints = [models.UniqueConstraint(fields=["attempt", "check_id"], name="check_once")]

    def __str__(self) -> str:
        return f"{self.check_id}: {'done' if self.done else 'to do'}"


class QuestionAnswer(models.Model):
    """What was answered to a question of an exercise: once, before the first change."""

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="answers")
    question = models.SlugField(max_length=64)
    answer = models.CharField(max_length=300)
    right = models.BooleanField(null=True)
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["attempt", "question"], name="answer_once")]

    def __str__(self) -> str:
        return f"{self.question}: {self.answer}"


class HintUse(models.Model):
    """A hint that was shown, because the seat asked for it or a trainer (`given_by`) sent it."""

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="hint_uses")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField(default=timezone.now, editable=False)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["attempt_id", "number"]
        constraints = [models.UniqueConstraint(fields=["attempt", "number"], name="hint_once")]

    def __str__(self) -> str:
        return f"Hint {self.number}"


class CheckAggregate(models.Model):
    """What stays of a class when its people are deleted: counts of five or more of them, no names.

    `check_id` is empty for the exercise as a whole.
    """

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="aggregates")
    exercise = models.SlugField(max_length=64)
    check_id = models.SlugField(max_length=64, blank=True)
    tried = models.PositiveIntegerField()
    done = models.PositiveIntegerField()
    median_minutes = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["cohort_id", "exercise", "check_id"]
        constraints = [models.UniqueConstraint(fields=["cohort", "exercise", "check_id"], name="aggregate_once")]

    def __str__(self) -> str:
        return f"{self.exercise} {self.check_id}: {self.done} of {self.tried}"
