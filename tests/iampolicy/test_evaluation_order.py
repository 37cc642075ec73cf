from typing import Any

import pytest

from iampolicy.evaluator import Access, Evaluation, authorize
from tests.iampolicy.build import OBJECT, policy, statement

ALLOW = policy(statement(Sid="Yes"))
DENY = policy(statement(Sid="No", Effect="Deny"))
OTHER = policy(statement(Action="s3:PutObject"))
EMPTY: list[Any] = []


def evaluated(identity: list[Any], session: list[Any]) -> Evaluation:
    return authorize(identity, session, Access("s3:GetObject", OBJECT, {}))


@pytest.mark.parametrize(
    ("identity", "session", "verdict", "layer"),
    [
        ([], [], "implicit_deny", "identity"),
        ([ALLOW], [], "allow", "identity"),
        ([OTHER], [], "implicit_deny", "identity"),
        ([DENY], [], "explicit_deny", "identity"),
        ([ALLOW, DENY], [], "explicit_deny", "identity"),
        ([DENY, ALLOW], [], "explicit_deny", "identity"),
        ([OTHER, ALLOW], [], "allow", "identity"),
        ([ALLOW], [ALLOW], "allow", "identity"),
        ([ALLOW], [OTHER], "implicit_deny", "session"),
        ([ALLOW], [DENY], "explicit_deny", "session"),
        ([ALLOW], [OTHER, ALLOW], "allow", "identity"),
        ([ALLOW], [ALLOW, DENY], "explicit_deny", "session"),
        ([OTHER], [ALLOW], "implicit_deny", "identity"),
        ([OTHER], [OTHER], "implicit_deny", "identity"),
        ([OTHER], [DENY], "explicit_deny", "session"),
        ([DENY], [ALLOW], "explicit_deny", "identity"),
        ([DENY], [OTHER], "explicit_deny", "identity"),
    ],
)
def test_a_deny_wins_and_both_layers_have_to_allow(
    identity: list[Any], session: list[Any], verdict: str, layer: str
) -> None:
    outcome = evaluated(identity, session)
    assert (outcome.verdict, outcome.layer) == (verdict, layer)


def test_the_statement_that_decided_is_named() -> None:
    outcome = evaluated([OTHER, ALLOW], [])
    assert (outcome.label, outcome.policy) == ("Yes", 1)
    assert outcome.statement == ALLOW["Statement"][0]


def test_a_statement_without_sid_is_named_by_its_number() -> None:
    document = policy(statement(Action="s3:PutObject"), statement())
    assert evaluated([document], []).label == "statement 2"


def test_both_layers_are_told_in_order() -> None:
    outcome = evaluated([ALLOW], [OTHER])
    assert [(layer.layer, layer.verdict) for layer in outcome.layers] == [
        ("identity", "allow"),
        ("session", "implicit_deny"),
    ]


@pytest.mark.parametrize(
    ("identity", "session", "verdict", "layer"),
    [
        ([OTHER], [], "allow", "resource"),
        ([], [], "allow", "resource"),
        ([ALLOW], [], "allow", "identity"),
        ([DENY], [], "explicit_deny", "identity"),
        ([OTHER], [ALLOW], "allow", "resource"),
        ([OTHER], [OTHER], "implicit_deny", "session"),
        ([OTHER], [DENY], "explicit_deny", "session"),
    ],
)
def test_a_resource_that_grants_stands_in_for_an_identity_policy(
    identity: list[Any], session: list[Any], verdict: str, layer: str
) -> None:
    outcome = authorize(identity, session, Access("s3:GetObject", OBJECT, {}), granted=True)
    assert (outcome.verdict, outcome.layer) == (verdict, layer)


@pytest.mark.parametrize(
    ("identity", "boundary", "session", "verdict", "layer"),
    [
        ([ALLOW], ALLOW, [], "allow", "identity"),
        ([ALLOW], OTHER, [], "implicit_deny", "boundary"),
        ([ALLOW], DENY, [], "explicit_deny", "boundary"),
        ([OTHER], ALLOW, [], "implicit_deny", "identity"),
        ([OTHER], OTHER, [], "implicit_deny", "identity"),
        ([OTHER], DENY, [], "explicit_deny", "boundary"),
        ([DENY], ALLOW, [], "explicit_deny", "identity"),
        ([ALLOW], ALLOW, [ALLOW], "allow", "identity"),
        ([ALLOW], ALLOW, [OTHER], "implicit_deny", "session"),
        ([ALLOW], OTHER, [ALLOW], "implicit_deny", "boundary"),
        ([ALLOW], OTHER, [DENY], "implicit_deny", "boundary"),
        ([OTHER], ALLOW, [DENY], "explicit_deny", "session"),
    ],
)
def test_a_permissions_boundary_gives_nothing_and_limits_everything(
    identity: list[Any], boundary: Any, session: list[Any], verdict: str, layer: str
) -> None:
    outcome = authorize(identity, session, Access("s3:GetObject", OBJECT, {}), boundary=boundary)
    assert (outcome.verdict, outcome.layer) == (verdict, layer)


def test_what_a_resource_grants_is_limited_by_the_boundary() -> None:
    access = Access("s3:GetObject", OBJECT, {})
    assert authorize(EMPTY, [], access, granted=True, boundary=ALLOW).verdict == "allow"
    assert authorize(EMPTY, [], access, granted=True, boundary=OTHER).layer == "boundary"
    layers = authorize([ALLOW], [ALLOW], access, boundary=ALLOW).layers
    assert [layer.layer for layer in layers] == ["identity", "boundary", "session"]
