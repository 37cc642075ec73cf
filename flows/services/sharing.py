"""A link to one run, for anybody: made, found by, and revoked."""

import secrets

from django.utils import timezone
from django.utils.crypto import salted_hmac

from flows.models import Run, RunShare


def run_share(*, run: Run) -> str:
    """Make a link for a run; returns what it ends with, which is kept nowhere. A link that there was opens nothing now.

    Returns:
        24 URL-safe characters, of 18 random bytes.
    """
    token = secrets.token_urlsafe(18)
    RunShare.objects.update_or_create(run=run, defaults={"digest": _digest(token), "created_at": timezone.now()})
    return token


def run_unshare(*, run: Run) -> bool:
    """Revoke the link of a run; returns whether there was one."""
    return RunShare.objects.filter(run=run).delete()[0] > 0


def share_found(token: str) -> RunShare | None:
    """The link that ends so, with its run."""
    return RunShare.objects.select_related("run").filter(digest=_digest(token)).first()


def _digest(token: str) -> str:
    return salted_hmac("flows.sharing", token, algorithm="sha256").hexdigest()
