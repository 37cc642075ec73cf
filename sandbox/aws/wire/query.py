"""The query protocol's input: form fields such as `PolicyArns.member.1.arn` read into members by the model."""

from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

from sandbox.aws.wire.models import operation_model
from sandbox.core.errors import AwsError

_MOST_FIELDS = 2000
_SLICE = 64 * 1024  # characters


def form_fields(text: str) -> dict[str, str]:
    """The fields of a form body or query string.

    A name may appear only once: of two values, whoever answers the request might read another than who authorised it.

    Raises:
        AwsError: MalformedQueryString.
    """
    try:
        pairs = _large_pairs(text) if len(text) > _SLICE else _pairs(text)
    except ValueError:
        raise AwsError("MalformedQueryString", "The query string contains a syntax error.", 400) from None
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise AwsError("MalformedQueryString", "A name appears twice in the query string.", 400)
    return fields


def _pairs(text: str) -> list[tuple[str, str]]:
    return parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)


def _large_pairs(text: str) -> list[tuple[str, str]]:
    """As `_pairs`, but values are decoded in slices: the decoder makes a list of all escapes, and nothing else runs
    meanwhile."""
    parts = text.split("&", _MOST_FIELDS)
    if len(parts) > _MOST_FIELDS:
        raise ValueError("too many fields")
    split = (part.partition("=") for part in parts if part)
    return [(_large_text(name), _large_text(value)) for name, _, value in split]


def _large_text(text: str) -> str:
    slices, start = [], 0
    while start < len(text):
        end = start + _SLICE
        if (escape := text.rfind("%", end - 2, end)) >= 0:
            end = escape + 3  # It stays whole.
        slices.append(unquote_to_bytes(text[start:end].replace("+", " ")))
        start = end
    return b"".join(slices).decode("utf-8", "replace")


def parse_query(service: str, operation: str, fields: dict[str, str]) -> dict[str, Any]:
    """The operation's input, members named as in the model.

    Raises:
        AwsError: MalformedInput, where a number or a boolean is none.
    """
    model = operation_model(service, operation)
    if model is None or model.input_shape is None:
        return {}
    members: dict[str, Any] = _structure(model.input_shape, fields, "")
    return members


def _structure(shape: Any, fields: dict[str, str], prefix: str) -> dict[str, Any]:
    found = {}
    for name, member in shape.members.items():
        wire_name = member.serialization.get("name", name)
        value = _value(member, fields, f"{prefix}{wire_name}")
        if value is not None:
            found[name] = value
    return found


def _value(shape: Any, fields: dict[str, str], name: str) -> Any:
    kind = shape.type_name
    if kind == "list":
        return _list(shape, fields, name)
    if kind == "map":
        return _map(shape, fields, name)
    if kind == "structure":
        inside = f"{name}."
        return _structure(shape, fields, inside) if any(field.startswith(inside) for field in fields) else None
    text = fields.get(name)
    return None if text is None else _scalar(kind, text)


def _list(shape: Any, fields: dict[str, str], name: str) -> list[Any] | None:
    if fields.get(name) == "":
        return []  # How SDKs write an empty list.
    item = "" if shape.serialization.get("flattened") else f".{shape.member.serialization.get('name', 'member')}"
    found: list[Any] = []
    while (value := _value(shape.member, fields, f"{name}{item}.{len(found) + 1}")) is not None:
        found.append(value)
    return found or None


def _map(shape: Any, fields: dict[str, str], name: str) -> dict[str, Any] | None:
    entry = "" if shape.serialization.get("flattened") else ".entry"
    key_name = shape.key.serialization.get("name", "key")
    value_name = shape.value.serialization.get("name", "value")
    found: dict[str, Any] = {}
    number = 1
    while (key := fields.get(f"{name}{entry}.{number}.{key_name}")) is not None:
        found[key] = _value(shape.value, fields, f"{name}{entry}.{number}.{value_name}")
        number += 1
    return found or None


def _scalar(kind: str, text: str) -> Any:
    if kind in ("integer", "long"):
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
            raise AwsError("MalformedInput", "Invalid input: a number was expected", 400)
        return int(text)
    if kind == "boolean":
        if text.lower() not in ("true", "false"):
            raise AwsError("MalformedInput", "Invalid input: a boolean was expected", 400)
        return text.lower() == "true"
    return text
