"""One condition of a statement: an operator, a key, the values that are asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from iampolicy.operators import NEGATED, POSITIVE, Test
from iampolicy.truth import Truth, Unknown, all_of, any_of, opposite
from iampolicy.wildcards import Context

Quantifier = Literal["", "ForAllValues", "ForAnyValue"]


class UnknownOperator(ValueError):
    """The policy uses an operator that AWS does not have."""


@dataclass(frozen=True, slots=True)
class Operator:
    """The name of an operator taken apart, as in `ForAnyValue:StringNotLikeIfExists`."""

    name: str
    quantifier: Quantifier
    positive: str
    negated: bool
    if_exists: bool


def parse_operator(text: str) -> Operator:
    """Take an operator's name apart; names are case-sensitive.

    Raises:
        UnknownOperator: there is no such operator.
    """
    quantifier, _, rest = text.rpartition(":")
    base = rest.removesuffix("IfExists")
    if quantifier not in ("", "ForAllValues", "ForAnyValue") or (text.startswith(":")):
        raise UnknownOperator(text)
    if base == "Null" and rest == base and not quantifier:
        return Operator(text, "", "Null", negated=False, if_exists=False)
    positive = NEGATED.get(base, base)
    if positive not in POSITIVE:
        raise UnknownOperator(text)
    known: dict[str, Quantifier] = {"": "", "ForAllValues": "ForAllValues", "ForAnyValue": "ForAnyValue"}
    return Operator(text, known[quantifier], positive, base in NEGATED, rest != base)


def is_operator(text: str) -> bool:
    """Whether AWS has an operator of that name."""
    try:
        parse_operator(text)
    except UnknownOperator:
        return False
    return True


def text_of(value: Any) -> str:
    """A value of a policy as text: JSON's `true` and `12` mean the same as their quoted forms."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def list_of(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


class Condition:
    """One operator applied to one key.

    Attributes:
        operator, key, values: as the policy writes them.
        usable: False for an operator or a value that cannot be evaluated: whether it holds cannot be told.
    """

    __slots__ = ("_name", "_tests", "key", "operator", "usable", "values")

    def __init__(self, operator: str, key: str, values: Any, variables: bool) -> None:
        self.operator = operator
        self.key = key
        self.values: tuple[str, ...] = tuple(text_of(value) for value in list_of(values))
        self.usable = True
        self._tests: list[Test] = []
        try:
            self._name = parse_operator(operator)
            if self._name.positive != "Null":
                self._tests = [POSITIVE[self._name.positive](value, variables) for value in self.values]
        except ValueError:
            self.usable = False

    def holds(self, context: Context) -> Truth:
        """Whether the request's values satisfy the condition. None when that cannot be told: it is not usable, or
        hangs on a key that is unknown.
        """
        if not self.usable:
            return None
        name = self._name
        given = context.get(self.key.lower())
        if name.positive == "Null":
            return self._null(given)
        if isinstance(given, Unknown):
            return None
        values: Sequence[str] = () if given is None else (given,) if isinstance(given, str) else given
        fits = (self._fits(value, context) for value in values)
        if name.quantifier == "ForAllValues":
            return True if values in ((), ("",)) else all_of(fits)
        if given is None:
            return name.if_exists or (name.negated and name.quantifier == "")
        return all_of(fits) if name.negated and not name.quantifier else any_of(fits)

    def _null(self, given: object) -> Truth:
        asked = {value.lower() for value in self.values} & {"true", "false"}
        if isinstance(given, Unknown):
            return None if len(asked) == 1 else bool(asked)
        return ("true" if given is None else "false") in asked

    def _fits(self, value: str, context: Context) -> Truth:
        """Whether one value fits one of the policy's values, or with a negated operator none of them."""
        fits = any_of(test(value, context) for test in self._tests)
        return opposite(fits) if self._name.negated else fits


def compile_conditions(block: Mapping[str, Mapping[str, Any]], variables: bool) -> tuple[Condition, ...]:
    """All conditions of a `Condition` block; every one of them has to hold."""
    return tuple(
        Condition(operator, key, values, variables) for operator, keys in block.items() for key, values in keys.items()
    )
