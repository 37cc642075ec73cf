"""ARNs and unique ids of IAM, and the refusals that all its operations share."""

import secrets
from urllib.parse import quote

from sandbox.core.errors import AwsError

_ID_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def unique_id(prefix: str) -> str:
    """An id such as `AROA...` (role) or `ANPA...` (managed policy), as long as IAM's."""
    return prefix + "".join(secrets.choice(_ID_LETTERS) for _ in range(21 - len(prefix)))


def arn(account: str, kind: str, path: str, name: str) -> str:
    """`arn:aws:iam::ACCOUNT:role/path/name`; `path` begins and ends with a slash."""
    return f"arn:aws:iam::{account}:{kind}{path}{name}"


def account_of(resource: str) -> str:
    """The account part of an ARN, or an empty text."""
    parts = resource.split(":", 5)
    return parts[4] if len(parts) == 6 else ""


def require_arn(text: str) -> None:
    """Refuse what is no ARN at all, in the words that LocalStack recorded (tests/aws/services/iam).

    Raises:
        AwsError: ValidationError.
    """
    if not is_arn(text):
        raise AwsError("ValidationError", "Invalid ARN:  Could not be parsed!")


def is_arn(text: str) -> bool:
    """Whether a text has the parts of an ARN, of which region and account may be empty."""
    parts = text.split(":", 5)
    return len(parts) == 6 and parts[0] == "arn" and all(parts[index] for index in (1, 2, 5))


def encoded(document: str) -> str:
    """A policy as IAM returns it: URL-encoded after RFC 3986."""
    return quote(document, safe="")


def no_such_entity(message: str) -> AwsError:
    return AwsError("NoSuchEntity", message, 404)


def already_exists(message: str) -> AwsError:
    return AwsError("EntityAlreadyExists", message, 409)


def delete_conflict(message: str) -> AwsError:
    return AwsError("DeleteConflict", message, 409)


def limit_exceeded(message: str) -> AwsError:
    return AwsError("LimitExceeded", message, 409)
