"""NextToken: where the next page begins, opaque to clients."""

import base64

from sandbox.core.errors import AwsError


def page_token(position: int | str) -> str:
    return base64.urlsafe_b64encode(f"v1:{position}".encode()).decode().rstrip("=")


def position_text(token: str | None) -> str:
    """The position inside a NextToken; empty for the first page.

    Raises:
        AwsError: InvalidParameterException: not a token of ours.
    """
    if token is None:
        return ""
    try:
        text = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True).decode()
    except ValueError:
        raise _invalid() from None
    if not text.startswith("v1:"):
        raise _invalid()
    return text[3:]


def position(token: str | None) -> int:
    """The same where positions are numbers; 0 for the first page.

    Raises:
        AwsError: InvalidParameterException.
    """
    text = position_text(token)
    if text and not (text.isascii() and text.isdigit() and len(text) < 19):
        raise _invalid()
    return int(text or 0)


def _invalid() -> AwsError:
    return AwsError("InvalidParameterException", "Invalid pagination token.")
