"""A decoded token as a table: each claim with its value, what it means, and times that people can read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lessons.claims import meaning_of
from providers.sign_in.times import moment

_TIMES = frozenset({"exp", "iat", "nbf", "auth_time"})


@dataclass(frozen=True, slots=True)
class Claim:
    """One line of the table. `moment` is set when the value is a time."""

    name: str
    value: str
    meaning: str
    moment: datetime | None = None


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token as it was recorded: decoded, and verified or not.

    Attributes:
        kind: such as `OpenID token`.
        number: of the call that carried it first, as the page counts it.
        note: how it was verified, or why it could not be.
        form: `jwt`, `opaque` (it says nothing by itself, the claims are what the provider answered), or `saml`.
        xml: of a SAML response, the document without its signatures' values.
    """

    kind: str
    fingerprint: str
    number: str
    operation: str
    verified: bool
    key_id: str
    note: str
    header: tuple[Claim, ...]
    claims: tuple[Claim, ...]
    form: str = "jwt"
    xml: str = ""

    @property
    def anchor(self) -> str:
        return f"token-{self.number}-{self.fingerprint.replace('·', '')}"


def token_view(token: Mapping[str, Any], number: str, operation: str) -> TokenView:
    """From an entry of ApiCall.tokens."""
    return TokenView(
        kind=token["kind"],
        fingerprint=token["fingerprint"],
        number=number,
        operation=operation,
        verified=bool(token["verified"]),
        key_id=token.get("key_id", ""),
        note=token.get("note", ""),
        header=tuple(_claim(name, value) for name, value in token["header"].items()),
        claims=tuple(_claim(name, value) for name, value in token["claims"].items()),
        form=token.get("form", "jwt"),
        xml=token.get("xml", ""),
    )


def _claim(name: str, value: Any) -> Claim:
    time = moment(value) if name in _TIMES else None
    return Claim(name, _text(value), meaning_of(name), time)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_text(part) for part in value)
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_text(part)}" for name, part in value.items())
    if value is None or isinstance(value, bool):
        return json.dumps(value)  # as it stands in the token
    return str(value)
