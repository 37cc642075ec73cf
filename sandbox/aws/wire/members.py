"""A JSON input reduced to the members that its operation's model has.

Services of AWS ignore a member that the operation does not have. Here two read every request, first the gate that
authorises it and then moto that serves it, so such a member must reach neither: what the gate took for the resource
could be nothing to moto, and the other way round.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from sandbox.aws.wire.constraints import JSON_TYPES, WrongType, wrong_type
from sandbox.aws.wire.models import operation_model, service_model


class MissingMember(Exception):
    """The input lacks a required member, which the exception names as it stands in AWS's messages."""

    def __init__(self, member: str) -> None:
        problem = f"Value null at '{member}' failed to satisfy constraint: Member must not be null"
        super().__init__(f"1 validation error detected: {problem}")


_Reduce = Callable[[Any], Any]
_NUMBERS = ("integer", "long", "float", "double")


def known_members(service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """`params` without what the operation's input shape does not have, at any depth, and without what is null.

    Raises:
        WrongType: a value is of another JSON type than its shape.
        MissingMember: a member that the shape requires is not there.
        RecursionError: it is nested too deeply.
    """
    model = operation_model(service, operation)
    if model is None or model.input_shape is None:
        return {}
    reduced: dict[str, Any] = _reducer(service, model.input_shape.name)(params)
    return reduced


@cache
def _reducer(service: str, shape_name: str) -> _Reduce:
    """Named by their shapes, since some shapes hold themselves (a DynamoDB list holds lists)."""
    shape = service_model(service).shape_for(shape_name)
    expected = JSON_TYPES[shape.type_name]
    number = shape.type_name in _NUMBERS
    inner = {"structure": _structure, "map": _map, "list": _list}.get(shape.type_name)
    reduce = inner(service, shape) if inner is not None else None

    def reduced(value: Any) -> Any:
        if not isinstance(value, expected) or (number and isinstance(value, bool)):
            raise WrongType(wrong_type(value, shape.type_name))
        return value if reduce is None else reduce(value)

    return reduced


def _structure(service: str, shape: Any) -> _Reduce:
    names = {name: member.name for name, member in shape.members.items()}
    required = tuple(shape.required_members)

    def reduce(value: dict[str, Any]) -> dict[str, Any]:
        for name in required:
            if value.get(name) is None:
                raise MissingMember(name[0].lower() + name[1:])
        return {
            name: _reducer(service, names[name])(given)
            for name, given in value.items()
            if given is not None and name in names
        }

    return reduce


def _map(service: str, shape: Any) -> _Reduce:
    def reduce(value: dict[str, Any]) -> dict[str, Any]:
        inner = _reducer(service, shape.value.name)
        return {name: inner(given) for name, given in value.items()}

    return reduce


def _list(service: str, shape: Any) -> _Reduce:
    def reduce(value: list[Any]) -> list[Any]:
        inner = _reducer(service, shape.member.name)
        return [inner(given) for given in value]

    return reduce
