"""Verbs that are not about running: review, adoption, interruption, retention."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from flows.models import Outcome, Run
from flows.services import leases
from providers.sign_in.sign_ins import sign_ins_adopt
from vault import services as vault
from web.batches import Turns

_BATCH = 500
LONGEST_REVIEW = 2000  # characters of its note
_also: list[tuple[str, Callable[[], int]]] = []


def also_purge(what: str, purge: Callable[[], int]) -> None:
    """Have `manage.py purge` call this as well: it returns how many it deleted, and `what` is one of them."""
    if (what, purge) not in _also:
        _also.append((what, purge))


def purge_others() -> dict[str, int]:
    """Do what others have registered; what one of them is called -> how many were deleted."""
    return {what: purge() for what, purge in _also}


def run_review(*, run: Run, reviewer: User, note: str) -> None:
    """Mark a run as reviewed. The caller has checked that the reviewer may: permission `flows.review_run`."""
    run.reviewed_at, run.reviewed_by, run.review_note = timezone.now(), reviewer, note.strip()
    run.save(update_fields=["reviewed_at", "reviewed_by", "review_note"])


def run_withdraw_review(*, run: Run) -> None:
    """Take the mark and its note away again. The caller has checked the same permission."""
    run.reviewed_at, run.reviewed_by, run.review_note = None, None, ""
    run.save(update_fields=["reviewed_at", "reviewed_by", "review_note"])


def run_to_review(*, after: Run) -> Run | None:
    """The next older run of a person that has ended and that nobody has reviewed; after the oldest, the newest one.

    In the history's order, whose index it enters where `after` stands.
    """
    waiting = Run.objects.by_people().filter(reviewed_at=None).exclude(outcome__in=(Outcome.OPEN, Outcome.RUNNING))
    waiting = waiting.exclude(pk=after.pk).order_by("-created_at", "-pk")
    older = Q(created_at__lt=after.created_at) | Q(created_at=after.created_at, pk__lt=after.pk)
    return waiting.filter(older, created_at__lte=after.created_at).first() or waiting.first()


def runs_adopt(*, visitor: UUID, user: User) -> int:
    """Give an account the runs that this browser made while nobody was signed in; returns how many."""
    with transaction.atomic():
        sign_ins_adopt(visitor=visitor, user_id=user.pk)
        vault.adopt(visitor=visitor, user_id=user.pk)
        return Run.objects.adopt(visitor=visitor, user_id=user.pk)


def runs_interrupt() -> int:
    """Mark every run whose lease is over, or whose holder is gone, as INTERRUPTED; returns how many there were.

    Any process may find them. It is cheap enough for every page that lists runs: one look at a partial index.
    """
    return leases.interrupt()


def runs_purge(*, older_than: timedelta) -> int:
    """Delete runs that were opened longer ago than that, except such as are under way; returns how many.

    In batches, so that a large purge does not keep everybody else from writing. What the vault holds of them goes too,
    and so does everything in it that has expired.
    """
    leases.interrupt()
    old = Run.objects.filter(created_at__lt=timezone.now() - older_than).exclude(outcome=Outcome.RUNNING)
    deleted = runs_delete_in_batches(old.order_by("created_at"))
    vault.purge()
    return deleted


def runs_delete_in_batches(runs: QuerySet[Run], turns: Turns | None = None) -> int:
    """Delete these runs and what the vault holds of them; returns how many.

    Each batch is a transaction of its own, which the caller must not be in, so that others write between two of them.

    Args:
        turns: the caller's, who calls this again and again.
    """
    turns, deleted = turns or Turns(), 0
    while codes := dict(runs.values_list("pk", "code")[:_BATCH]):
        with transaction.atomic(durable=True):
            vault.discard(*codes.values())
            Run.objects.filter(pk__in=codes).delete()
        deleted += len(codes)
        turns.give()
    return deleted
