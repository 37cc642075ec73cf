"""Whom a row belongs to: an account, or a browser without one."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Owner:
    """An account's primary key, or the random visitor id that a browser keeps in a cookie of its own.

    The visitor id is not the session key: that changes at sign-in, and the runs made before would be lost.
    """

    user_id: int | None
    visitor: UUID
