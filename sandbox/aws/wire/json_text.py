"""JSON as requests bring it and answers carry it, by msgspec: every call reads one document and writes three.

Strict as RFC 8259 is: no NaN, no half of a surrogate pair, no bytes that are not UTF-8.
"""

import json
from typing import Any

import msgspec

_decode = msgspec.json.Decoder().decode
_MOST_VALUES = 500_000  # in one document: each takes up to a hundred bytes, however short it is written
_encode = msgspec.json.Encoder().encode


def read_json(text: bytes) -> Any:
    """The value that a document holds.

    Raises:
        ValueError: it is not JSON.
        RecursionError: it is nested too deeply.
    """
    if len(text) > _MOST_VALUES and text.count(b",") + text.count(b"[") + text.count(b"{") > _MOST_VALUES:
        raise ValueError("The document holds too many values.")
    return _decode(text)


def without_nulls(value: Any) -> Any:
    """A value without the members that are null, at any depth. What a list holds stays, in its place.

    Raises:
        RecursionError: it is nested too deeply.
    """
    if isinstance(value, dict):
        return {name: without_nulls(inner) for name, inner in value.items() if inner is not None}
    return [without_nulls(inner) for inner in value] if isinstance(value, list) else value


def write_json(value: Any) -> bytes:
    """The shortest document, in UTF-8."""
    return _encode(value)


def write_ascii_json(value: Any) -> str:
    """The shortest document that a header can carry: what is not ASCII is escaped."""
    try:
        text = _encode(value)
    except UnicodeEncodeError:
        # Half of a surrogate pair, which only an escape can write.
        return json.dumps(value, separators=(",", ":"))
    return text.decode("ascii") if text.isascii() else json.dumps(value, separators=(",", ":"))
