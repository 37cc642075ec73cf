"""Times as tokens and answers tell them."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils import timezone


def moment(seconds: object) -> datetime | None:
    """Seconds since 1970 as a moment; None for what is no number, or lies in no year of the calendar."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def usable_until(end: datetime) -> datetime:
    """How long to keep what ends then: a little while if that is over by our clock and was taken by the leeway."""
    now = timezone.now()
    return end if end > now else now + timedelta(seconds=settings.SIGN_IN_LEEWAY)
