"""What is done before anything is served again: what others had in hand is free, if they are gone."""

from flows.services import holders, runs_interrupt
from training.models import Attempt, SandboxAccount


def let_go() -> None:
    """Free at once what others had in hand: they were killed, or are on the machine from which a backup came.

    By the one process of a site that is the only one to serve.
    """
    for rows in (SandboxAccount.objects, Attempt.objects):
        rows.filter(lease_until__isnull=False).update(lease_until=None)


def let_go_of_the_dead() -> None:
    """Free what processes of this machine had in hand that are gone, and end their runs as interrupted.

    What others have, on other machines too, stays theirs until it is over. By every process that begins to serve.
    """
    runs_interrupt()
    for rows in (SandboxAccount.objects, Attempt.objects):
        held = rows.filter(lease_until__isnull=False).exclude(lease_holder="")
        for pk, holder in held.values_list("pk", "lease_holder"):
            if holders.is_gone(holder):
                rows.filter(pk=pk, lease_holder=holder).update(lease_until=None)
