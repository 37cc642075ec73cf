"""Dates as IAM takes them in conditions: ISO 8601 to any precision, or seconds since 1970."""

import re

# As in 2026-12-13T21:20:37.593+02:00; the year alone is one as well, and so is an hour of one digit.
_ISO = re.compile(
    r"(?P<year>-?\d+)(?:-(?P<month>\d+)(?:-(?P<day>\d+))?)?"
    r"(?:[tT](?:(?P<hour>\d+)(?::(?P<minute>\d+)(?::(?P<second>\d+)(?:\.(?P<fraction>\d+))?"
    r"(?:[zZ]|[+-](?P<zone>\d{2})(?::(?P<zone_minute>\d{2}))?)?)?)?)?)?",
    re.ASCII,
)
_RANGES = {
    "year": (-292_275_054, 292_278_993),
    "month": (1, 12),
    "day": (1, 31),
    "hour": (0, 23),
    "minute": (0, 59),
    "second": (0, 59),
    "fraction": (0, 999_999_999),
    "zone": (0, 23),
    "zone_minute": (0, 59),
}
_LAST = 2**63 - 1
_LONGEST = 64  # characters


def is_date(text: str) -> bool:
    """Whether IAM saves a policy that compares a date with this value; a policy variable may become one."""
    if "${" in text:
        return True
    if len(text) > _LONGEST:
        return False
    if text.isascii() and text.isdigit():
        return int(text) <= _LAST
    parts = _ISO.fullmatch(text)
    return parts is not None and all(
        low <= int(parts[name]) <= high for name, (low, high) in _RANGES.items() if parts[name] is not None
    )
