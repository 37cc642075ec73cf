"""Values as they are written in Python and in JavaScript, which differ in three words and in how a secret is read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flows.programs.call import SecretVariable, TakenValue

_NARROW = 0xFFFF  # the last character that four hexadecimal digits name


@dataclass(frozen=True, slots=True)
class Notation:
    """What a language writes for true, false and nothing, how it reads a variable and a member, and whether keys stand
    in quotes."""

    words: Mapping[Any, str]
    variable: str  # with one place for the name
    answer: str  # of a call, with one place for its number
    member: str  # with one place for its name
    quoted_keys: bool = True
    surrogates: bool = True  # whether a character beyond 16 bits is escaped as its two surrogates

    def written(self, value: Any, indent: int = 0) -> str:
        """The value as an expression; structures one member a line."""
        if isinstance(value, tuple):
            return " + ".join(self._part(part) for part in value)
        if isinstance(value, Mapping):
            members = [f"{self._key(name)}: {self.written(part, indent + 1)}" for name, part in value.items()]
            return _block("{", members, "}", indent)
        if isinstance(value, list):
            return _block("[", [self.written(part, indent + 1) for part in value], "]", indent)
        if value is None or isinstance(value, bool):
            return self.words[value]
        return self._literal(value)

    def taken(self, taken: TakenValue) -> str:
        """A member of an earlier answer."""
        return self.answer % taken.step + "".join(self.member % name for name in taken.path)

    def _part(self, part: str | SecretVariable | TakenValue) -> str:
        if isinstance(part, TakenValue):
            return self.taken(part)
        return self.variable % part.variable if isinstance(part, SecretVariable) else self._literal(part)

    def _key(self, name: str) -> str:
        if not self.quoted_keys and name.isidentifier() and name.isascii():
            return name if name != "__proto__" else f'["{name}"]'  # which would be what the object inherits from
        return self._literal(name)

    def _literal(self, value: Any) -> str:
        return visible(json.dumps(value, ensure_ascii=False), surrogates=self.surrogates)


def visible(literal: str, *, surrogates: bool = True) -> str:
    """A literal without anything that a terminal obeys or an editor hides: each such character as its escape.

    Whoever made the call chose it, and somebody else pastes the program: what ends a paste, or turns the direction of
    writing, must be no more than text (CVE-2021-42574). `surrogates`: as in Notation.
    """
    return "".join(one if one.isprintable() else _escape(one, surrogates) for one in literal)


def _escape(character: str, surrogates: bool) -> str:
    if not surrogates and ord(character) > _NARROW:
        return f"\\U{ord(character):08x}"
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _block(begin: str, members: list[str], end: str, indent: int) -> str:
    if not members:
        return begin + end
    inner, outer = "    " * (indent + 1), "    " * indent
    return f"{begin}\n" + "".join(f"{inner}{member},\n" for member in members) + f"{outer}{end}"
