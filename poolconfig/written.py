"""What both languages have in common: what is written of a document, and what is left out with a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from poolconfig.document import Document

_OWN = "COGNITO"


@dataclass(frozen=True, slots=True)
class Written:
    """A document in a language, and what to mind of it."""

    text: str
    notes: tuple[str, ...] = ()


def kept(members: Mapping[str, Any]) -> dict[str, Any]:
    """Without those that say nothing."""
    return {name: value for name, value in members.items() if value not in (None, "", [], {})}


def other_providers(client: Mapping[str, Any], notes: list[str]) -> list[str]:
    """The providers of a user pool's client that can be made again: those that are outside need their secrets."""
    listed = client.get("SupportedIdentityProviders") or []
    others = [name for name in listed if name != _OWN]
    if others:
        named = client.get("ClientName", "")
        notes.append(f"The client {named} signs in at {', '.join(others)} as well: add these to the user pool by hand.")
    return [name for name in listed if name == _OWN]


def left_out_notes(document: Document) -> list[str]:
    """What the text does not make."""
    notes = [f"{one} is named and not there; it is left out." for one in document["missing"]]
    notes += [
        f"The user pool {pool['Id']} could not be read: it is named by its ID, and not made."
        for pool in document["userPools"]
        if not pool["Settings"]
    ]
    return [*notes, *_user_pool_notes(document)]


def _user_pool_notes(document: Document) -> list[str]:
    return [
        f"Triggers of the user pool {pool['Id']} are named by their ARNs and not made: {', '.join(sorted(triggers))}."
        for pool in document["userPools"]
        if (triggers := pool["Settings"].get("LambdaConfig"))
    ]
