"""Words of a POSIX shell: quoted so that they stay what they are, with variables where secrets are."""

import json
import re
import shlex
from collections.abc import Mapping
from secrets import token_hex
from typing import Any

from flows.programs.call import Secret


def word(value: Any) -> str:
    """A parameter's value as one word: text as it is, a structure as JSON."""
    if isinstance(value, tuple):
        return _quoted(value)
    if isinstance(value, Mapping | list):
        return json_word(value)
    text = json.dumps(value) if value is None or isinstance(value, bool) else str(value)
    return shlex.quote(text)


def json_word(value: Any) -> str:
    """A structure as JSON, in one word."""
    held = Held()
    return _quoted(held.split(json.dumps(held.plain(value), ensure_ascii=False)))


class Held:
    """Secrets that are taken out of a structure while it is written, and come back where they stood.

    What stands for them is drawn anew each time: nobody who chose the other texts knows it.
    """

    def __init__(self) -> None:
        self._mark = token_hex(16)
        self._secrets: list[Secret] = []

    def plain(self, value: Any) -> Any:
        """The structure with a mark in the place of each secret."""
        if isinstance(value, tuple):
            return "".join(self._kept(part) if isinstance(part, Secret) else part for part in value)
        if isinstance(value, Mapping):
            return {name: self.plain(part) for name, part in value.items()}
        return [self.plain(part) for part in value] if isinstance(value, list) else value

    def split(self, text: str) -> tuple[str | Secret, ...]:
        """A text in which the structure was written: what stands around the secrets, and them."""
        pieces = re.split(rf"{self._mark}-([0-9]+)-", text)
        return tuple(self._secrets[int(piece)] if index % 2 else piece for index, piece in enumerate(pieces))

    def _kept(self, secret: Secret) -> str:
        self._secrets.append(secret)
        return f"{self._mark}-{len(self._secrets) - 1}-"


def _quoted(parts: tuple[str | Secret, ...]) -> str:
    """In double quotes where there are secrets: only four characters mean something there (POSIX, 2.2.3)."""
    if not any(isinstance(part, Secret) for part in parts):
        return shlex.quote("".join(part for part in parts if isinstance(part, str)))
    return '"' + "".join(f"${{{p.variable}}}" if isinstance(p, Secret) else _escaped(p) for p in parts) + '"'


def _escaped(text: str) -> str:
    for character in '\\"$`':
        text = text.replace(character, f"\\{character}")
    return text.replace("!", "\"'!'\"")  # which means something to people's own shells, in double quotes too
