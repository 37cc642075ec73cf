"""The JSON Schema of version 2, published as docs/trace-v2.schema.json and served by the application."""

import json
from typing import Any

import msgspec

from flows.traces.model import Trace

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def _schema() -> dict[str, Any]:
    (whole,), parts = msgspec.json.schema_components([Trace], ref_template="#/$defs/{name}")
    described = {name: _described(part) for name, part in sorted(parts.items())}
    return {"$schema": _DIALECT, "title": "Trace of Identity Pools Lab, version 2", **whole, "$defs": described}


def _described(part: dict[str, Any]) -> dict[str, Any]:
    """Docstrings are wrapped in the source; a description is one line."""
    text = part.get("description")
    return {**part, "description": " ".join(text.split())} if text else part


SCHEMA = _schema()


def text() -> str:
    """The document as it is published: `python -c "from flows.traces.schema import text; print(text(), end='')"`."""
    return json.dumps(SCHEMA, indent=2) + "\n"
