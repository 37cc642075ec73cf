"""A run with its calls as one document, for a file or for reading. Rows are redacted, so there is no secret in it."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse

from flows.models import ApiCall, Run
from flows.traces import FORMAT, VERSION

_FIELDS = (
    "mode",
    "account_id",
    "region",
    "pool_id",
    "access",
    "flow",
    "provider",
    "subject",
    "parameters",
    "outcome",
    "identity_id",
    "role_arn",
    "assumed_role_arn",
    "access_key_id",
    "credentials_expire_at",
    "error_code",
    "error_message",
    "duration_ms",
    "scrubbed",
    "created_at",
    "finished_at",
)
# Runs that were recorded before decisions had codes lack one.
_DECISION = {"code": "", "check": "", "expected": "", "actual": "", "verdict": "info", "doc": "", "source": "sandbox"}


def trace_of(run: Run) -> dict[str, Any]:
    """The run's choices, how it ended, and every recorded call, as `flows.traces` describes it."""
    fields = {name: _plain(getattr(run, name)) for name in _FIELDS}
    calls = [_call(call) for call in run.recorded()]
    head = {"$schema": schema_url(), "format": FORMAT, "version": VERSION, "run": run.short_code}
    return {**head, **fields, "calls": calls}


def schema_url() -> str:
    """Where this application serves the trace's JSON Schema."""
    return f"{settings.PUBLIC_URL}{reverse('flows:trace_schema')}"


def _call(call: ApiCall) -> dict[str, Any]:
    return {**call.details(), "decisions": [_decision(entry) for entry in call.decisions]}


def _decision(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: entry.get(name, absent) for name, absent in _DECISION.items()}


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
