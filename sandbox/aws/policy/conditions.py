"""One condition of a statement: an operator, a key, the values that are asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.aws.policy.operators import NEGATED, POSITIVE, Test
from sandbox.aws.policy.wildcards import Context

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


def text_of(value: Any) -> str:
    """A value of a policy as text: JSON's `true` and `12` mean the same as their quoted forms."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def list_of(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


class Condition:
    """One operator applied to one key.

    Attributes:
        operator, key, values: as the policy writes them.
        usable: False for an operator or a value that cannot be evaluated. A statement with such a condition never
            allows, and denies if it is a Deny: the evaluation fails closed.
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

    def holds(self, context: Context) -> bool:
        """Whether the request's values satisfy the condition. False when it is not usable."""
        if not self.usable:
            return False
        name = self._name
        given = context.get(self.key.lower())
        if name.positive == "Null":
            return ("true" if given is None else "false") in (value.lower() for value in self.values)
        values: Sequence[str] = () if given is None else (given,) if isinstance(given, str) else given
        if name.quantifier == "ForAllValues":
            return values in ((), ("",)) or all(self._fits(value, context) for value in values)
        if given is None:
            return name.if_exists or (name.negated and name.quantifier == "")
        if name.quantifier == "ForAnyValue":
            return any(self._fits(value, context) for value in values)
        return all(self._fits(value, context) for value in values) if name.negated else self._any_fits(values, context)

    def _any_fits(self, values: Sequence[str], context: Context) -> bool:
        return any(self._fits(value, context) for value in values)

    def _fits(self, value: str, context: Context) -> bool:
        """Whether one value fits one of the policy's values, or with a negated operator none of them."""
        return any(test(value, context) for test in self._tests) is not self._name.negated


def compile_conditions(block: Mapping[str, Mapping[str, Any]], variables: bool) -> tuple[Condition, ...]:
    """All conditions of a `Condition` block; every one of them has to hold."""
    return tuple(
        Condition(operator, key, values, variables) for operator, keys in block.items() for key, values in keys.items()
    )
