import json
from typing import Any

import pytest

from iampolicy.documents import parse_trust_policy
from iampolicy.statements import PolicyDocument
from iampolicy.trust import TrustEvaluation, evaluate_trust
from iampolicy.truth import UNKNOWN

COGNITO = "cognito-identity.amazonaws.com"
POOL = "us-east-1:11111111-2222-3333-4444-555555555555"
CONTEXT = {f"{COGNITO}:aud": POOL, f"{COGNITO}:amr": ["authenticated", "accounts.google.com"], f"{COGNITO}:sub": "me"}


def trusting(**members: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Federated": COGNITO},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {f"{COGNITO}:aud": POOL},
            "ForAnyValue:StringLike": {f"{COGNITO}:amr": "authenticated"},
        },
        **members,
    }


def evaluated(*statements: dict[str, Any], **changes: Any) -> TrustEvaluation:
    document = parse_trust_policy(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}), legacy=True)
    question: dict[str, Any] = {
        "action": "sts:AssumeRoleWithWebIdentity",
        "principal_kind": "Federated",
        "principal_value": COGNITO,
        "context": CONTEXT,
        **changes,
    }
    return evaluate_trust(document, **question)


def test_the_usual_policy_allows_and_says_what_it_checked() -> None:
    outcome = evaluated(trusting())
    assert outcome.allowed
    assert [(check.check, check.ok) for check in outcome.checks] == [
        ("Trust policy: principal", True),
        ("Trust policy: action", True),
        (f"Trust policy: StringEquals {COGNITO}:aud", True),
        (f"Trust policy: ForAnyValue:StringLike {COGNITO}:amr", True),
    ]


@pytest.mark.parametrize(
    ("changes", "failed", "actual"),
    [
        (
            {"context": {**CONTEXT, f"{COGNITO}:aud": "us-east-1:other"}},
            f"StringEquals {COGNITO}:aud",
            "us-east-1:other",
        ),
        (
            {"context": {**CONTEXT, f"{COGNITO}:amr": ["unauthenticated"]}},
            f"ForAnyValue:StringLike {COGNITO}:amr",
            "unauthenticated",
        ),
        ({"context": {}}, f"StringEquals {COGNITO}:aud", "(not in the request)"),
        ({"principal_value": "accounts.google.com"}, "principal", "Federated: accounts.google.com"),
        ({"action": "sts:TagSession"}, "action", "sts:TagSession"),
    ],
)
def test_a_refusal_names_the_check_that_failed(changes: dict[str, Any], failed: str, actual: str) -> None:
    outcome = evaluated(trusting(), **changes)
    assert not outcome.allowed
    first = next(check for check in outcome.checks if not check.ok)
    assert (first.check, first.actual) == (f"Trust policy: {failed}", actual)


def test_tagging_the_session_is_an_action_of_its_own() -> None:
    both = trusting(Action=["sts:AssumeRoleWithWebIdentity", "sts:TagSession"])
    assert evaluated(both, action="sts:TagSession").allowed
    assert not evaluated(trusting(), action="sts:TagSession").allowed


def test_the_nearest_statement_explains_a_refusal() -> None:
    google = trusting(Principal={"Federated": "accounts.google.com"})
    other_pool = trusting(Condition={"StringEquals": {f"{COGNITO}:aud": "us-east-1:other"}})
    outcome = evaluated(google, other_pool)
    assert [check.check for check in outcome.checks if not check.ok] == [f"Trust policy: StringEquals {COGNITO}:aud"]


def test_a_deny_wins_over_an_allow() -> None:
    banned = trusting(Effect="Deny", Sid="Banned", Condition={"StringEquals": {f"{COGNITO}:sub": "me"}})
    outcome = evaluated(trusting(), banned)
    assert not outcome.allowed
    assert outcome.checks[-1].actual == "Banned"
    assert evaluated(trusting(), banned, context={**CONTEXT, f"{COGNITO}:sub": "you"}).allowed


def test_without_an_allow_there_is_still_a_reason() -> None:
    outcome = evaluated(trusting(Effect="Deny", Action="sts:TagSession"))
    assert not outcome.allowed
    assert len(outcome.checks) == 1


@pytest.mark.parametrize(
    ("principal", "names", "allowed"),
    [
        ({"AWS": "111122223333"}, "arn:aws:iam::111122223333:role/R", True),
        ({"AWS": "arn:aws:iam::111122223333:root"}, "arn:aws:iam::111122223333:role/R", True),
        ({"AWS": "arn:aws:iam::111122223333:role/R"}, "arn:aws:iam::111122223333:role/R", True),
        ({"AWS": "arn:aws:iam::111122223333:role/Q"}, "arn:aws:iam::111122223333:role/R", False),
        ({"AWS": "444455556666"}, "arn:aws:iam::111122223333:role/R", False),
        ({"AWS": "*"}, "arn:aws:iam::111122223333:role/R", True),
        ("*", "arn:aws:iam::111122223333:role/R", True),
        ({"AWS": ["444455556666", "111122223333"]}, "arn:aws:iam::111122223333:role/R", True),
        ({"Federated": COGNITO}, "arn:aws:iam::111122223333:role/R", False),
        (
            {"AWS": "arn:aws:iam::111122223333:role/R"},
            ["arn:aws:sts::111122223333:assumed-role/R/s", "arn:aws:iam::111122223333:role/R"],
            True,
        ),
        (
            {"AWS": "arn:aws:sts::111122223333:assumed-role/R/s"},
            ["arn:aws:sts::111122223333:assumed-role/R/s", "arn:aws:iam::111122223333:role/R"],
            True,
        ),
    ],
)
def test_accounts_roles_and_sessions_as_principals(principal: Any, names: Any, allowed: bool) -> None:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    outcome = evaluated(statement, action="sts:AssumeRole", principal_kind="AWS", principal_value=names)
    assert outcome.allowed is allowed


def test_not_principal_denies_everyone_else() -> None:
    only_r = {
        "Effect": "Deny",
        "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:role/R"},
        "Action": "sts:AssumeRole",
    }
    anyone = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}
    for role, allowed in (("R", True), ("Q", False)):
        arn = f"arn:aws:iam::111122223333:role/{role}"
        question = {"action": "sts:AssumeRole", "principal_kind": "AWS", "principal_value": arn}
        assert evaluated(anyone, only_r, **question).allowed is allowed


def test_the_nearest_statement_explains_a_refusal_wherever_it_stands() -> None:
    google = trusting(Principal={"Federated": "accounts.google.com"})
    other_action = trusting(Action="sts:TagSession")
    other_pool = trusting(Condition={"StringEquals": {f"{COGNITO}:aud": "us-east-1:other"}})
    half = trusting(Condition={"StringEquals": {f"{COGNITO}:aud": POOL, f"{COGNITO}:sub": "you"}})
    nearest = [half, other_pool, other_action, google]
    for number, near in enumerate(nearest):
        for order in (nearest[number:], nearest[number:][::-1]):
            assert evaluated(*order).checks == evaluated(near).checks


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, [f"Federated: {COGNITO}", "sts:AssumeRoleWithWebIdentity"]),
        ({"Action": ["sts:TagSession", "sts:A*"]}, [f"Federated: {COGNITO}", "sts:TagSession, sts:A*"]),
        ({"Principal": "*"}, ["*", "sts:AssumeRoleWithWebIdentity"]),
        ({"Principal": {"AWS": ["1" * 12, "*"]}}, [f"AWS: {'1' * 12}, *", "sts:AssumeRoleWithWebIdentity"]),
    ],
)
def test_a_check_shows_what_the_statement_writes(members: dict[str, Any], expected: list[str]) -> None:
    assert [check.expected for check in evaluated(trusting(**members)).checks[:2]] == expected


def test_a_check_shows_what_the_statement_excepts() -> None:
    excepting = {name: value for name, value in trusting(NotAction="sts:TagSession").items() if name != "Action"}
    outcome = evaluated(excepting)
    assert (outcome.allowed, outcome.checks[1].expected) == (True, "anything but sts:TagSession")
    assert not evaluated(excepting, action="sts:TagSession").allowed


@pytest.mark.parametrize(
    ("given", "shown"), [(["a", "b"], "a, b"), ([], "(empty)"), ("a", "a"), (None, "(not in the request)")]
)
def test_a_check_shows_what_the_request_had(given: Any, shown: str) -> None:
    context = {} if given is None else {f"{COGNITO}:amr": given}
    assert evaluated(trusting(), context=context).checks[3].actual == shown


@pytest.mark.parametrize(
    ("principal", "by_name"),
    [
        ({"AWS": "arn:aws:iam::111122223333:role/R"}, True),
        ({"AWS": ["444455556666", "arn:aws:iam::111122223333:role/R"]}, True),
        ({"AWS": "111122223333"}, False),
        ({"AWS": "arn:aws:iam::111122223333:root"}, False),
        ({"AWS": "*"}, False),
        ("*", False),
    ],
)
def test_a_statement_by_name_is_not_one_for_the_account_or_for_everyone(principal: Any, by_name: bool) -> None:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    question: dict[str, Any] = {
        "action": "sts:AssumeRole",
        "principal_kind": "AWS",
        "principal_value": "arn:aws:iam::111122223333:role/R",
    }
    assert evaluated(statement, **question).allowed
    assert evaluated(statement, by_name=True, **question).allowed is by_name


def test_a_deny_is_of_its_principal_action_and_conditions() -> None:
    deny = trusting(Effect="Deny", Condition={})
    assert not evaluated(trusting(), deny).allowed
    for spared in (
        {"Principal": {"Federated": "accounts.google.com"}},
        {"Action": "sts:TagSession"},
        {"Condition": {"StringEquals": {f"{COGNITO}:sub": "you"}}},
    ):
        assert evaluated(trusting(), {**deny, **spared}).allowed


def test_each_check_has_the_code_of_what_it_is_about() -> None:
    keys = (f"{COGNITO}:aud", f"{COGNITO}:amr", f"{COGNITO}:sub", "aws:SourceIp")
    asking = trusting(Condition={"StringLike": dict.fromkeys(keys, "*")})
    outcome = evaluated(asking, context={})
    assert [check.code for check in outcome.checks] == [
        *("trust.principal", "trust.action", "trust.aud", "trust.amr", "trust.sub", "trust.condition"),
    ]
    tagging = evaluated(trusting(), action="sts:TagSession")
    assert tagging.checks[1].code == "trust.tag_session"


def test_a_condition_that_cannot_be_evaluated_has_the_code_of_its_key() -> None:
    """Only one that hangs on an unknown key has the code for that."""
    asking = trusting(Condition={"StringEqualz": {f"{COGNITO}:aud": POOL}, "Null": {f"{COGNITO}:sub": "true"}})
    document = PolicyDocument(Version="2012-10-17", Statement=[asking])
    outcome = evaluate_trust(
        document,
        action="sts:AssumeRoleWithWebIdentity",
        principal_kind="Federated",
        principal_value=COGNITO,
        context={**CONTEXT, f"{COGNITO}:sub": UNKNOWN},
    )
    assert [(check.code, check.ok) for check in outcome.checks[2:]] == [
        ("trust.aud", False),
        ("policy.condition_key", False),
    ]
