"""Three-valued logic: whether something holds, does not hold, or cannot be told.

A condition key may be one that AWS knows the value of and the sandbox does not. What hangs on it is neither true nor
false here: such an Allow must not allow, such a Deny must deny, unless the rest of the condition settles it anyway.
"""

from collections.abc import Iterable
from enum import Enum
from typing import Final

# None: it cannot be told.
Truth = bool | None


class Unknown(Enum):
    """The value of a condition key that AWS supplies and the sandbox cannot."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN


def any_of(truths: Iterable[Truth]) -> Truth:
    """Whether one of them holds; unknown when none certainly does and one may."""
    found: Truth = False
    for truth in truths:
        if truth:
            return True
        if truth is None:
            found = None
    return found


def all_of(truths: Iterable[Truth]) -> Truth:
    """Whether all of them hold; unknown when none certainly fails and one may."""
    found: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            found = None
    return found


def opposite(truth: Truth) -> Truth:
    return None if truth is None else not truth
