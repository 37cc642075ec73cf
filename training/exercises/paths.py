"""JMESPath for checks: a function of what is not there finds nothing, where JMESPath would stop with an error.

Expressions of folders from elsewhere are looked at by the server, so each may do so much and no more: a few characters
can double what they are given, again and again.
"""

from typing import Any

import jmespath
from jmespath import exceptions, functions, visitor

LONGEST = 500  # characters of an expression
MOST = 2_000_000  # values that one look may meet: a second or two at most
_TEXT = 64  # so many characters count as one value
_AT_A_GLANCE = ("length", "type", "not_null", "keys", "values")  # which do not look into what they are given


class BadPath(ValueError):
    """The expression cannot be read; the text says why, for its author."""


class _Functions(functions.Functions):  # type: ignore[misc]
    """JMESPath's own functions, which answer null for arguments of another type than theirs."""

    def call_function(self, function_name: str, resolved_args: Any) -> Any:
        try:
            return super().call_function(function_name, resolved_args)
        except exceptions.JMESPathTypeError:
            return None


class _Bounded(visitor.TreeInterpreter):  # type: ignore[misc]
    """JMESPath's own interpreter, which stops when it has met too much."""

    def __init__(self) -> None:
        super().__init__(_OPTIONS)
        self._left = MOST

    def visit(self, node: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        self._spend(1)
        return super().visit(node, *args, **kwargs)

    def visit_flatten(self, node: dict[str, Any], value: Any) -> Any:
        base = self.visit(node["children"][0], value)
        if not isinstance(base, list):
            return None
        self._spend(sum(len(each) if isinstance(each, list) else 1 for each in base))
        return [inner for each in base for inner in (each if isinstance(each, list) else [each])]

    def visit_comparator(self, node: dict[str, Any], value: Any) -> Any:
        for child in node["children"]:
            self.look_through(self.visit(child, value))
        return super().visit_comparator(node, value)

    def visit_function_expression(self, node: dict[str, Any], value: Any) -> Any:
        given = [self.visit(child, value) for child in node["children"]]
        if node["value"] not in _AT_A_GLANCE:
            self.look_through(given)
        return self._functions.call_function(node["value"], given)

    def look_through(self, value: Any) -> None:
        """Count a value with all that is in it; what is in it twice counts twice, as it does for whoever compares."""
        waiting = [value]
        while waiting:
            each = waiting.pop()
            self._spend(1 + (len(each) // _TEXT if isinstance(each, str) else 0))
            if isinstance(each, dict):
                waiting += each.values()
            elif isinstance(each, list):
                self._spend(len(each) // _TEXT)
                waiting += each

    def _spend(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise exceptions.JMESPathError("looks at too much")


_OPTIONS = jmespath.Options(custom_functions=_Functions())
# Names that stand for what differs between accounts, as `{account_id}`, are filled in before the expression is read.
_EXAMPLES = {
    "account_id": "000000000000",
    "pool_id": "us-east-1:0",
    "region": "us-east-1",
    "opponent_account_id": "000000000001",
    "opponent_pool_id": "us-east-1:1",
}


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
            _look_at_functions(parsed)
        except exceptions.JMESPathError as wrong:
            raise BadPath(f"cannot be parsed: {str(wrong).splitlines()[0]}") from None
        except RecursionError:
            raise BadPath("is nested too deeply") from None

    def __repr__(self) -> str:
        return f"Path({self.text!r})"

    def find(self, document: Any, names: dict[str, str]) -> Any:
        """What the expression finds in a document of JSON; None where it finds nothing, or looks at too much."""
        look = _Bounded()
        try:
            found = look.visit(jmespath.compile(filled_in(self.text, names)).parsed, document)
            look.look_through(found)
        except (exceptions.JMESPathError, RecursionError):
            return None
        return found


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
