"""The date of a signature: how far off it may be, and the words in which each family of services says that it is.

Signatures carry the machine's time, not the account's: that is the clock of the SDK that made them.
"""

import time
from datetime import UTC, datetime

from sandbox.aws.signing import sigv4
from sandbox.aws.wire.error_codes import WORDING, Family, worded_refusal_because
from sandbox.core.errors import AwsError

_SKEW = 300  # seconds
_LONG_SKEW = 900
# ministack#1745 measured these; other services are seen to say five minutes (middyjs/middy#1123 of Systems Manager).
_SERVICES_OF_LONG_SKEW = ("sts", "iam", "dynamodb")


def check_date(family: Family, service: str, signed: sigv4.Signed) -> None:
    """Refuse a signature that is too old, or not yet of now.

    Raises:
        AwsError: in the words of the service's family.
    """
    now = time.time()
    if family == "s3":
        _check_s3_date(signed, now)
        return
    # How long a presigned request is good does not depend on its X-Amz-Expires, which S3 alone goes by.
    allowed = _LONG_SKEW if service in _SERVICES_OF_LONG_SKEW else _SKEW
    minutes = allowed // 60
    if now - signed.time > allowed:
        earliest = f"{_basic(now - allowed)} ({_basic(now)} - {minutes} min.)"
        message = f"Signature expired: {signed.date} is now earlier than {earliest}"
    elif signed.time - now > allowed:
        latest = f"{_basic(now + allowed)} ({_basic(now)} + {minutes} min.)"
        message = f"Signature not yet current: {signed.date} is still later than {latest}"
    else:
        return
    raise worded_refusal_because(WORDING[family].mismatch[:2], message)


def _check_s3_date(signed: sigv4.Signed, now: float) -> None:
    """S3's words, with the members that its documents have (minio#2638, aws-sdk-php#612)."""
    if signed.expires is None:
        if abs(now - signed.time) > _LONG_SKEW:
            raise _too_skewed(signed, now)
        return
    ends = signed.time + signed.expires
    if now > ends:
        raise expired(ends, now, {"X-Amz-Expires": str(signed.expires)})
    if signed.time > now + _LONG_SKEW:
        error = AwsError("AccessDenied", "Request is not yet valid", 403)
        error.members = {"X-Amz-Date": signed.date, "Expires": _extended(ends), "ServerTime": _extended(now)}
        raise error


def expired(ends: float, now: float, more: dict[str, str]) -> AwsError:
    """S3's refusal of a URL whose time is over; `more` stands before the times."""
    error = AwsError("AccessDenied", "Request has expired", 403)
    error.members = {**more, "Expires": _extended(ends), "ServerTime": _extended(now)}
    return error


def _too_skewed(signed: sigv4.Signed, now: float) -> AwsError:
    message = "The difference between the request time and the current time is too large."
    error = AwsError("RequestTimeTooSkewed", message, 403)
    error.members = {
        "RequestTime": signed.date,
        "ServerTime": _extended(now),
        "MaxAllowedSkewMilliseconds": str(_LONG_SKEW * 1000),
    }
    return error


def _basic(when: float) -> str:
    return datetime.fromtimestamp(when, UTC).strftime("%Y%m%dT%H%M%SZ")


def _extended(when: float) -> str:
    """A time of day; one that is after the year 9999 is no time of anybody's, and said to be its last second."""
    return datetime.fromtimestamp(min(when, 253_402_300_799), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
