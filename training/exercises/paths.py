"""JMESPath for checks: a function of what is not there finds nothing, where JMESPath would stop with an error."""

from typing import Any

import jmespath
from jmespath import exceptions, functions

LONGEST = 500  # characters of an expression


class BadPath(ValueError):
    """The expression cannot be read; the text says why, for its author."""


class _Functions(functions.Functions):  # type: ignore[misc]
    """JMESPath's own functions, which answer null for arguments of another type than theirs."""

    def call_function(self, function_name: str, resolved_args: Any) -> Any:
        try:
            return super().call_function(function_name, resolved_args)
        except exceptions.JMESPathTypeError:
            return None


_OPTIONS = jmespath.Options(custom_functions=_Functions())
# Names that stand for what differs between accounts, as `{account_id}`, are filled in before the expression is read.
_EXAMPLES = {"account_id": "000000000000", "pool_id": "us-east-1:0", "region": "us-east-1"}


class Path:
    """One expression, which may hold names in braces.

    Raises:
        BadPath: it is too long or cannot be parsed, or names a function that does not exist.
    """

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise BadPath(f"is longer than {LONGEST} characters")
        self.text = text
        try:
            parsed = jmespath.compile(filled_in(text, _EXAMPLES)).parsed
        except exceptions.JMESPathError as wrong:
            raise BadPath(f"cannot be parsed: {str(wrong).splitlines()[0]}") from None
        _look_at_functions(parsed)

    def __repr__(self) -> str:
        return f"Path({self.text!r})"

    def find(self, document: Any, names: dict[str, str]) -> Any:
        """What the expression finds in a document of JSON; None where it finds nothing."""
        try:
            return jmespath.search(filled_in(self.text, names), document, options=_OPTIONS)
        except exceptions.JMESPathError:
            return None


def filled_in(text: str, names: dict[str, str]) -> str:
    """The text with each `{name}` that is known replaced; other braces are the text's own."""
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _look_at_functions(node: dict[str, Any]) -> None:
    """JMESPath finds out only when it calls one whether it exists, and how many arguments it takes."""
    children = [child for child in node.get("children", ()) if isinstance(child, dict)]
    if node["type"] == "function_expression":
        known = _Functions.FUNCTION_TABLE.get(node["value"])
        if known is None:
            raise BadPath(f"names a function that does not exist: {node['value']}")
        wanted, any_number = known["signature"], any(argument.get("variadic") for argument in known["signature"])
        if len(children) != len(wanted) and not (any_number and len(children) > len(wanted)):
            raise BadPath(f"gives {node['value']} {len(children)} arguments, and it takes {len(wanted)}")
    for child in children:
        _look_at_functions(child)
