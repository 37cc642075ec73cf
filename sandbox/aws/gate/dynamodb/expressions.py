"""DynamoDB's expressions: read by their grammar, and written again for whoever evaluates them.

Which attributes an expression names decides about fine-grained access, and another reader with another grammar would
find others. So nothing of an expression is passed on as it came: every attribute becomes a placeholder, and between the
placeholders stand only the operators and functions that were understood here.

Source: DynamoDB Developer Guide, "Using expressions in DynamoDB": "Condition and filter expressions, operators, and
functions", "Using update expressions", "Using projection expressions".
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, NoReturn

from sandbox.aws.gate.dynamodb.projection import Path
from sandbox.core.errors import AwsError

_TOKEN = re.compile(
    r"(?P<space>[ \t\r\n]+)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<alias>#[A-Za-z0-9_]+)|(?P<value>:[A-Za-z0-9_]+)"
    r"|(?P<index>\[[ ]*[0-9]{1,9}[ ]*\])|(?P<symbol><>|<=|>=|[=<>(),.+-])"
)
_COMPARATORS = ("=", "<>", "<", "<=", ">", ">=")
# Number of operands that each function takes (condition expressions; `size` gives an operand).
_TESTS = {"attribute_exists": 1, "attribute_not_exists": 1, "attribute_type": 2, "begins_with": 2, "contains": 2}
_UPDATES = {"if_not_exists": 2, "list_append": 2}
_CLAUSES = ("SET", "REMOVE", "ADD", "DELETE")
# With this some refusals begin, and some do not, as tests that moto's authors ran against AWS show.
DETECTED = "1 validation error detected: "
_LONGEST = 4096  # bytes
_DEEPEST = 50  # parentheses and functions within each other


@dataclass(slots=True)
class Placeholders:
    """The names and values that a request's expressions may use, and those that they did.

    Attributes:
        names, values: `ExpressionAttributeNames` and `ExpressionAttributeValues` as they were sent.
        attributes: the top-level attributes that were named.
    """

    names: Mapping[str, str]
    values: Mapping[str, Any]
    attributes: set[str] = field(default_factory=set)
    _aliases: dict[str, str] = field(default_factory=dict)
    _named: set[str] = field(default_factory=set)
    _valued: set[str] = field(default_factory=set)

    def alias(self, name: str) -> str:
        """The placeholder under which an attribute is passed on."""
        return self._aliases.setdefault(name, f"#n{len(self._aliases)}")

    def aside(self) -> "Placeholders":
        """The same, for an expression that is not passed on: what it names counts as used, and is not written again."""
        return replace(self, _aliases={})

    def named(self, alias: str) -> str | None:
        self._named.add(alias)
        return self.names.get(alias)

    def valued(self, placeholder: str) -> bool:
        self._valued.add(placeholder)
        return placeholder in self.values

    def rewritten_names(self) -> dict[str, str]:
        """The placeholders that stand in the expressions as they are passed on, with the names they stand for."""
        return {alias: name for name, alias in self._aliases.items()}

    def rewritten(self, prefix: str = "") -> dict[str, Any]:
        """The two members as they are passed on.

        Args:
            prefix: with which the refusal begins: DETECTED where something is written.

        Raises:
            AwsError: ValidationException for a placeholder that no expression uses.
        """
        for member, given, used in (
            ("ExpressionAttributeNames", self.names, self._named),
            ("ExpressionAttributeValues", self.values, self._valued),
        ):
            unused = ", ".join(sorted(given.keys() - used))
            if unused:
                _refuse(f"{prefix}Value provided in {member} unused in expressions: keys: {{{unused}}}")
        names = self.rewritten_names()
        return {
            **({"ExpressionAttributeNames": names} if names else {}),
            **({"ExpressionAttributeValues": dict(self.values)} if self.values else {}),
        }


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression as it is passed on.

    Attributes:
        equalities: of a key condition, the attributes that have to equal a value: (name, placeholder of the value).
        paths: the document paths in it: names of attributes, and indexes of lists.
    """

    text: str
    equalities: tuple[tuple[str, str], ...] = ()
    paths: tuple[Path, ...] = ()


def read_expression(member: str, text: str, placeholders: Placeholders) -> Expression:
    """Read one of a request's expressions by the grammar of its kind.

    Args:
        member: `ProjectionExpression`, `FilterExpression`, `ConditionExpression`, `KeyConditionExpression` or
            `UpdateExpression`.

    Raises:
        AwsError: ValidationException, in DynamoDB's words, for what is no such expression.
    """
    if len(text.encode()) > _LONGEST:
        _refuse(f"Invalid {member}: Expression size has exceeded the maximum allowed size;")
    reader = _Reader(member, text, placeholders)
    return _KINDS[member](reader)


def _refuse(message: str) -> NoReturn:
    raise AwsError("ValidationException", message)


@cache
def _reserved() -> frozenset[str]:
    """Words that may not be an attribute's name (Developer Guide, "Reserved words in DynamoDB"), as moto has them."""
    from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

    return frozenset(str(word).upper() for word in ReservedKeywords.get_reserved_keywords())


class _Reader:
    """The tokens of one expression, read one after the other; what was understood is written as it is read."""

    def __init__(self, member: str, text: str, placeholders: Placeholders) -> None:
        self.member = member
        self.placeholders = placeholders
        self.written: list[str] = []
        self.equalities: list[tuple[str, str]] = []
        self.paths: list[Path] = []
        self.targets: list[Path] = []  # of an update, the paths that it writes
        self._tokens = list(self._split(text))
        self._at = 0
        self._depth = 0
        if self.kind == "end":
            self.refuse("The expression can not be empty;", self.detected)

    def _split(self, text: str) -> Any:
        at = 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                near = text[max(0, at - 8) : at + 8]
                self.refuse(f'Syntax error; token: "{text[at]}", near: "{near}"')
            at = match.end()
            if match.lastgroup != "space":
                yield match.lastgroup, match[0]
        yield "end", "<EOF>"

    # --- What comes next --------------------------------------------------------------------------------------------

    @property
    def kind(self) -> str:
        return str(self._tokens[self._at][0])

    @property
    def token(self) -> str:
        return str(self._tokens[self._at][1])

    def sees(self, *symbols: str) -> bool:
        return self.kind == "symbol" and self.token in symbols

    def sees_word(self, *words: str) -> bool:
        return self.kind == "name" and self.token.upper() in words

    def sees_call(self) -> bool:
        """A name with a parenthesis behind it is a function's; functions are written in lower case."""
        return self.kind == "name" and self._tokens[self._at + 1] == ("symbol", "(")

    def take(self, written: str | None = None) -> str:
        token = self.token
        self.written.append(token if written is None else written)
        self._at += 1
        return token

    def demand(self, symbol: str) -> None:
        if not self.sees(symbol):
            self.unexpected()
        self.take()

    def unexpected(self) -> NoReturn:
        near = " ".join(text for _, text in self._tokens[max(0, self._at - 1) : self._at + 2])
        self.refuse(f'Syntax error; token: "{self.token}", near: "{near}"')

    @property
    def detected(self) -> str:
        """With what some refusals begin: DETECTED in updates, in other expressions nothing."""
        return DETECTED if self.member == "UpdateExpression" else ""

    def refuse(self, problem: str, prefix: str = "") -> NoReturn:
        _refuse(f"{prefix}Invalid {self.member}: {problem}")

    def inner(self, read: Callable[["_Reader"], None]) -> None:
        """Read what stands within parentheses, up to a depth that no person writes."""
        self._depth += 1
        if self._depth > _DEEPEST:
            self.refuse("The expression contains too many nested parentheses and functions;")
        self.demand("(")
        read(self)
        self.demand(")")
        self._depth -= 1

    def end(self) -> Expression:
        if self.kind != "end":
            self.unexpected()
        return Expression(_joined(self.written), tuple(self.equalities), tuple(self.paths))

    # --- Paths and values -------------------------------------------------------------------------------------------

    def path(self) -> str:
        """A document path. Its first name is the attribute.

        Returns:
            The attribute's name where the path is nothing more, else an empty text.
        """
        attribute = self._name()
        self.placeholders.attributes.add(attribute)
        text = self.placeholders.alias(attribute)
        path: list[str | int] = [attribute]
        while self.kind == "index" or self.sees("."):
            if self.kind == "index":
                path.append(int(self.token.strip("[] ")))
                text += f"[{path[-1]}]"
                self._at += 1
            else:
                self._at += 1
                name = self._name()
                path.append(name)
                text += f".{self.placeholders.alias(name)}"
        self.written.append(text)
        self.paths.append(tuple(path))
        return attribute if len(path) == 1 else ""

    def _name(self) -> str:
        token, kind = self.token, self.kind
        if kind == "alias":
            name = self.placeholders.named(token)
            if name is None:
                where = "An expression attribute name used in the document path is not defined"
                self.refuse(f"{where}; attribute name: {token}")
        elif kind == "name":
            name = token
            if token.upper() in _reserved():
                self.refuse(f"Attribute name is a reserved keyword; reserved keyword: {token}")
        else:
            self.unexpected()
        self._at += 1
        return name

    def value(self) -> str:
        if self.kind != "value":
            self.unexpected()
        if not self.placeholders.valued(self.token):
            where = "An expression attribute value used in expression is not defined"
            self.refuse(f"{where}; attribute value: {self.token}")
        return self.take()

    def call(self, functions: Mapping[str, int], operand: Callable[["_Reader"], None]) -> None:
        """A function with its operands."""
        name = self.token
        if name not in functions:
            self.refuse(f"Invalid function name; function: {name}")
        self.take()

        def operands(reader: _Reader) -> None:
            operand(reader)
            for _ in range(functions[name] - 1):
                reader.demand(",")
                operand(reader)
            if reader.sees(","):
                reader.refuse(f"Incorrect number of operands for operator or function; operator or function: {name}")

        self.inner(operands)


def _joined(written: list[str]) -> str:
    """The tokens as one text: a space between them, but none inside parentheses' edges."""
    text = ""
    for word in written:
        tight = not text or word in (",", ")") or text.endswith("(")
        text += word if tight or (word == "(" and text.endswith(_CALLS)) else f" {word}"
    return text


_CALLS = (*_TESTS, *_UPDATES, "size")


# --- Conditions and filters -------------------------------------------------------------------------------------------


def _condition(reader: _Reader) -> Expression:
    _any(reader)
    return reader.end()


def _any(reader: _Reader) -> None:
    _all(reader)
    while reader.sees_word("OR"):
        reader.take("OR")
        _all(reader)


def _all(reader: _Reader) -> None:
    _not(reader)
    while reader.sees_word("AND"):
        reader.take("AND")
        _not(reader)


def _not(reader: _Reader) -> None:
    while reader.sees_word("NOT"):
        reader.take("NOT")
    _test(reader)


def _test(reader: _Reader) -> None:
    if reader.sees("("):
        reader.inner(_any)
    elif reader.sees_call() and not reader.sees_word("SIZE"):
        reader.call(_TESTS, _operand)
    else:
        _operand(reader)
        _comparison(reader)


def _comparison(reader: _Reader) -> None:
    if reader.sees(*_COMPARATORS):
        reader.take()
        _operand(reader)
    elif reader.sees_word("BETWEEN"):
        reader.take("BETWEEN")
        _operand(reader)
        if not reader.sees_word("AND"):
            reader.unexpected()
        reader.take("AND")
        _operand(reader)
    elif reader.sees_word("IN"):
        reader.take("IN")
        reader.inner(_operands)
    else:
        reader.unexpected()


def _operands(reader: _Reader) -> None:
    _operand(reader)
    while reader.sees(","):
        reader.take()
        _operand(reader)


def _operand(reader: _Reader) -> None:
    if reader.kind == "value":
        reader.value()
    elif reader.sees_call():
        reader.call({"size": 1}, _operand)
    else:
        reader.path()


# --- Key conditions ---------------------------------------------------------------------------------------------------


def _key_condition(reader: _Reader) -> Expression:
    """One or two conditions, in parentheses or not; written without them, since they mean nothing here."""
    _keys(reader)
    expression = reader.end()
    return Expression(" AND ".join(_parts(reader.written)), expression.equalities)


def _parts(written: list[str]) -> list[str]:
    """The conditions between which the top-level ANDs stand; a BETWEEN has an AND of its own."""
    parts: list[list[str]] = [[]]
    bounds = 0
    for word in written:
        if word == "AND" and not bounds:
            parts.append([])
            continue
        bounds += (word == "BETWEEN") - (word == "AND")
        parts[-1].append(word)
    return [_joined(part) for part in parts]


def _keys(reader: _Reader) -> None:
    _key(reader)
    while reader.sees_word("AND"):
        reader.take("AND")
        _key(reader)
    if reader.sees_word("OR", "NOT", "IN"):
        reader.refuse(f"Invalid operator used in KeyConditionExpression: {reader.token.upper()}")


def _key(reader: _Reader) -> None:
    if reader.sees("("):
        before = len(reader.written)
        reader.inner(_keys)
        del reader.written[before], reader.written[-1]
    elif reader.sees_call():
        reader.call({"begins_with": 2}, _key_operand)
    else:
        name = reader.path()
        if reader.sees("<>"):
            reader.refuse("Invalid operator used in KeyConditionExpression: <>")
        if reader.sees_word("BETWEEN"):
            _comparison(reader)
            return
        equal = reader.sees("=")
        if not reader.sees(*_COMPARATORS):
            reader.unexpected()
        reader.take()
        if reader.kind in ("name", "alias"):
            reader.refuse("Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition")
        placeholder = reader.value()
        if equal and name:
            reader.equalities.append((name, placeholder))


def _key_operand(reader: _Reader) -> None:
    if reader.kind == "value":
        reader.value()
    else:
        reader.path()


# --- Projections ------------------------------------------------------------------------------------------------------


def _projection(reader: _Reader) -> Expression:
    reader.path()
    while reader.sees(","):
        reader.take()
        reader.path()
    _require_apart(reader, reader.paths)
    return reader.end()


def _require_apart(reader: _Reader, paths: Sequence[Path]) -> None:
    """Have no path lead to another or into one (Developer Guide, "Using update expressions in DynamoDB")."""
    whole: dict[Path, Path] = {}
    beginnings: dict[Path, Path] = {}
    for path in paths:
        parts = [path[:length] for length in range(1, len(path) + 1)]
        other = beginnings.get(path) or next((whole[part] for part in parts if part in whole), None)
        if other is not None:
            reader.refuse(
                "Two document paths overlap with each other; must remove or rewrite one of these paths; "
                f"path one: {_shown(other)}, path two: {_shown(path)}",
                DETECTED,
            )
        whole[path] = path
        for part in parts:
            beginnings.setdefault(part, path)


def _shown(path: Path) -> str:
    return f"[{', '.join(part if isinstance(part, str) else f'[{part}]' for part in path)}]"


# --- Updates ----------------------------------------------------------------------------------------------------------


def _update(reader: _Reader) -> Expression:
    seen: set[str] = set()
    while reader.kind != "end":
        if not reader.sees_word(*_CLAUSES):
            reader.unexpected()
        clause = reader.token.upper()
        if clause in seen:
            reader.refuse(f'The "{clause}" section can only be used once in an update expression;', DETECTED)
        seen.add(clause)
        reader.take(clause)
        action = _ACTIONS[clause]
        action(reader)
        while reader.sees(","):
            reader.take()
            action(reader)
    _require_apart(reader, reader.targets)
    return reader.end()


def _target(reader: _Reader) -> None:
    """The path that is written, as the others of its expression may not be."""
    reader.path()
    reader.targets.append(reader.paths[-1])


def _set(reader: _Reader) -> None:
    _target(reader)
    reader.demand("=")
    _sum(reader)


def _sum(reader: _Reader) -> None:
    _term(reader)
    if reader.sees("+", "-"):
        reader.take()
        _term(reader)


def _term(reader: _Reader) -> None:
    if reader.sees("("):
        reader.inner(_sum)
    elif reader.kind == "value":
        reader.value()
    elif reader.sees_call():
        reader.call(_UPDATES, _term)
    else:
        reader.path()


def _path_and_value(reader: _Reader) -> None:
    _target(reader)
    reader.value()


_ACTIONS = {"SET": _set, "REMOVE": _target, "ADD": _path_and_value, "DELETE": _path_and_value}
_KINDS: dict[str, Callable[[_Reader], Expression]] = {
    "ProjectionExpression": _projection,
    "FilterExpression": _condition,
    "ConditionExpression": _condition,
    "KeyConditionExpression": _key_condition,
    "UpdateExpression": _update,
}
