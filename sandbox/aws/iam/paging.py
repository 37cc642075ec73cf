"""Lists in pages, as IAM cuts them: MaxItems and a Marker that is opaque to the client."""

import base64
from collections.abc import Sequence
from typing import Any

from sandbox.core.errors import AwsError

DEFAULT_ITEMS = 100


def page(params: dict[str, Any], member: str, items: Sequence[Any]) -> dict[str, Any]:
    """The part of `items` that `params` asks for, under the output's `member`.

    Raises:
        AwsError: ValidationError for a marker that this sandbox did not issue.
    """
    start = _position(params["Marker"]) if params.get("Marker") else 0
    end = start + int(params.get("MaxItems") or DEFAULT_ITEMS)
    answer: dict[str, Any] = {member: list(items[start:end]), "IsTruncated": end < len(items)}
    if end < len(items):
        answer["Marker"] = base64.urlsafe_b64encode(f"from:{end}".encode()).decode()
    return answer


def _position(marker: str) -> int:
    try:
        kind, _, number = base64.urlsafe_b64decode(marker.encode()).decode().partition(":")
        if kind == "from" and number.isdecimal() and len(number) < 10:
            return int(number)
    except ValueError:
        pass
    raise AwsError("ValidationError", "Invalid Marker.")
