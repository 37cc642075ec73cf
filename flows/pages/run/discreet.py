"""Recorded calls for a room: without the numbers of accounts and without who signed in."""

import re
from collections.abc import Mapping
from copy import copy
from typing import Any

from flows.models import ApiCall

HIDDEN = "‹hidden›"
# An account's number stands alone, or between the colons of an ARN; the end of a UUID has a hyphen before it.
_ACCOUNT = re.compile(r"(?<![\w.-])\d{12}(?![\w.-])")
_TEXTS = ("url", "error_message")
_PARTS = ("request_params", "response_params", "decisions", "tokens")


def discreet(call: ApiCall, subject: str) -> ApiCall:
    """A copy of the call, not to be stored. `subject`: who signed in, as the provider names them."""
    shown = copy(call)
    for name in (*_TEXTS, *_PARTS):
        setattr(shown, name, _without(getattr(call, name), subject))
    return shown


def _without(value: Any, subject: str) -> Any:
    if isinstance(value, str):
        return _ACCOUNT.sub(HIDDEN, value.replace(subject, HIDDEN) if subject else value)
    if isinstance(value, Mapping):
        return {name: _without(part, subject) for name, part in value.items()}
    if isinstance(value, list):
        return [_without(part, subject) for part in value]
    return _without(str(value), subject) if isinstance(value, int) and not isinstance(value, bool) else value
