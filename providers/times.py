"""Times as tokens and answers tell them."""

from datetime import UTC, datetime


def moment(seconds: object) -> datetime | None:
    """Seconds since 1970 as a moment; None for what is no number, or lies in no year of the calendar."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
