"""What a body says: JSON of a sensible depth, or the fields of a form."""

import json
import math
from typing import Any
from urllib.parse import parse_qsl

_DEEPEST = 64  # levels of a JSON document


def read_json(text: str | bytes) -> Any:
    """What the JSON says, if it is JSON (Python takes NaN for a number, and no database does) of a sensible depth.

    Raises:
        ValueError
    """
    try:
        content = json.loads(text, parse_constant=_finite, parse_float=_finite)
        _check_depth(content, _DEEPEST)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return content


def _finite(literal: str) -> float:
    number = float(literal)
    if not math.isfinite(number):
        raise ValueError(f"{literal} is not JSON, or beyond every number")
    return number


def _check_depth(content: Any, left: int) -> None:
    if not left:
        raise ValueError("nested too deeply")
    inner = content.values() if isinstance(content, dict) else content if isinstance(content, list) else ()
    for part in inner:
        _check_depth(part, left - 1)


def read_body(body: str) -> dict[str, Any]:
    """The members of a JSON object, or the fields of a form, as token endpoints answer either."""
    try:
        content = read_json(body)
    except ValueError:
        return dict(parse_qsl(body))
    return content if isinstance(content, dict) else {}
