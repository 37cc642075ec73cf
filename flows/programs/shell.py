"""Words of a POSIX shell: quoted so that they stay what they are, with variables where secrets are."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from itertools import groupby
from secrets import token_hex
from typing import Any

from flows.programs.call import SecretVariable, TakenValue
from flows.programs.literals import visible


def word(value: Any) -> str:
    """A parameter's value as one word: text as it is, a structure as JSON."""
    if isinstance(value, tuple):
        return _quoted(value)
    if isinstance(value, Mapping | list):
        return json_word(value)
    text = json.dumps(value) if value is None or isinstance(value, bool) else str(value)
    return _as_it_is(text)


def json_word(value: Any) -> str:
    """A structure as JSON, in one word."""
    held = HeldVariables()
    return _quoted(held.split(visible(json.dumps(held.plain(value), ensure_ascii=False))))


class HeldVariables:
    """Variables that are taken out of a structure while it is written, and come back where they stood.

    What stands for them is drawn anew each time: nobody who chose the other texts knows it.
    """

    def __init__(self) -> None:
        self._mark = token_hex(16)
        self._variables: list[SecretVariable | TakenValue] = []

    def plain(self, value: Any) -> Any:
        """The structure with a mark in the place of each variable."""
        if isinstance(value, tuple):
            return "".join(part if isinstance(part, str) else self._kept(part) for part in value)
        if isinstance(value, Mapping):
            return {name: self.plain(part) for name, part in value.items()}
        return [self.plain(part) for part in value] if isinstance(value, list) else value

    def split(self, text: str) -> tuple[str | SecretVariable | TakenValue, ...]:
        """A text in which the structure was written: what stands around the variables, and them."""
        pieces = re.split(rf"{self._mark}-([0-9]+)-", text)
        return tuple(self._variables[int(piece)] if index % 2 else piece for index, piece in enumerate(pieces))

    def _kept(self, variable: SecretVariable | TakenValue) -> str:
        self._variables.append(variable)
        return f"{self._mark}-{len(self._variables) - 1}-"


def _quoted(parts: tuple[str | SecretVariable | TakenValue, ...]) -> str:
    """In double quotes where there are variables: only four characters mean something there (POSIX, 2.2.3)."""
    if all(isinstance(part, str) for part in parts):
        return _as_it_is("".join(part for part in parts if isinstance(part, str)))
    return '"' + "".join(_escaped(part) if isinstance(part, str) else f"${{{part.variable}}}" for part in parts) + '"'


def _escaped(text: str) -> str:
    for character in '\\"$`':
        text = text.replace(character, f"\\{character}")
    text = text.replace("!", "\"'!'\"")  # which means something to people's own shells, in double quotes too
    return "".join(part if seen else f'"{_by_numbers(part)}"' for seen, part in _seen_and_unseen(text))


def _as_it_is(text: str) -> str:
    """A text as one word that means nothing else."""
    parts = (shlex.quote(part) if seen else _by_numbers(part) for seen, part in _seen_and_unseen(text))
    return "".join(parts) or shlex.quote("")


def _seen_and_unseen(text: str) -> Iterator[tuple[bool, str]]:
    """The text's parts, and of each whether one sees it. The others a terminal may obey, quoted or not: they end a
    paste, or the command that is being typed."""
    for seen, part in groupby(text, lambda one: one.isprintable() or one == "\n"):
        yield seen, "".join(part)


def _by_numbers(text: str) -> str:
    """The bytes of a text as a word (POSIX.1-2024, 2.2.4)."""
    return "$'" + "".join(f"\\{byte:03o}" for byte in text.encode()) + "'"
