"""What happens here when something happens elsewhere."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from flows import services
from flows.services.endings import run_ended

__all__ = ["adopt_runs", "run_ended"]


@receiver(user_logged_in)
def adopt_runs(sender: type[User], request: HttpRequest | None, user: User, **kwargs: Any) -> None:
    """The runs that this browser made before its person signed in become the account's."""
    owner = getattr(request, "owner", None)
    if owner is not None:
        services.runs_adopt(visitor=owner.visitor, user=user)
