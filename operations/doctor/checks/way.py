"""Is there a way to AWS: whose credentials, which clock?"""

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from django.conf import settings

from operations.doctor import fixes
from operations.doctor.findings import Finding, Fix
from operations.doctor.looking import Unreadable
from operations.doctor.subject import Subject

_SKEW = 60  # seconds; AWS refuses a signature from five minutes on, and tokens are short


def caller(it: Subject) -> Iterator[Finding | str]:
    """Whose credentials the server has, and whether they are of the configured account."""
    try:
        found = it.caller
    except Unreadable as problem:
        yield Finding(
            "error",
            f"{problem}",
            "credentials that AWS knows",
            "Without them nothing of the account can be looked at. Guests and people who sign in need none of ours.",
            (Fix("shell", f"aws sso login{f' --profile {settings.AWS_PROFILE}' if settings.AWS_PROFILE else ''}"),),
        )
        return
    account, arn = str(found["Account"]), str(found["Arn"])
    if settings.APP_MODE == "aws" and settings.AWS_ACCOUNT_ID not in ("", account):
        yield Finding(
            "error",
            f"the credentials are of account {account}",
            f"account {settings.AWS_ACCOUNT_ID} (AWS_ACCOUNT_ID)",
            "What is looked at below is another account than the one that the application uses.",
            (fixes.setting("AWS_ACCOUNT_ID", account),)
            if it.pool.pool_id and _is_there(it)
            else (fixes.by_hand(f"Set AWS_PROFILE to a profile of account {settings.AWS_ACCOUNT_ID}."),),
        )
    if arn.endswith(":root"):
        yield Finding(
            "warning",
            "the credentials are the root user’s",
            "a role with no more rights than the server needs",
            "Whoever gets hold of them has the whole account.",
            (fixes.by_hand("Sign in as a role (`aws sso login`), and delete the root user’s access keys."),),
        )
    yield arn


def _is_there(it: Subject) -> bool:
    try:
        return it.described() is not None
    except Unreadable:
        return False


def clock(it: Subject) -> Iterator[Finding | str]:
    """How far this machine's clock is from AWS's."""
    began = datetime.now(UTC)
    headers = it.caller["ResponseMetadata"]["HTTPHeaders"]
    if "date" not in headers:
        raise Unreadable("the answer has no Date")
    skew = round((began - parsedate_to_datetime(headers["date"])).total_seconds())
    if abs(skew) > _SKEW:
        yield Finding(
            "error",
            f"this machine's clock is {abs(skew)} seconds {'ahead' if skew > 0 else 'behind'}",
            f"at most {_SKEW}",
            "AWS refuses signatures that are five minutes off, and tokens count as expired, or as not valid yet.",
            (Fix("shell", "sudo timedatectl set-ntp true"),),
        )
    yield f"within {max(abs(skew), 1)} s"
