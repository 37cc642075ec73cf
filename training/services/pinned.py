"""Of which class an account is: what web.sandboxes asks to find the sandbox that it is in."""

from functools import lru_cache

from django.conf import settings

from training.models import SandboxAccount


def class_of_account(account_id: str) -> str:
    """The public ID of the class that the account was made for; empty for those of no class."""
    try:
        return _kept(account_id)
    except SandboxAccount.DoesNotExist:
        return ""


@lru_cache(maxsize=4096)
def _kept(account_id: str) -> str:
    """It is the same as long as the account is there: every call of a run asks.

    Raises:
        SandboxAccount.DoesNotExist: not kept, as an account of that number may be made yet.
    """
    rows = SandboxAccount.objects.filter(account_id=account_id)
    found: str | None = rows.values_list("cohort__public_id", flat=True).get()
    return found or ""


def classes_pinned() -> list[str]:
    """The public IDs of those that CLASS_SANDBOXES names."""
    return list(settings.CLASS_SANDBOXES) if settings.APP_MODE == "sandbox" else []
