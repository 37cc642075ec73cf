"""The end of a run, as others hear of it."""

from django.db import transaction
from django.dispatch import Signal

from flows.models import Run

# Sent with `run=` when a run has ended, whatever way, and the row that says so is committed.
run_ended = Signal()


def tell_of_end(run: Run) -> None:
    """Send `run_ended` once the transaction under way is over. What a receiver raises goes to the log."""
    transaction.on_commit(lambda: run_ended.send_robust(Run, run=run))
