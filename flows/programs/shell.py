"""Words of a POSIX shell: quoted so that they stay what they are, with variables where secrets are."""

import json
import shlex
from collections.abc import Mapping
from typing import Any

from flows.programs.call import Secret

_MARKED = "\ue000{}\ue001"  # of the private use area: no value that is kept has them


def word(value: Any) -> str:
    """A parameter's value as one word: text as it is, a structure as JSON."""
    if isinstance(value, tuple):
        return _double_quoted(value)
    if isinstance(value, Mapping | list):
        return json_word(value)
    text = json.dumps(value) if value is None or isinstance(value, bool) else str(value)
    return shlex.quote(text)


def json_word(value: Any) -> str:
    """A structure as JSON, in one word."""
    text = json.dumps(_plain(value), ensure_ascii=False)
    parts = tuple(_split(text))
    return _double_quoted(parts) if any(isinstance(part, Secret) for part in parts) else shlex.quote(text)


def _plain(value: Any) -> Any:
    """The value with marks of ours where secrets are."""
    if isinstance(value, tuple):
        return "".join(_MARKED.format(part.variable) if isinstance(part, Secret) else part for part in value)
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list) else value


def _split(text: str) -> list[str | Secret]:
    begin, end = _MARKED.split("{}")
    first, *rest = text.split(begin)
    parts: list[str | Secret] = [first]
    for piece in rest:
        variable, _, after = piece.partition(end)
        parts += [Secret(variable, ""), after]
    return parts


def _double_quoted(parts: tuple[str | Secret, ...]) -> str:
    """In double quotes only four characters mean something: POSIX, 2.2.3."""
    return '"' + "".join(f"${{{p.variable}}}" if isinstance(p, Secret) else _escaped(p) for p in parts) + '"'


def _escaped(text: str) -> str:
    for character in '\\"$`':
        text = text.replace(character, f"\\{character}")
    return text.replace("!", "\"'!'\"")  # which means something to people's own shells, in double quotes too
