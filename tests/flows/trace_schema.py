"""Exported traces against the published schema."""

import json
from functools import cache
from typing import Any

from django.test import Client
from jsonschema import Draft202012Validator

from flows.models import Run
from flows.traces.writing import trace_of
from tests import ROOT

SCHEMA_FILE = ROOT / "docs" / "trace-v2.schema.json"
KEPT = ROOT / "tests" / "kept"


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA_FILE.read_text()))


def complaints(document: Any) -> list[str]:
    """What the published schema has against a document."""
    return [f"{error.json_path}: {error.message[:200]}" for error in _validator().iter_errors(document)]


def exported(run: Run) -> dict[str, Any]:
    """The run's trace as a file has it."""
    return dict(json.loads(json.dumps(trace_of(run), ensure_ascii=False)))


def downloaded(client: Client, run: Run) -> bytes:
    """The file that the browser gets."""
    response = client.get(f"/runs/{run.code}/export.json")
    assert response.status_code == 200
    return bytes(response.content)
