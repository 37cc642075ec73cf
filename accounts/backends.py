"""Who may sign in by what; the order of AUTHENTICATION_BACKENDS."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied

# Sessions and rights are its own, also of those who came by the company's sign-in or by a seat's return code.
ACCOUNTS = "django.contrib.auth.backends.ModelBackend"


class PasswordSwitch:
    """Stands before the backend that compares passwords: with LOCAL_PASSWORDS=no nobody gets that far."""

    def authenticate(self, request: Any, username: str | None = None, password: str | None = None) -> None:
        """Neither confirms nor denies; refusing stops Django from asking the next backend."""
        if not settings.LOCAL_PASSWORDS:
            raise PermissionDenied("Passwords are switched off.")
