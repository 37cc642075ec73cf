"""What a learner is told while they work: the broadcast, how their request for help stands, what was opened."""

import math
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import BigIntegerField, CharField, DateTimeField, OuterRef, Q, Subquery
from django.utils import timezone

from accounts.models import User
from training.models import (
    Assignment,
    AssignmentState,
    Attempt,
    Broadcast,
    CohortState,
    HelpRequest,
    HelpState,
    Membership,
    Role,
)
from training.services.board import live_broadcasts, mark
from training.services.titles import title_of
from web.prepared import Prepared

_TOLD_FOR = timedelta(minutes=15)
_SAID = Prepared(
    lambda user, public_id, now, then: (
        Broadcast.objects.filter(
            Q(until=None) | Q(until__gt=now),
            Q(cohort__ends_at=None) | Q(cohort__ends_at__gt=then),
            cohort__memberships__user_id=user,
            cohort__public_id=public_id,
            cohort__state=CohortState.OPEN,
            withdrawn_at=None,
        )
        .select_related("share")
        .order_by("-at", "-pk")[:1]
    ),
    BigIntegerField(),
    CharField(),
    DateTimeField(),
    DateTimeField(),
)

# Asked by everybody's page every few seconds: of a queryset, the building would take a third of the answer.
_UNCHANGED = Prepared(
    lambda user, public_id, version: (
        Membership.objects.filter(user_id=user, role=Role.LEARNER, cohort__public_id=public_id, cohort__version=version)
        .only("pk")
        .order_by()
    ),
    BigIntegerField(),
    CharField(),
    BigIntegerField(),
)


@dataclass(frozen=True)
class News:
    """`open`: exercises that are open for the seat; `hints`: attempts, and how many hints a trainer opened of each.

    `told`: what a trainer did at the seat a short while ago.
    `version`: the class's, before this was looked up; `until`: when it changes by itself, if it does.
    """

    cohort_open: bool
    broadcast: Broadcast | None
    help: HelpRequest | None
    open: tuple[tuple[int, str], ...]
    hints: tuple[tuple[int, int, str], ...]
    told: str
    told_at: datetime | None
    version: int
    until: datetime | None

    @property
    def token(self) -> str:
        """What a page that shows this sends when it asks what is new."""
        return f"{self.version}.{math.ceil(self.until.timestamp()) if self.until else 0}.{self.mark}"

    @property
    def mark(self) -> str:
        """A short text that differs when something is new."""
        asked = self.help and (self.help.state, self.help.taken_by_id)
        said = self.broadcast and self.broadcast.pk
        return mark(self.cohort_open, said, asked, self.open, self.hints, self.told and self.told_at)

    @property
    def helped_by(self) -> str:
        """Who comes; empty while nobody does."""
        if self.help is None or self.help.state != HelpState.TAKEN or self.help.taken_by is None:
            return ""
        return str(self.help.taker_name or self.help.taken_by)  # type: ignore[attr-defined]


def news_of(seat: Membership, *, brief: bool = False) -> News:
    """What is to be told to this seat now: four queries, or two where the page shows the exercises itself (`brief`)."""
    cohort = seat.cohort
    taker = Membership.objects.filter(cohort=cohort, user=OuterRef("taken_by"))
    asked = (
        HelpRequest.objects.filter(membership=seat, state__in=[HelpState.WAITING, HelpState.TAKEN])
        .annotate(taker_name=Subquery(taker.values("display_name")[:1]))
        .select_related("taken_by")
        .first()
    )
    opened = Assignment.objects.filter(
        Q(state=AssignmentState.OPEN) | Q(unlocks__membership=seat), cohort=cohort
    ).distinct()
    given = Attempt.objects.filter(membership=seat, current=True, hints_open__gt=0)
    if brief:
        opened, given = opened.none(), given.none()
    # What was said to the room is over with the class.
    said = live_broadcasts().filter(cohort=cohort).select_related("author", "share").first() if cohort.is_open else None
    told_until = seat.told_at + _TOLD_FOR if seat.told_at is not None else None
    is_told = told_until is not None and timezone.now() < told_until
    ends = [
        cohort.ends_at if cohort.is_open else None,
        said.until if said else None,
        told_until if is_told else None,
    ]
    return News(
        cohort_open=cohort.is_open,
        broadcast=said,
        help=asked,
        open=tuple((row.pk, title_of(row.exercise)) for row in opened.order_by("position", "pk")),
        hints=tuple((row.pk, row.hints_open, title_of(row.exercise)) for row in given.order_by("pk")),
        told=seat.told if is_told else "",
        told_at=seat.told_at,
        version=cohort.version,
        until=min((end for end in ends if end is not None), default=None),
    )


def said_to(user: int, public_id: str) -> Broadcast | None:
    """What is being said in an open class, to one of its people: one query, since every page of theirs asks."""
    now = timezone.now()
    return _SAID.first(user, public_id, now, now)


def nothing_is_new(user: User, public_id: str, token: str) -> bool:
    """Whether a page with this token shows what there is, for somebody with a seat in that class: one small query.

    False says nothing: the class has another version, which it has for the least of reasons.
    """
    version, _, rest = token.partition(".")
    until, _, _ = rest.partition(".")
    # No more digits than a database takes for a number.
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in (version, until)):
        return False
    if int(until) and time.time() >= int(until):
        return False
    return _UNCHANGED.first(user.pk, public_id, int(version)) is not None
