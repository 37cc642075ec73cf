"""What in a policy has no place there, and in which line it stands. The service says only that its syntax is wrong.

Source: IAM User Guide, "Grammar of the IAM JSON policy language".
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from iampolicy.conditions import is_operator, list_of
from iampolicy.grammar import PRINCIPAL_ELEMENTS, STATEMENT_ELEMENTS

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.DOTALL)
_DOCUMENT = {"Version", "Id", "Statement"}
_STATEMENT = STATEMENT_ELEMENTS | PRINCIPAL_ELEMENTS
_TEXTS = ("Action", "NotAction", "Resource", "NotResource")
_LONGEST = 40  # characters of a name that is quoted

Path = tuple[str | int, ...]
Fault = tuple[Path, str]


@dataclass(slots=True)
class _Places:
    """Where each part of a JSON text begins, members at their names, by its path; and members that stand twice."""

    lines: dict[Path, int] = field(default_factory=dict)
    twice: list[tuple[int, str]] = field(default_factory=list)

    def note(self, path: Path, line: int) -> None:
        if path in self.lines and path:
            self.twice.append((line, f"“{_short(path[-1])}” stands twice"))
        self.lines.setdefault(path, line)


def misplaced(text: str) -> tuple[int, str] | None:
    """The line of the first thing that is wrong, and what it is; None where nothing is found.

    Args:
        text: of a policy, which is JSON.
    """
    places = _places(text)
    if places.twice:
        return places.twice[0]
    for path, words in _faults(json.loads(text)):
        while path and path not in places.lines:
            path = path[:-1]
        return places.lines.get(path, 1), words
    return None


def _places(text: str) -> _Places:
    """Read without calls into depth, since the text may be nested as deeply as it likes."""
    found, line, end = _Places(), 1, 0
    open_parts: list[tuple[Path, int]] = []  # of an object -1, of a list how many values it has had
    name: str | None = None
    tokens = list(_TOKEN.finditer(text))
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        line, end = line + text.count("\n", end, token.start()), token.start()
        part = token[0]
        if part in "]}":
            open_parts.pop()
        elif part in ":,":
            continue
        elif after is not None and after[0] == ":" and name is None and open_parts and open_parts[-1][1] < 0:
            name = str(json.loads(part))
            found.note((*open_parts[-1][0], name), line)
        else:
            path: Path = ()
            if open_parts and name is not None:
                path, name = (*open_parts[-1][0], name), None
            elif open_parts:
                around, number = open_parts.pop()
                open_parts.append((around, number + 1))
                path = (*around, number)
                found.note(path, line)
            else:
                found.note(path, line)
            if part in "[{":
                open_parts.append((path, 0 if part == "[" else -1))
    return found


def _faults(document: Any) -> Iterator[Fault]:
    if not isinstance(document, dict):
        yield (), "a policy is an object"
        return
    for name in (name for name in document if name not in _DOCUMENT):
        yield (name,), f"“{_short(name)}” is no element of a policy"
    if not isinstance(document.get("Id", ""), str):
        yield ("Id",), "“Id” is a text"
    if not (statements := document.get("Statement")):
        yield (), "there is no “Statement”"
    in_list = isinstance(statements, list)
    for number, statement in enumerate(list_of(statements or [])):
        for path, words in _faults_of_statement(statement):
            yield ("Statement", *([number] if in_list else []), *path), words


def _faults_of_statement(statement: Any) -> Iterator[Fault]:
    if not isinstance(statement, dict):
        yield (), "a statement is an object"
        return
    for name in (name for name in statement if name not in _STATEMENT):
        yield (name,), f"“{_short(name)}” is no element of a statement"
    if "Effect" not in statement:
        yield (), "this statement has no “Effect”"
    elif statement["Effect"] not in ("Allow", "Deny"):
        yield ("Effect",), "“Effect” is Allow or Deny"
    if not isinstance(statement.get("Sid", ""), str):
        yield ("Sid",), "“Sid” is a text"
    for element in ("Principal", "Action", "Resource"):
        if element in statement and f"Not{element}" in statement:
            yield (f"Not{element}",), f"“{element}” and “Not{element}” exclude each other"
    for element in _TEXTS:
        if not all(isinstance(value, str) for value in list_of(statement.get(element, []))):
            yield (element,), f"“{element}” is a text or a list of texts"
    yield from _faults_of_condition(statement.get("Condition", {}))


def _faults_of_condition(block: Any) -> Iterator[Fault]:
    if not isinstance(block, dict):
        yield ("Condition",), "“Condition” is an object"
        return
    for operator, keys in block.items():
        path: Path = ("Condition", operator)
        if not isinstance(keys, dict):
            yield path, f"“{_short(operator)}” holds keys and values"
        elif keys and not is_operator(operator):
            yield path, f"“{_short(operator)}” is not a condition operator"
        else:
            for key, values in keys.items():
                if not all(isinstance(value, str | bool | int | float) for value in list_of(values)):
                    yield (*path, key), f"“{_short(key)}” is compared with texts, numbers or true and false"


def _short(name: str | int) -> str:
    text = str(name)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
