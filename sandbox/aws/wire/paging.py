"""NextToken: where the next page begins, opaque to clients."""

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sandbox.core.errors import AwsError

T = TypeVar("T")


def page_of(
    found: Sequence[T], limit: int, place: Callable[[T], int | str], member: str = "NextToken"
) -> tuple[Sequence[T], dict[str, str]]:
    """The first `limit` of what was found, and the answer's `member` that says where the next page begins, if any.

    Args:
        found: from where the page begins, with at least one more than `limit` where there is one.
        place: where in the order one stands.
    """
    page = found[:limit]
    return page, {member: page_token(place(page[-1]))} if len(found) > limit else {}


def page_by_name(
    every: Iterable[T], params: Mapping[str, Any], limit: int, name: Callable[[T], str]
) -> tuple[Sequence[T], dict[str, str]]:
    """The same out of everything there is, in the order of its names, for the NextToken that `params` has.

    Raises:
        AwsError: InvalidParameterException.
    """
    after = position_text(params.get("NextToken"))
    return page_of([one for one in every if name(one) > after], limit, name)


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
