"""Values as they are written in Python and in JavaScript, which differ in three words and in how a secret is read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flows.programs.call import Secret, Taken

_WIDEST = 88


@dataclass(frozen=True, slots=True)
class Notation:
    """What a language writes for true, false and nothing, how it reads a variable and a member, and whether keys stand
    in quotes."""

    words: Mapping[Any, str]
    variable: str  # with one place for the name
    answer: str  # of a call, with one place for its number
    member: str  # with one place for its name
    quoted_keys: bool = True

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
        return json.dumps(value, ensure_ascii=False)

    def taken(self, taken: Taken) -> str:
        """A member of an earlier answer."""
        return self.answer % taken.step + "".join(self.member % name for name in taken.path)

    def _part(self, part: str | Secret | Taken) -> str:
        if isinstance(part, Taken):
            return self.taken(part)
        return self.variable % part.variable if isinstance(part, Secret) else json.dumps(part, ensure_ascii=False)

    def _key(self, name: str) -> str:
        if not self.quoted_keys and name.isidentifier() and name.isascii():
            return name
        return json.dumps(name, ensure_ascii=False)


def _block(begin: str, members: list[str], end: str, indent: int) -> str:
    if not members:
        return begin + end
    inner, outer = "    " * (indent + 1), "    " * indent
    return f"{begin}\n" + "".join(f"{inner}{member},\n" for member in members) + f"{outer}{end}"
