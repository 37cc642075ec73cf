"""One operation on items of DynamoDB, read: what is passed on, and what of it decides about rights."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.aws.gate.dynamodb.expressions import DETECTED, Placeholders, read_expression
from sandbox.aws.gate.dynamodb.legacy import EXPRESSIONS, without_legacy
from sandbox.aws.gate.dynamodb.projection import Path
from sandbox.core.errors import AwsError

_PLACEHOLDERS = ("ExpressionAttributeNames", "ExpressionAttributeValues")
_PROJECTION = "ProjectionExpression"
_WRITING = ("PutItem", "UpdateItem", "DeleteItem")
_BY_NAME = ("Key", "Item")


@dataclass(frozen=True, slots=True)
class ItemRequest:
    """A request for items.

    Attributes:
        params: the same request, its expressions written again and nothing in the older forms; without the projection,
            which is applied to the answer, since moto does not read elements of lists under a placeholder.
        attributes: the top-level attributes that it names, in whichever way.
        equalities: of a Query, what its key attributes have to equal: (name, attribute value).
        select: which attributes it returns, in the words of `dynamodb:Select`.
        projection: the paths that it returns; None for the whole item.
    """

    params: dict[str, Any]
    attributes: frozenset[str]
    equalities: tuple[tuple[str, Any], ...]
    select: str
    projection: tuple[Path, ...] | None


def read_items(operation: str, params: Mapping[str, Any], *, enclosed: bool = False) -> ItemRequest:
    """Read an operation on items, or one of the parts of a batch or transaction.

    Args:
        enclosed: it is a part, whose refusals begin otherwise.

    Raises:
        AwsError: ValidationException for what DynamoDB refuses before it looks at any item.
        TypeError, KeyError, AttributeError: a part is not of its shape.
    """
    modern = without_legacy(params)
    prefix = DETECTED if operation in _WRITING and not enclosed else ""
    placeholders = _placeholders(modern, prefix)
    _require_expressions(modern)
    read = {
        member: read_expression(member, modern[member], placeholders.aside() if member == _PROJECTION else placeholders)
        for member in EXPRESSIONS
        if member in modern
    }
    if operation == "Query" and "KeyConditionExpression" not in read:
        raise AwsError(
            "ValidationException",
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
        )
    rest = {name: value for name, value in modern.items() if name not in (*_PLACEHOLDERS, *EXPRESSIONS)}
    written = {member: expression.text for member, expression in read.items() if member != _PROJECTION}
    select = _select(modern, "AttributesToGet" if "AttributesToGet" in params else _PROJECTION)
    if select == "SPECIFIC_ATTRIBUTES":
        rest.pop("Select", None)
    rewritten = {**rest, **written, **placeholders.rewritten(prefix)}
    named = {name for member in _BY_NAME for name in modern.get(member) or {}}
    keys = read["KeyConditionExpression"].equalities if "KeyConditionExpression" in read else ()
    return ItemRequest(
        params=rewritten,
        attributes=frozenset(placeholders.attributes | named),
        equalities=tuple((name, placeholders.values[placeholder]) for name, placeholder in keys),
        select=select,
        projection=read[_PROJECTION].paths if _PROJECTION in read else None,
    )


def _require_expressions(params: Mapping[str, Any]) -> None:
    """Have none be empty, before any of them is read.

    Raises:
        AwsError: ValidationException.
    """
    for member in EXPRESSIONS:
        if member in params and not params[member].strip():
            read_expression(member, params[member], Placeholders({}, {}))


def _placeholders(params: Mapping[str, Any], prefix: str) -> Placeholders:
    """The placeholders of the request, each kind of which needs an expression to stand in.

    Raises:
        AwsError: ValidationException for placeholders without an expression, or for none between braces.
    """
    for member in _PLACEHOLDERS:
        if member in params and not any(name in params for name in EXPRESSIONS):
            raise AwsError("ValidationException", f"{member} can only be specified when using expressions")
        if params.get(member) == {}:
            raise AwsError("ValidationException", f"{prefix}{member} must not be empty")
    return Placeholders(params.get(_PLACEHOLDERS[0]) or {}, params.get(_PLACEHOLDERS[1]) or {})


def _select(params: Mapping[str, Any], member: str) -> str:
    """What is returned.

    Args:
        member: by which the request names what it wants of an item.

    Raises:
        AwsError: ValidationException where `Select` says something else than the projection; moto returns everything.
    """
    projected = _PROJECTION in params
    stated = params.get("Select")
    if stated is None:
        if projected:
            return "SPECIFIC_ATTRIBUTES"
        return "ALL_PROJECTED_ATTRIBUTES" if params.get("IndexName") else "ALL_ATTRIBUTES"
    if stated == "SPECIFIC_ATTRIBUTES" and not projected:
        problem = "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"
        raise AwsError("ValidationException", DETECTED + problem)
    if stated != "SPECIFIC_ATTRIBUTES" and projected:
        what = "only the Count" if stated == "COUNT" else stated
        raise AwsError("ValidationException", f"{DETECTED}Cannot specify the {member} when choosing to get {what}")
    return str(stated)
