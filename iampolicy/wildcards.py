"""Patterns of policies: `*`, `?` and policy variables.

A pattern is cut at its stars into pieces of fixed length, which are then looked for from left to right. That finds a
match whenever there is one and takes time proportional to pattern times text; a regular expression with many `.*` may
take exponential time. Source: IAM User Guide, "IAM policy elements: Variables and tags" and "Resource".
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from iampolicy.truth import UNKNOWN, Truth, Unknown, all_of

# Condition keys in lower case, each with one value or with several, or known to have one that cannot be told.
Context = Mapping[str, str | tuple[str, ...] | Unknown]

_SPECIAL = {"*", "?", "$"}
_TOKEN = re.compile(r"\$\{([^{}]*)\}|[*?]|\$|[^*?$]+")
_DEFAULT = re.compile(r"([^,]*),\s*'(.*)'\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class PatternPart:
    """A part of a pattern: a text, one character (`?`), a run of characters (`*`) or a variable with its default."""

    kind: Literal["text", "one", "run", "variable"]
    text: str = ""
    default: str | None = None


def normalise(
    context: Mapping[str, str | Sequence[str] | Unknown],
) -> dict[str, str | tuple[str, ...] | Unknown | None]:
    """The context with its keys in lower case, since condition keys are case-insensitive."""
    return {key.lower(): value if isinstance(value, str | Unknown) else tuple(value) for key, value in context.items()}


@lru_cache(maxsize=8192)
def tokens(text: str, variables: bool) -> tuple[PatternPart, ...]:
    """The parts of a pattern. Without `variables` (policies of 2008-10-17) a dollar sign is a character like others."""
    found: list[PatternPart] = []
    for match in _TOKEN.finditer(text):
        part = match[0]
        if part == "*":
            found.append(PatternPart("run"))
        elif part == "?":
            found.append(PatternPart("one"))
        elif match[1] is None:
            found.append(PatternPart("text", part))
        elif not variables:
            found.extend(_without_variables(part))
        elif match[1].strip() in _SPECIAL:
            found.append(PatternPart("text", match[1].strip()))
        else:
            found.append(_variable(match[1]))
    return tuple(found)


def _without_variables(part: str) -> list[PatternPart]:
    """`${...}` of a policy without variables: the characters as they stand, stars and question marks as wildcards."""
    kinds: dict[str, Literal["run", "one"]] = {"*": "run", "?": "one"}
    return [
        PatternPart(kinds[piece]) if piece in kinds else PatternPart("text", piece)
        for piece in re.findall(r"[*?]|[^*?]+", part)
    ]


def _variable(inner: str) -> PatternPart:
    """`key` or `key, 'default'`."""
    match = _DEFAULT.fullmatch(inner)
    if match:
        return PatternPart("variable", match[1].strip().lower(), match[2].replace("''", "'"))
    return PatternPart("variable", inner.strip().lower())


def _value_of(token: PatternPart, context: Context) -> str | Unknown | None:
    """The value of a variable. A key with several values cannot be used in a variable, so it has none."""
    value = context.get(token.text)
    return value if isinstance(value, str | Unknown) else token.default


@dataclass(frozen=True, slots=True)
class Resolved:
    """The parts of a pattern with every variable replaced by its value as plain text.

    `certain` is False when the value of one cannot be told: a run of characters stands in its place.
    """

    parts: tuple[PatternPart, ...]
    certain: bool


def resolve(parts: Sequence[PatternPart], context: Context) -> Resolved | None:
    """The parts without variables; None when one of these has no value."""
    resolved: list[PatternPart] = []
    certain = True
    for token in parts:
        if token.kind != "variable":
            resolved.append(token)
            continue
        value = _value_of(token, context)
        if value is None:
            return None
        certain = certain and value is not UNKNOWN
        resolved.append(PatternPart("run") if isinstance(value, Unknown) else PatternPart("text", value))
    return Resolved(tuple(resolved), certain)


class Pattern:
    """A pattern that is matched against whole values.

    `ignore_case` is for names of actions; resources and condition values are case-sensitive.
    """

    __slots__ = ("_fixed", "_ignore_case", "_parts")

    def __init__(self, parts: Sequence[PatternPart], ignore_case: bool = False) -> None:
        self._parts = tuple(parts)
        self._ignore_case = ignore_case
        has_variables = any(token.kind == "variable" for token in self._parts)
        self._fixed = None if has_variables else _pieces(self._parts, ignore_case)

    def matches(self, value: str, context: Context) -> Truth:
        given = value.lower() if self._ignore_case else value
        if self._fixed is not None:
            return _match(self._fixed, given)
        resolved = resolve(self._parts, context)
        if resolved is None or not _match(_pieces(resolved.parts, self._ignore_case), given):
            return False
        return True if resolved.certain else None


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands between two stars: of a fixed length, with a regular expression only when a `?` is in it."""

    text: str
    length: int
    expression: re.Pattern[str] | None

    def at(self, value: str, position: int) -> bool:
        if self.expression is None:
            return value.startswith(self.text, position)
        return self.expression.match(value, position) is not None

    def find(self, value: str, start: int, end: int) -> int:
        if self.expression is None:
            return value.find(self.text, start, end)
        found = self.expression.search(value, start, end)
        return found.start() if found else -1


def _pieces(parts: Sequence[PatternPart], ignore_case: bool) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    current: list[PatternPart] = []
    for token in [*parts, PatternPart("run")]:
        if token.kind != "run":
            current.append(token)
            continue
        pieces.append(_piece(current, ignore_case))
        current = []
    return tuple(pieces)


def _piece(parts: Sequence[PatternPart], ignore_case: bool) -> Piece:
    texts = [token.text.lower() if ignore_case else token.text for token in parts]
    if all(token.kind == "text" for token in parts):
        text = "".join(texts)
        return Piece(text, len(text), None)
    source = "".join("." if token.kind == "one" else re.escape(text) for token, text in zip(parts, texts, strict=True))
    length = sum(1 if token.kind == "one" else len(text) for token, text in zip(parts, texts, strict=True))
    return Piece("", length, re.compile(source, re.DOTALL))


def _match(pieces: Sequence[Piece], value: str) -> bool:
    first, last = pieces[0], pieces[-1]
    if len(pieces) == 1:
        return len(value) == first.length and first.at(value, 0)
    position, end = first.length, len(value) - last.length
    if end < position or not first.at(value, 0) or not last.at(value, end):
        return False
    for piece in pieces[1:-1]:
        found = piece.find(value, position, end)
        if found < 0:
            return False
        position = found + piece.length
    return True


@lru_cache(maxsize=8192)
def pattern(text: str, variables: bool = True, ignore_case: bool = False) -> Pattern:
    """The compiled pattern of a condition value or of an action."""
    return Pattern(tokens(text, variables), ignore_case)


class ArnPattern:
    """A pattern for ARNs: each of the six parts between colons is matched on its own.

    A pattern with fewer parts is completed with `*`, as the IAM User Guide says of incomplete resource ARNs.
    """

    __slots__ = ("_everything", "_parts")

    def __init__(self, text: str, variables: bool) -> None:
        self._everything = text == "*"
        parts = [Pattern(part) for part in _cut_at_colons(tokens(text, variables))]
        self._parts = parts + [Pattern([PatternPart("run")])] * (6 - len(parts))

    def matches(self, value: str, context: Context) -> Truth:
        if self._everything:
            return True
        values = value.split(":", 5)
        if len(values) != 6:
            return False
        return all_of(part.matches(given, context) for part, given in zip(self._parts, values, strict=True))


@lru_cache(maxsize=8192)
def arn_pattern(text: str, variables: bool = True) -> ArnPattern:
    """The compiled pattern of a resource or of a value of the ARN operators."""
    return ArnPattern(text, variables)


def _cut_at_colons(parts: Sequence[PatternPart]) -> list[list[PatternPart]]:
    """Cut at the first five colons that stand in the pattern itself; those inside a variable's name do not count."""
    fields: list[list[PatternPart]] = [[]]
    for token in parts:
        if token.kind != "text":
            fields[-1].append(token)
            continue
        for index, text in enumerate(token.text.split(":", 6 - len(fields))):
            if index:
                fields.append([])
            if text:
                fields[-1].append(PatternPart("text", text))
    return fields
