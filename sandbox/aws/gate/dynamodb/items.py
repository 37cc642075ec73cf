"""One operation on items of DynamoDB, read: what is passed on, and what of it decides about rights."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.aws.gate.dynamodb.expressions import Placeholders, read_expression
from sandbox.aws.gate.dynamodb.legacy import EXPRESSIONS, without_legacy
from sandbox.aws.gate.dynamodb.projection import Path
from sandbox.core.errors import AwsError

_PLACEHOLDERS = ("ExpressionAttributeNames", "ExpressionAttributeValues")
_BY_NAME = ("Key", "Item")


@dataclass(frozen=True, slots=True)
class ItemRequest:
    """A request for items.

    Attributes:
        params: the same request, its expressions written again and nothing in the older forms.
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


def read_items(operation: str, params: Mapping[str, Any]) -> ItemRequest:
    """Read an operation on items, or one of the parts of a batch or transaction.

    Raises:
        AwsError: ValidationException for what DynamoDB refuses before it looks at any item.
        TypeError, KeyError, AttributeError: a part is not of its shape.
    """
    modern = without_legacy(params)
    placeholders = _placeholders(modern)
    read = {member: read_expression(member, modern[member], placeholders) for member in EXPRESSIONS if member in modern}
    if operation == "Query" and "KeyConditionExpression" not in read:
        raise AwsError(
            "ValidationException",
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
        )
    rest = {name: value for name, value in modern.items() if name not in _PLACEHOLDERS}
    rewritten = {**rest, **{member: expression.text for member, expression in read.items()}, **placeholders.rewritten()}
    named = {name for member in _BY_NAME for name in modern.get(member) or {}}
    keys = read["KeyConditionExpression"].equalities if "KeyConditionExpression" in read else ()
    return ItemRequest(
        params=rewritten,
        attributes=frozenset(placeholders.attributes | named),
        equalities=tuple((name, placeholders.values[placeholder]) for name, placeholder in keys),
        select=_select(modern),
        projection=read["ProjectionExpression"].paths if "ProjectionExpression" in read else None,
    )


def _placeholders(params: Mapping[str, Any]) -> Placeholders:
    """The placeholders of the request, each kind of which needs an expression to stand in.

    Raises:
        AwsError: ValidationException for placeholders without an expression, or for none between braces.
    """
    for member in _PLACEHOLDERS:
        if member in params and not any(name in params for name in EXPRESSIONS):
            raise AwsError("ValidationException", f"{member} can only be specified when using expressions")
        if params.get(member) == {}:
            raise AwsError("ValidationException", f"{member} must not be empty")
    return Placeholders(params.get(_PLACEHOLDERS[0]) or {}, params.get(_PLACEHOLDERS[1]) or {})


def _select(params: Mapping[str, Any]) -> str:
    """What is returned.

    Raises:
        AwsError: ValidationException where `Select` says something else than the projection; moto returns everything.
    """
    projected = "ProjectionExpression" in params
    stated = params.get("Select")
    if stated is None:
        if projected:
            return "SPECIFIC_ATTRIBUTES"
        return "ALL_PROJECTED_ATTRIBUTES" if params.get("IndexName") else "ALL_ATTRIBUTES"
    if stated == "SPECIFIC_ATTRIBUTES" and not projected:
        raise AwsError(
            "ValidationException",
            "One or more parameter values were invalid: Must specify the AttributesToGet or ProjectionExpression when "
            "choosing to get SPECIFIC_ATTRIBUTES",
        )
    if stated != "SPECIFIC_ATTRIBUTES" and projected:
        raise AwsError(
            "ValidationException",
            "One or more parameter values were invalid: Cannot specify the ProjectionExpression when choosing to get "
            f"{stated}",
        )
    return str(stated)
