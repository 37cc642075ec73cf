"""A run with its calls as one document, for a file or for reading. Rows are redacted, so there is no secret in it."""

from typing import Any

from flows.models import Run

FORMAT = "identity-pools-lab/run"
FORMAT_VERSION = 1
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


def trace(run: Run) -> dict[str, Any]:
    """The run's choices, how it ended, and every recorded call. Times are ISO 8601 in UTC."""
    fields = {name: _plain(getattr(run, name)) for name in _FIELDS}
    calls = [call.details() for call in run.calls.all()]
    return {"format": FORMAT, "version": FORMAT_VERSION, "run": run.short_code, **fields, "calls": calls}


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
