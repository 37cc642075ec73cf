"""Runs and the calls they made. Everything here is redacted: there is no secret to find in these tables."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.owned import OwnedPage, OwnedQuerySet
from web.prepared import Prepared


class Outcome(models.TextChoices):
    """How a run stands. A refusal by the service is a result; FAILED is for the rest:
    no answer, one that cannot be read, an error of the service's own (5xx)."""

    OPEN = "open", "Open"
    RUNNING = "running", "Running"
    SUCCEEDED = "succeeded", "Succeeded"
    REFUSED = "refused", "Refused"
    FAILED = "failed", "Failed"
    INTERRUPTED = "interrupted", "Interrupted"
    CANCELLED = "cancelled", "Cancelled"


class Origin(models.TextChoices):
    """Who made a run, where it was not a person on these pages."""

    PAGES = "", "On these pages"
    PROBE = "probe", "Probe"  # the system, to see how things stand
    SOLUTION = "solution", "Solution"  # the system, in somebody's place
    CLI = "cli", "CLI"  # a person, by CLI or SDK


class RunQuerySet(OwnedQuerySet["Run"]):
    def by_people(self) -> "RunQuerySet":
        """Without the probes of the system."""
        return self.exclude(origin=Origin.PROBE)

    def under_way(self) -> "RunQuerySet":
        """The first lease to run out first: the order of the index, which has no other runs."""
        return self.filter(outcome=Outcome.RUNNING).order_by("lease_until")


class Run(OwnedPage):
    """One exchange by one person: what was chosen, how it ended, and its result."""

    mode = models.CharField(max_length=8)
    account_id = models.CharField(max_length=12, blank=True)
    region = models.CharField(max_length=32)
    pool_id = models.CharField("identity pool", max_length=64)
    pool_key = models.SlugField(max_length=40, blank=True)
    # What the pool and its account were called when the run was made: an exercise's pool is nowhere else afterwards.
    pool_label = models.CharField(max_length=128, blank=True, default="", db_default="")
    pool_whose = models.CharField(max_length=100, blank=True, default="", db_default="")
    access = models.CharField(max_length=16)  # Provider.access: guest | authenticated
    flow = models.CharField(max_length=24)  # a key of flows.exchange.steps.FLOWS
    provider = models.CharField(max_length=24)  # a key of providers.registry
    parameters = models.JSONField(default=dict)  # what the visitor set for the calls: role, session name, duration
    subject = models.CharField(max_length=512, blank=True)  # who signed in, as the provider names them
    # Our server refused what the sign-in brought, and it was sent all the same: {"code", "message"} of that refusal.
    refused_here = models.JSONField(default=dict, blank=True)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.PAGES, blank=True)
    # The run whose sign-in this one uses again, and the run whose identity its login is linked to.
    reuses = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    links = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")

    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.OPEN)
    position = models.PositiveSmallIntegerField(default=0)  # index of the next step of the flow
    lease_holder = models.CharField(max_length=36, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    identity_id = models.CharField(max_length=64, blank=True, db_index=True)
    role_arn = models.CharField(max_length=2048, blank=True)  # that was asked for, or that the pool said it chose
    assumed_role_arn = models.CharField(max_length=2048, blank=True)
    access_key_id = models.CharField(max_length=128, blank=True)
    credentials_expire_at = models.DateTimeField(null=True, blank=True)

    error_code = models.CharField(max_length=128, blank=True)
    error_message = models.TextField(blank=True)
    duration_ms = models.PositiveIntegerField(default=0)  # of sign-in and exchange, without later uses
    scrubbed = models.BooleanField(default=False)  # the last net of the redaction caught something in one of its calls

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    review_note = models.TextField(blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        permissions = [("review_run", "Can read and review everybody's runs")]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="run_user_history"),
            models.Index(fields=["visitor", "-created_at", "-id"], name="run_visitor_history"),
            models.Index(fields=["-created_at", "-id"], name="run_history"),
            models.Index(fields=["-created_at", "-id"], condition=Q(reviewed_at__isnull=True), name="run_not_reviewed"),
            models.Index(fields=["lease_until"], condition=Q(outcome="running"), name="run_leases"),
        ]

    def __str__(self) -> str:
        return f"Run {self.short_code}"

    def get_absolute_url(self) -> str:
        return reverse("flows:run_detail", args=[self.code])

    @staticmethod
    def of_code(code: str) -> "Run | None":
        """The run at this address."""
        return _OF_CODE.first(code)

    def recorded(self) -> list["ApiCall"]:
        """Its calls, in their order, as `run.calls.all()`."""
        at_hand = getattr(self, "_prefetched_objects_cache", {}).get("calls")
        found = _CALLS_OF.rows(self.pk) if at_hand is None else list(at_hand)
        for call in found:
            call.run = self
        return found

    def hold(self, calls: list["ApiCall"]) -> None:
        """Have these calls at hand, as `prefetch_related("calls")` would: they are all that the run has."""
        held: Any = self.calls.all()
        held._result_cache, held._prefetch_done = calls, True
        self.__dict__.setdefault("_prefetched_objects_cache", {})["calls"] = held

    @property
    def short_code(self) -> str:
        """What people call the run. The whole code opens it, so titles and lists do not show that."""
        return f"{self.pk:04d}" if self.pk else "new"

    @property
    def role(self) -> str:
        """The role's name: of the one that was assumed, else asked for or chosen; empty where nobody said it yet."""
        # An assumed role is arn:aws:sts::account:assumed-role/NAME/SESSION, a role arn:aws:iam::account:role/path/NAME.
        if self.assumed_role_arn:
            return self.assumed_role_arn.partition("/")[2].partition("/")[0]
        return self.role_arn.rpartition("/")[2]

    @property
    def is_over(self) -> bool:
        return self.outcome not in (Outcome.OPEN, Outcome.RUNNING)


class ApiCall(models.Model):
    """One call, recorded on the wire and redacted: written before it is sent, finished when it has been answered."""

    class State(models.TextChoices):
        SENT = "sent", "Sent, no answer yet"
        ANSWERED = "answered", "Answered"
        UNANSWERED = "unanswered", "No answer"  # connection refused, time-out
        NOT_SENT = "not_sent", "Not sent"  # refused by the SDK's own parameter validation

    class Kind(models.TextChoices):
        PROVIDER = "provider", "Provider authentication"
        EXCHANGE = "exchange", "Exchange"
        USE = "use", "Use of the credentials"

    run = models.ForeignKey(Run, models.CASCADE, related_name="calls")
    position = models.PositiveSmallIntegerField()  # 1, 2, 3 ... within the run
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.EXCHANGE)
    step = models.CharField(max_length=40)  # key of the step (flows.exchange) or of the sample call (lessons)
    state = models.CharField(max_length=12, choices=State, default=State.SENT)

    service = models.CharField(max_length=40)
    operation = models.CharField(max_length=64)
    protocol = models.CharField(max_length=16, blank=True)  # how the wire was written: json, query, rest-xml
    signed = models.BooleanField()
    method = models.CharField(max_length=8, blank=True)
    url = models.TextField(blank=True)
    request_headers = models.JSONField(default=dict)
    request_params = models.JSONField(default=dict)  # the operation's parameters, whatever the wire format
    request_body = models.TextField(blank=True)  # as on the wire, redacted
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    response_headers = models.JSONField(default=dict)
    response_params = models.JSONField(default=dict)
    response_body = models.TextField(blank=True)
    request_id = models.CharField(max_length=128, blank=True, db_index=True)
    attempts = models.JSONField(
        default=list
    )  # each {"number", "status", "duration_ms", "request_id", "error", "message"}
    error_code = models.CharField(max_length=128, blank=True)
    error_message = models.TextField(blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    duration_ms = models.FloatField(null=True, blank=True)

    decisions = models.JSONField(default=list)  # [{"code", "check", "expected", "actual", "verdict", "doc", "source"}]
    tokens = models.JSONField(
        default=list
    )  # [{"where", "kind", "fingerprint", "header", "claims", "verified", "key_id"}]
    scrubbed = models.BooleanField(default=False)

    class Meta:
        verbose_name = "API call"
        ordering = ["run_id", "position"]
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="call_position_in_run")]

    def __str__(self) -> str:
        return f"{self.operation} {self.status or self.get_state_display()}"

    @property
    def failed(self) -> bool:
        return bool(self.error_code) or self.state != self.State.ANSWERED

    def details(self) -> dict[str, Any]:
        """The call as the exported trace and the tests read it."""
        return {name: getattr(self, name) for name in _DETAILS}


class Note(models.Model):
    """What a trainer or a reviewer wrote about a run, or about one call of it; the person whose run it is reads it."""

    LONGEST = 2000

    run = models.ForeignKey(Run, models.CASCADE, related_name="+")
    call = models.PositiveSmallIntegerField(null=True, blank=True)  # the position of the call, where it is about one
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    text = models.CharField(max_length=LONGEST)
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["written_at", "pk"]

    def __str__(self) -> str:
        return f"Note {self.pk} on {self.run}"


class RunShare(models.Model):
    """The link with which anybody reads one run, until it is revoked. Only a digest of what it ends with is kept."""

    run = models.OneToOneField(Run, models.CASCADE, related_name="share")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "shared run"

    def __str__(self) -> str:
        return f"Link to {self.run}"


_DETAILS = (
    *("position", "kind", "step", "state", "service", "operation", "protocol", "signed", "method", "url"),
    *("request_headers", "request_params", "request_body", "status", "response_headers", "response_params"),
    *("response_body", "request_id", "attempts", "error_code", "error_message", "duration_ms", "decisions", "tokens"),
)

_OF_CODE = Prepared(lambda code: Run.objects.filter(code=code).order_by(), models.CharField())
_CALLS_OF = Prepared(lambda run: ApiCall.objects.filter(run_id=run).order_by("position"), models.BigIntegerField())
