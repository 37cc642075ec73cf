"""Which condition keys a policy asks for, in its conditions and by its variables."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from iampolicy.conditions import list_of, text_of

_VARIABLE = re.compile(r"\$\{\s*([^{},*?$]+?)\s*(?:,[^{}]*)?\}")


def asked_keys(document: Mapping[str, Any]) -> list[str]:
    """The names of the keys as the policy writes them, each once, in the order in which they stand there."""
    found: dict[str, str] = {}
    for statement in list_of(document.get("Statement", [])):
        for name in _of_statement(statement):
            found.setdefault(name.lower(), name)
    return list(found.values())


def _of_statement(statement: Mapping[str, Any]) -> Iterator[str]:
    for element in ("Resource", "NotResource"):
        for resource in list_of(statement.get(element, [])):
            yield from _VARIABLE.findall(resource)
    for keys in (statement.get("Condition") or {}).values():
        for key, values in keys.items():
            yield key
            for value in list_of(values):
                yield from _VARIABLE.findall(text_of(value))
