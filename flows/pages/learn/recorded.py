"""A recorded call to show beside an operation's members: the newest of the person's own, else one that comes along."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from accounts.owners import Owner
from flows.models import ApiCall, Run
from flows.pages.run.calls import CallView, call_views

RECORDINGS = Path(__file__).parent / "recordings.json"  # of the sandbox; a test makes them anew and compares
_NEWEST = 50  # runs of the person's own among which one is looked for


@dataclass(frozen=True, slots=True)
class RecordedExample:
    """`run`: whose call it is, where it is one of the person's own."""

    call: CallView
    run: Run | None


def recorded_call(owner: Owner, operation: str) -> RecordedExample | None:
    """A call of that operation that was answered; None where neither the person nor this page has one."""
    newest = Run.objects.owned_by(owner).by_people().order_by("-created_at", "-pk").values_list("pk", flat=True)
    answered = ApiCall.objects.filter(run__in=list(newest[:_NEWEST]), operation=operation, status=200)
    found = answered.select_related("run").order_by("-run_id", "-position").first()
    if found:
        return RecordedExample(_shown(found), found.run)
    return RecordedExample(_shown(_kept(operation)), None) if operation in _recordings() else None


def _shown(call: ApiCall) -> CallView:
    (view,) = call_views([call])
    return view


def _kept(operation: str) -> ApiCall:
    return ApiCall(run=Run(mode="sandbox", region="us-east-1"), **_recordings()[operation])


@cache
def _recordings() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(RECORDINGS.read_text(encoding="utf-8")) if RECORDINGS.exists() else {}
    return found
