"""Logins without a sign-in page: what a script asks for, and what it gets.

Light to import: the sandbox takes these without the stand-ins' libraries.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.idp.sign_in.people import Person


@dataclass(frozen=True, slots=True)
class LoginRequest:
    """What somebody would have chosen on the page.

    Attributes:
        changes: claims that are to be other than those of the person; None leaves one out.
        misbehaviour: what the stand-in does wrong on purpose, empty for nothing.
        client_id: of another application than the account's own, for which the login is.
    """

    person: Person
    changes: Mapping[str, Any] = field(default_factory=dict)
    misbehaviour: str = ""
    client_id: str = ""


@dataclass(frozen=True, slots=True)
class Login:
    """One entry of a Logins map.

    Attributes:
        key: the provider's name in the map.
        artifact: the token, or what takes its place.
        expires: epoch seconds; None for what does not expire.
    """

    key: str
    artifact: str
    expires: int | None


class LoginRefused(Exception):
    """The page would have been shown again; the text says why."""
