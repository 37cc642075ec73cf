"""DynamoDB's conditional parameters from before there were expressions, translated into expressions.

moto ignores some of them (`AttributesToGet`, `ConditionalOperator`), and what is ignored must not have been authorised.
Translated, they are read by the same grammar as everything else.

Source: DynamoDB Developer Guide, "Legacy conditional parameters".
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from sandbox.core.errors import AwsError

# The older member and the expression that says the same.
_REPLACED = {
    "AttributesToGet": "ProjectionExpression",
    "Expected": "ConditionExpression",
    "AttributeUpdates": "UpdateExpression",
    "KeyConditions": "KeyConditionExpression",
    "QueryFilter": "FilterExpression",
    "ScanFilter": "FilterExpression",
}
LEGACY = (*_REPLACED, "ConditionalOperator")
EXPRESSIONS = ("ProjectionExpression", "ConditionExpression", "UpdateExpression", "KeyConditionExpression",
               "FilterExpression")  # fmt: skip
_COMPARATORS = {"EQ": "=", "NE": "<>", "LE": "<=", "LT": "<", "GE": ">=", "GT": ">"}
_FUNCTIONS = {
    "CONTAINS": "contains({}, {})",
    "NOT_CONTAINS": "NOT contains({}, {})",
    "BEGINS_WITH": "begins_with({}, {})",
    "BETWEEN": "{} BETWEEN {} AND {}",
    "NOT_NULL": "attribute_exists({})",
    "NULL": "attribute_not_exists({})",
}
_OPERANDS = {**dict.fromkeys((*_COMPARATORS, "CONTAINS", "NOT_CONTAINS", "BEGINS_WITH"), 1),
             "BETWEEN": 2, "NOT_NULL": 0, "NULL": 0}  # fmt: skip


def without_legacy(params: Mapping[str, Any]) -> dict[str, Any]:
    """`params` of one operation on items, saying in expressions what it says in legacy parameters.

    Raises:
        AwsError: ValidationException for a request that has both, or for what the older form does not allow.
        TypeError, KeyError, AttributeError: a part is not of its shape.
    """
    legacy = [name for name in LEGACY if name in params]
    if not legacy:
        return dict(params)
    expressions = [name for name in EXPRESSIONS if name in params]
    if expressions:
        old, new = ", ".join(legacy), ", ".join(expressions)
        _refuse(
            "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: "
            f"{{{old}}} Expression parameters: {{{new}}}"
        )
    for member in ("ExpressionAttributeNames", "ExpressionAttributeValues"):
        if member in params:
            _refuse(f"{member} can only be specified when using expressions")
    translation = _Translation(params.get("ConditionalOperator", "AND"))
    found = {name: value for name, value in params.items() if name not in LEGACY}
    for name in legacy:
        if name in _REPLACED and params[name]:
            found[_REPLACED[name]] = _TRANSLATED[name](translation, params[name])
    return {**found, **translation.placeholders()}


def _refuse(message: str) -> NoReturn:
    raise AwsError("ValidationException", message)


class _Translation:
    """Names and values on their way into expressions."""

    def __init__(self, operator: str) -> None:
        self.operator = operator
        self._names: dict[str, str] = {}
        self._values: dict[str, Any] = {}

    def name(self, attribute: str) -> str:
        return self._names.setdefault(attribute, f"#a{len(self._names)}")

    def value(self, value: Any) -> str:
        placeholder = f":v{len(self._values)}"
        self._values[placeholder] = value
        return placeholder

    def placeholders(self) -> dict[str, Any]:
        names = {alias: name for name, alias in self._names.items()}
        return {
            **({"ExpressionAttributeNames": names} if names else {}),
            **({"ExpressionAttributeValues": self._values} if self._values else {}),
        }


def _projection(translation: _Translation, names: Sequence[str]) -> str:
    return ", ".join(translation.name(name) for name in dict.fromkeys(names))


def _conditions(translation: _Translation, conditions: Mapping[str, Mapping[str, Any]]) -> str:
    joined = f" {translation.operator} "
    return joined.join(_condition(translation, name, condition) for name, condition in conditions.items())


def _keys(translation: _Translation, conditions: Mapping[str, Mapping[str, Any]]) -> str:
    return " AND ".join(_condition(translation, name, condition) for name, condition in conditions.items())


def _condition(translation: _Translation, attribute: str, condition: Mapping[str, Any]) -> str:
    if "ComparisonOperator" not in condition:
        return _expected(translation, attribute, condition)
    if "Value" in condition or "Exists" in condition:
        _refuse(
            "One or more parameter values were invalid: Value or Exists cannot be used with ComparisonOperator for "
            f"Attribute: {attribute}"
        )
    return _compared(translation, attribute, condition["ComparisonOperator"], condition.get("AttributeValueList") or [])


def _compared(translation: _Translation, attribute: str, operator: str, values: Sequence[Any]) -> str:
    wanted = _OPERANDS.get(operator)
    if (operator != "IN" and wanted is None) or (wanted is not None and len(values) != wanted) or (
        operator == "IN" and not values
    ):  # fmt: skip
        _refuse(
            "One or more parameter values were invalid: Invalid number of argument(s) for the "
            f"{operator} ComparisonOperator"
        )
    name = translation.name(attribute)
    given = [translation.value(value) for value in values]
    if operator in _COMPARATORS:
        return f"{name} {_COMPARATORS[operator]} {given[0]}"
    if operator == "IN":
        return f"{name} IN ({', '.join(given)})"
    return _FUNCTIONS[operator].format(name, *given)


def _expected(translation: _Translation, attribute: str, condition: Mapping[str, Any]) -> str:
    """The oldest form: a value that the attribute has, or that there is no such attribute."""
    exists, valued = condition.get("Exists", True), "Value" in condition
    if exists is valued:
        if valued:
            return f"{translation.name(attribute)} = {translation.value(condition['Value'])}"
        return f"attribute_not_exists({translation.name(attribute)})"
    problem = "cannot be used when Exists is false" if valued else "must be provided when Exists is true"
    _refuse(f"One or more parameter values were invalid: Value {problem} for Attribute: {attribute}")


def _updates(translation: _Translation, updates: Mapping[str, Mapping[str, Any]]) -> str:
    clauses: dict[str, list[str]] = {}
    for attribute, update in updates.items():
        action, valued = update.get("Action", "PUT"), "Value" in update
        name = translation.name(attribute)
        if action == "DELETE" and not valued:
            clauses.setdefault("REMOVE", []).append(name)
            continue
        if not valued or action not in ("PUT", "ADD", "DELETE"):
            _refuse("One or more parameter values were invalid: Only DELETE action is allowed when no attribute value "
                    "is specified")  # fmt: skip
        value = translation.value(update["Value"])
        clause, assignment = ("SET", f"{name} = {value}") if action == "PUT" else (action, f"{name} {value}")
        clauses.setdefault(clause, []).append(assignment)
    return " ".join(f"{clause} {', '.join(parts)}" for clause, parts in clauses.items())


_TRANSLATED: dict[str, Callable[[_Translation, Any], str]] = {
    "AttributesToGet": _projection,
    "Expected": _conditions,
    "AttributeUpdates": _updates,
    "KeyConditions": _keys,
    "QueryFilter": _conditions,
    "ScanFilter": _conditions,
}
