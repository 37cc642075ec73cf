"""Of which class an account is: what web.sandboxes asks to find the sandbox that it is in; and which classes are pinned
to one of their own."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Warning, register
from django.db import DatabaseError

from training.models import Cohort, SandboxAccount


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


def names_of_pinned() -> dict[str, str]:
    """What each class that CLASS_SANDBOXES names is called; a name that no class has is left out."""
    found = Cohort.objects.filter(public_id__in=classes_pinned())
    return dict(found.values_list("public_id", "name"))


@register("lab")
def check_pinned_classes(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """lab.W036: CLASS_SANDBOXES names classes that there are. Asked by who may read the database: `migrate`, `serve`,
    the doctor. A warning only, since a class may be named before it is restored or made."""
    if not databases or not classes_pinned():
        return []
    try:
        unknown = sorted(set(classes_pinned()) - names_of_pinned().keys())
    except DatabaseError:  # before its tables are made; others say that it is away
        return []
    hint = "The name is the ID in the class's address, /class/ID/, letter by letter. Until there is one, it pins none."
    return [
        Warning(f"CLASS_SANDBOXES names {name}, and there is no class {name}.", hint=hint, id="lab.W036")
        for name in unknown
    ]
