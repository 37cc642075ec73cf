"""Who may advance a run: one holder at a time, for a while, in whichever process.

A lease is taken by one conditional UPDATE, so two processes cannot both get it. When its holder dies, whoever looks
next finds the run interrupted: on the same machine at once, elsewhere when the lease has run out.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from flows.models import Outcome, Run
from flows.services import holders
from flows.services.endings import tell_of_end
from flows.services.errors import RunBusy, RunGone, RunOver
from web.prepared import insert, update

_INTERRUPTED = {
    "outcome": Outcome.INTERRUPTED,
    "error_code": "Interrupted",
    "error_message": "The process that made this run’s calls stopped before the run ended. The calls that it had sent "
    "are listed.",
    "lease_holder": "",
    "lease_until": None,
}


@contextmanager
def noticing_deletion(*runs: Run) -> Iterator[None]:
    """Around what writes rows of these runs: a run that is not under way can be deleted at any moment.

    Raises:
        RunGone: one of them was deleted, which is why the database refused the row.
    """
    try:
        yield
    except (DatabaseError, Run.DoesNotExist):
        wanted = {run.pk for run in runs}
        if Run.objects.filter(pk__in=wanted).count() == len(wanted):
            raise
        raise RunGone from None


class Lease:
    """The right of one holder to advance one run. What is written through it is not written once it is lost."""

    def __init__(self, run: Run, holder: str) -> None:
        self.run, self.holder = run, holder

    @property
    def holds(self) -> bool:
        """Whether the run at hand is still under way, and under this holder."""
        return self.run.outcome == Outcome.RUNNING and self.run.lease_holder == self.holder

    def renew(self) -> None:
        """Another attempt or another step begins: the lease counts from here."""
        self._update({"lease_until": _until()})

    def go_on(self, **fields: Any) -> bool:
        """Write the run and keep it; False when the lease was lost meanwhile, and then nothing is written."""
        return self._write({**fields, "lease_until": _until()})

    def give_back(self, **fields: Any) -> bool:
        """Write the run and let go of it; False when the lease was lost meanwhile, and then nothing is written."""
        return self._write({**fields, "lease_holder": "", "lease_until": None})

    def end(self, outcome: Outcome, **fields: Any) -> bool:
        """Write how the run ended, and let go of it; False as above."""
        ended = self.give_back(outcome=outcome, finished_at=timezone.now(), **fields)
        if ended:
            tell_of_end(self.run)
        return ended

    def _write(self, fields: dict[str, Any]) -> bool:
        if not self._update(fields):
            self.run.refresh_from_db()
            return False
        for name, value in fields.items():
            setattr(self.run, name, value)
        return True

    def _update(self, fields: dict[str, Any]) -> int:
        return update(Run, {"pk": self.run.pk, "lease_holder": self.holder, "outcome": Outcome.RUNNING}, fields)


@contextmanager
def held(run: Run) -> Iterator[Lease]:
    """Around everything that is done with a run under a lease, which is taken first and given back by who ends it.

    Raises:
        RunBusy, RunOver: as `take`.
        RunGone: the run was deleted.
    """
    with noticing_deletion(run):
        lease = take(run)
        try:
            yield lease
        finally:
            holders.rest(lease.holder)


@contextmanager
def begun(run: Run) -> Iterator[Lease]:
    """As `held`, of a new run: its row is written as one that is under way, so that no other statement takes it.

    Raises:
        RunGone: the run was deleted.
    """
    holder = holders.new_holder()
    run.outcome, run.lease_holder, run.lease_until = Outcome.RUNNING, holder, _until()
    try:
        insert(run)
        with noticing_deletion(run):
            yield Lease(run, holder)
    finally:
        holders.rest(holder)


def take(run: Run) -> Lease:
    """Make the run RUNNING under a new holder. It must still stand where `run` says it does.

    Raises:
        RunBusy: somebody else holds the lease, or has made the next call meanwhile.
        RunOver: the run has ended, perhaps just now since its lease was over.
    """
    holder, until = holders.new_holder(), _until()
    taken = update(
        Run,
        {"pk": run.pk, "outcome": Outcome.OPEN, "position": run.position},
        {"outcome": Outcome.RUNNING, "lease_holder": holder, "lease_until": until},
    )
    if taken:
        run.outcome, run.lease_holder, run.lease_until = Outcome.RUNNING, holder, until
        return Lease(run, holder)
    holders.rest(holder)
    interrupt(run)
    run.refresh_from_db()
    raise RunOver(run.get_outcome_display().lower()) if run.is_over else RunBusy()


def interrupt(run: Run | None = None) -> int:
    """Mark runs whose lease is over, or whose holder is gone, as INTERRUPTED, this one or all; returns how many there
    were."""
    now = timezone.now()
    # In the index's own order: in that of the history, SQLite would read every run that there is.
    found = Run.objects.under_way()
    if run is not None:
        found = found.filter(pk=run.pk)
    # Mostly there is none, and looking does not keep anybody else from writing.
    interrupted = 0
    for pk, holder, until in found.values_list("pk", "lease_holder", "lease_until"):
        if (until is None or until >= now) and not holders.is_gone(holder):
            continue
        stands = Run.objects.filter(pk=pk, outcome=Outcome.RUNNING, lease_holder=holder, lease_until=until)
        if stands.update(**_INTERRUPTED, finished_at=now):
            interrupted += 1
            tell_of_end(Run.objects.get(pk=pk))
    return interrupted


def _until() -> datetime:
    return timezone.now() + timedelta(seconds=settings.RUN_LEASE_SECONDS)
