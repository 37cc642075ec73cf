"""Which role was chosen, and by what: told by the decision's code, or by its wording in runs from before the codes."""

from typing import Any

import pytest

from flows.models import ApiCall
from flows.pages.run.calls import CallView
from flows.pages.run.role_choice import role_choice

WORDED = {
    "role.custom": "custom role",
    "role.mapping": "role mapping",
    "role.saml": "SAML role",
    "role.missing": "role",
}


def call_that(**decision: str) -> CallView:
    entry: dict[str, Any] = {"check": "", "expected": "", "verdict": "pass", "doc": "", "source": "sandbox", **decision}
    return CallView(ApiCall(decisions=[entry]), "1", {})


@pytest.mark.parametrize("code", WORDED)
def test_the_choice_of_a_role_is_known_with_and_without_a_code(code: str) -> None:
    arn = "arn:aws:iam::000000000000:role/Chosen"
    for decision in ({"code": code, "check": "worded otherwise"}, {"check": WORDED[code]}):
        choice = role_choice([call_that(actual=arn, **decision)])
        assert choice is not None
        assert (choice.role, choice.code) == ("Chosen", code)


@pytest.mark.parametrize(
    "decision",
    [
        {"code": "role.mapping", "verdict": "deny"},
        {"code": "role.exists", "check": "role"},
        {"code": "trust.principal"},
        {"check": "identity pool"},
    ],
)
def test_other_decisions_choose_none(decision: dict[str, str]) -> None:
    assert role_choice([call_that(actual="arn:aws:iam::000000000000:role/Chosen", **decision)]) is None
