"""What is done before anything is served again, by the one process of a site that is the only one to serve."""

from training.models import Attempt, SandboxAccount


def let_go() -> None:
    """Free at once what others had in hand: they were killed, or are on the machine from which a backup came.

    Where several processes serve a site, leases run out by themselves instead.
    """
    for rows in (SandboxAccount.objects, Attempt.objects):
        rows.filter(lease_until__isnull=False).update(lease_until=None)
