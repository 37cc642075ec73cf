"""What every page shows about the mode it runs in."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def mode(request: HttpRequest) -> dict[str, Any]:
    """`sandbox` (bool) and `mode_badge` (its words), for the header of every page."""
    if settings.APP_MODE == "sandbox":
        badge = f"Sandbox · {settings.AWS_REGION}"
        return {"sandbox": True, "mode_badge": badge}
    # The last four digits tell accounts apart without putting the whole number on a projector.
    account = f" · account …{settings.AWS_ACCOUNT_ID[-4:]}" if settings.AWS_ACCOUNT_ID else ""
    return {"sandbox": False, "mode_badge": f"AWS · {settings.AWS_REGION}{account}"}
