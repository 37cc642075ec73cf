"""What stands in a form that asks for a change, read with a sentence where it does not fit."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict

from flows.services import ChoiceRefused
from flows.services.changes import Edit

_NAME = re.compile(r"[\w+=,.@-]{1,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class PoolChange:
    """What flows.services.pool_change is given."""

    kind: str
    target: tuple[str, ...]
    edit: Edit
    title: str


def given(data: QueryDict, name: str, what: str, *, longest: int = 2048) -> str:
    """A value that has to be there, without white space around it."""
    value = data.get(name, "").strip()
    if not value:
        raise ChoiceRefused(f"Enter {what}.", name)
    if len(value) > longest:
        raise ChoiceRefused(f"{what[0].upper()}{what[1:]} is too long.", name)
    return value


def one_of(data: QueryDict, name: str, values: Sequence[str], what: str) -> str:
    value = data.get(name, "")
    if value not in values:
        raise ChoiceRefused(f"Choose {what}.", name)
    return value


def whole_number(data: QueryDict, name: str, what: str) -> int:
    value = data.get(name, "").strip()
    if not (value.isascii() and value.isdigit() and len(value) <= 9):
        raise ChoiceRefused(f"{what} has to be a whole number.", name)
    return int(value)


def named(data: QueryDict, name: str, what: str) -> str:
    value = given(data, name, what, longest=128)
    if not _NAME.fullmatch(value):
        raise ChoiceRefused(f"{what[0].upper()}{what[1:]} can have letters, digits and + = , . @ _ -", name)
    return value
