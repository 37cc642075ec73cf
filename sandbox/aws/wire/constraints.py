"""Input checked against the constraints of a botocore model, in the words of AWS's own validation.

The wording `1 validation error detected: Value '...' at 'identityPoolId' failed to satisfy constraint: Member must ...`
has been seen on the wire (amazon-freertos#1829, amplify-swift#2864). Where the model marks a shape sensitive the value
is left out, as AWS does for passwords.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from botocore.model import Shape

from sandbox.aws.wire.models import operation_model
from sandbox.aws.wire.patterns import matcher
from sandbox.core.errors import AwsError

ConstraintCheck = Callable[[Any, str, list[str]], None]
# Secrets that the models do not mark: a code that was sent is as good as a password until it is used.
_SECRETS = {"ConfirmationCodeType", "SoftwareTokenMFAUserCodeType"}
_SHOWN = 1024  # characters of a value that an answer repeats

JSON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "list": (list,),
    "map": (dict,),
    "structure": (dict,),
    "timestamp": (int, float, str),
    "blob": (str,),
    "float": (int, float),
    "double": (int, float),
}


class WrongType(Exception):
    """A member has a JSON type that its shape cannot be read from."""


def wrong_type(value: Any, type_name: str) -> str:
    """AWS's sentence for a JSON value that a shape of another type cannot be read from."""
    return f"{_json_type(value)} can not be converted to {_type_name(type_name)}"


def check_input(service: str, operation: str, params: Mapping[str, Any], code: str = "ValidationException") -> None:
    """Check `params` (members named as in the model).

    Raises:
        AwsError: `code`, listing every constraint that is not met.
        WrongType: a value is of another JSON type than its shape.
    """
    check = _operation_check(service, operation)
    if check is None:
        return
    errors: list[str] = []
    check(params, "", errors)
    if errors:
        count = f"{len(errors)} validation error{'s' if len(errors) > 1 else ''} detected"
        raise AwsError(code, f"{count}: {'; '.join(errors)}")


@cache
def _operation_check(service: str, operation: str) -> ConstraintCheck | None:
    model = operation_model(service, operation)
    return None if model is None or model.input_shape is None else _check(model.input_shape)


def _check(shape: Shape) -> ConstraintCheck:
    make = {"structure": _structure, "map": _map, "list": _list, "string": _string}.get(shape.type_name, _number)
    inner = make(shape)
    expected = JSON_TYPES[shape.type_name]
    strict_number = shape.type_name in ("integer", "long", "float", "double")

    def check(value: Any, path: str, errors: list[str]) -> None:
        if not isinstance(value, expected) or (strict_number and isinstance(value, bool)):
            raise WrongType(wrong_type(value, shape.type_name))
        inner(value, path, errors)

    return check


def _structure(shape: Any) -> ConstraintCheck:
    # Some models are recursive, none of those in use here; the members are compiled once, when first needed.
    required = set(shape.required_members)
    members = [(name, _lower_camel(name), name in required, member) for name, member in shape.members.items()]
    compiled: list[tuple[str, str, bool, ConstraintCheck]] = []

    def check(value: Any, path: str, errors: list[str]) -> None:
        if not compiled and members:
            compiled.extend((name, spelled, needed, _check(member)) for name, spelled, needed, member in members)
        for name, spelled, needed, inner in compiled:
            given = value.get(name)
            where = f"{path}.{spelled}" if path else spelled
            if given is not None:
                inner(given, where, errors)
            elif needed:
                errors.append(f"Value null at '{where}' failed to satisfy constraint: Member must not be null")

    return check


def _list(shape: Any) -> ConstraintCheck:
    bounds = _bounds(shape)
    item = _check(shape.member)
    sensitive = _holds_secrets(shape)

    def check(value: Any, path: str, errors: list[str]) -> None:
        for problem in bounds(len(value)):
            errors.append(_failed(value, path, f"Member must have {problem}", sensitive))
        for number, entry in enumerate(value, 1):
            if entry is None:
                errors.append(
                    f"Value null at '{path}.{number}.member' failed to satisfy constraint: Member must not be null"
                )
            else:
                item(entry, f"{path}.{number}.member", errors)

    return check


def _map(shape: Any) -> ConstraintCheck:
    bounds = _bounds(shape)
    key, entry = _check(shape.key), _check(shape.value)
    sensitive = _holds_secrets(shape)
    scalar = shape.value.type_name == "string"

    def check(value: Any, path: str, errors: list[str]) -> None:
        for problem in bounds(len(value)):
            errors.append(_failed(value, path, f"Member must have {problem}", sensitive))
        key_problems: list[str] = []
        value_problems: list[str] = []
        for name, given in value.items():
            key(name, path, key_problems)
            if given is None:
                value_problems.append("Member must not be null")
            elif scalar:
                entry(given, path, value_problems)
            else:
                entry(given, f"{path}.{name}.member", errors)
        for kind, problems in (("Map keys", key_problems), ("Map value", value_problems)):
            if problems:
                wanted = ", ".join(dict.fromkeys(problem.rsplit("constraint: ", 1)[-1] for problem in problems))
                errors.append(_failed(value, path, f"{kind} must satisfy constraint: [{wanted}]", sensitive))

    return check


def _string(shape: Any) -> ConstraintCheck:
    bounds = _bounds(shape)
    pattern = shape.metadata.get("pattern")
    matches = matcher(pattern) if pattern else None
    enum = shape.enum
    sensitive = _holds_secrets(shape)

    def check(value: Any, path: str, errors: list[str]) -> None:
        for problem in bounds(len(value)):
            errors.append(_failed(value, path, f"Member must have {problem}", sensitive))
        if matches is not None and not matches(value):
            errors.append(_failed(value, path, f"Member must satisfy regular expression pattern: {pattern}", sensitive))
        if enum and value not in enum:
            errors.append(_failed(value, path, f"Member must satisfy enum value set: [{', '.join(enum)}]", sensitive))

    return check


def _number(shape: Any) -> ConstraintCheck:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if shape.type_name not in ("integer", "long"):
        return lambda value, path, errors: None

    def check(value: Any, path: str, errors: list[str]) -> None:
        if most is not None and value > most:
            errors.append(_failed(value, path, f"Member must have value less than or equal to {most}", False))
        if least is not None and value < least:
            errors.append(_failed(value, path, f"Member must have value greater than or equal to {least}", False))

    return check


def _bounds(shape: Any) -> Callable[[int], list[str]]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")

    def problems(length: int) -> list[str]:
        found = []
        if most is not None and length > most:
            found.append(f"length less than or equal to {most}")
        if least is not None and length < least:
            found.append(f"length greater than or equal to {least}")
        return found

    return problems


def _holds_secrets(shape: Any) -> bool:
    """Whether the model marks the shape sensitive, or anything in it. No shape in use here holds itself."""
    if shape.metadata.get("sensitive") or shape.name in _SECRETS:
        return True
    if shape.type_name == "structure":
        return any(_holds_secrets(member) for member in shape.members.values())
    if shape.type_name in ("list", "map"):
        return _holds_secrets(shape.member if shape.type_name == "list" else shape.value)
    return False


def _failed(value: Any, path: str, constraint: str, sensitive: bool) -> str:
    shown = "Value" if sensitive else f"Value '{_java(value)[:_SHOWN]}'"
    return f"{shown} at '{path}' failed to satisfy constraint: {constraint}"


def _java(value: Any) -> str:
    """A value as Java prints it, since that is what AWS's messages show."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_java(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_java(entry) for entry in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


def _lower_camel(name: str) -> str:
    return name[0].lower() + name[1:]


def _json_type(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE_VALUE" if value else "FALSE_VALUE"
    names = {
        str: "STRING_VALUE",
        int: "NUMBER_VALUE",
        float: "DECIMAL_VALUE",
        dict: "START_OBJECT",
        list: "START_ARRAY",
    }
    return names.get(type(value), "NULL_VALUE")


def _type_name(type_name: str) -> str:
    names = {"string": "a String", "boolean": "a Boolean", "integer": "an Integer", "long": "a Long", "map": "a Map"}
    return names.get(type_name, f"a {type_name.capitalize()}")
