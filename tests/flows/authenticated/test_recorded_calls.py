"""The calls that come along with the reference pages are such as the sandbox answers now.

`RECORD=1 .venv/bin/pytest tests/flows/authenticated/test_recorded_calls.py` records them anew.
"""

import json
import os
from typing import Any

import pytest

from accounts.models import User
from flows.models import ApiCall
from flows.pages.learn.recorded import RECORDINGS
from lessons.operations import OPERATIONS
from tests.flows.authenticated.person import Person

pytestmark = pytest.mark.slow


def _made(ana: Person) -> dict[str, Any]:
    """One call of each operation, as it is stored: of guests where nobody has to sign in."""
    user = User.objects.create_user("ana")
    for flow in ("enhanced", "basic"):
        ana.post("/runs/", access="guest", flow=flow, provider="guest", pool="lab", pace="all")
    code = ana.latest.code
    ana.post(f"/runs/{code}/use/", sample="who-am-i")
    ana.client.force_login(user)
    ana.run("developer")
    found = {}
    for operation in OPERATIONS:
        call = ApiCall.objects.filter(operation=operation, status=200).earliest("pk")
        found[operation] = call.details()
    return found


def _shape(value: Any) -> Any:
    """The names in it, without what is new in every run."""
    if isinstance(value, dict):
        return {name: _shape(part) for name, part in value.items()}
    return [_shape(part) for part in value] if isinstance(value, list) else type(value).__name__


def test_they_have_the_members_that_a_call_has_now(ana: Person) -> None:
    made = _made(ana)
    if os.environ.get("RECORD"):
        RECORDINGS.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    kept = json.loads(RECORDINGS.read_text(encoding="utf-8"))
    assert set(kept) == set(OPERATIONS)
    for operation, call in made.items():
        for part in ("service", "signed", "method", "status", "protocol"):
            assert kept[operation][part] == call[part], operation
        for part in ("request_params", "response_params"):
            assert _shape(kept[operation][part]) == _shape(call[part]), operation


def test_no_secret_comes_along() -> None:
    text = RECORDINGS.read_text(encoding="utf-8")
    assert "‹" in text
    assert "eyJ" not in text
