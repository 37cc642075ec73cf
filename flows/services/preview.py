"""The next request, before it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from flows.exchange import engine
from flows.exchange.steps import FLOWS, Editable, Step
from flows.models import Outcome, Run
from flows.services import run_secrets
from flows.services.errors import SecretGone, SignInNeeded
from flows.services.journal import know_context, redactor_for

WHEN_SENT = "‹set when it is sent›"
# Dates, and the SDK's random id of a call, are other ones each time; a signature depends on them.
_OF_THE_MOMENT = frozenset({"x-amz-date", "date", "amz-sdk-invocation-id", "authorization"})


@dataclass(frozen=True, slots=True)
class PlannedParameter:
    """A parameter that the visitor may change before the call. `value` is what would be sent now, as text."""

    name: str
    label: str
    help: str
    value: str
    long: bool


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """The next call of a run as it would go out: built and redacted by what will send and record it.

    Attributes:
        position: index of its step in the flow, to be handed to run_advance.
        problem: why the SDK would not send it as it stands; method, url, headers and body are empty then.
    """

    step: Step
    position: int
    service: str
    operation: str
    protocol: str
    signed: bool
    method: str
    url: str
    params: Mapping[str, Any]
    editable: tuple[PlannedParameter, ...]
    headers: Mapping[str, str]
    body: str
    problem: str = ""


def run_preview(*, run: Run, overrides: Mapping[str, str] | None = None) -> PlannedCall | None:
    """The next request of an open run, or None when there is none, or when what it needs has expired."""
    if run.outcome != Outcome.OPEN or run.mode != settings.APP_MODE:
        return None
    step = FLOWS[run.flow].steps[run.position]
    try:
        context = run_secrets.context_of(run, overrides)
    except (SecretGone, SignInNeeded):
        return None
    redactor = redactor_for(run)
    know_context(redactor, run, context)
    reply = engine.rehearse(step, context, run.region)
    fields = redactor.sent(reply.calls[0])
    params = fields["request_params"]
    return PlannedCall(
        step=step,
        position=run.position,
        service=fields["service"],
        operation=fields["operation"],
        protocol=fields["protocol"],
        signed=fields["signed"],
        method=fields.get("method", ""),
        url=fields.get("url", ""),
        params=params,
        editable=tuple(_editable(step, params)),
        headers={name: _value(name, value) for name, value in fields.get("request_headers", {}).items()},
        body=fields.get("request_body", ""),
        problem=fields["error_message"],
    )


def _editable(step: Step, params: Mapping[str, Any]) -> list[PlannedParameter]:
    return [
        PlannedParameter(field.name, field.label, field.help, _value_now(field, params), field.long)
        for field in step.editable
        if params.get("Logins") or not field.of_logins
    ]


def _value_now(field: Editable, params: Mapping[str, Any]) -> str:
    """What would be sent now."""
    return next(iter(params["Logins"])) if field.of_logins else str(params.get(field.name, ""))


def _value(name: str, value: str) -> str:
    return WHEN_SENT if name.lower() in _OF_THE_MOMENT else value
