"""Half of the company's settings is a finding with what mends it."""

from typing import Any

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

WHOLE = {
    "COMPANY_ISSUER": "https://id.company.test/realms/staff",
    "COMPANY_CLIENT_ID": "the-site",
    "COMPANY_CLIENT_SECRET": "of-the-company",
    "COMPANY_STAFF": "run-it",
}


def told(settings: Any, changes: dict[str, Any]) -> list[tuple[str, str, str]]:
    for name, value in changes.items():
        setattr(settings, name, value)
    mine = ("lab.E041", "lab.E042", "lab.E043", "lab.W044", "lab.W045")
    return [(one.id, one.msg, one.hint or "") for one in run_checks(tags=["lab"]) if one.id in mine]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        WHOLE,
        WHOLE | {"LOCAL_PASSWORDS": False},
        WHOLE | {"COMPANY_ISSUER": "https://id.company.test/"},
        WHOLE | {"COMPANY_ISSUER": "http://127.0.0.1:4566/idp/oidc"},
    ],
)
def test_nothing_or_the_whole_is_fine(settings: Settings, changes: dict[str, Any]) -> None:
    assert told(settings, changes) == []


@pytest.mark.parametrize(
    ("changes", "code", "problem", "mends"),
    [
        ({"COMPANY_CLIENT_SECRET": ""}, "lab.E041", "lacks COMPANY_CLIENT_SECRET", "take out COMPANY_ISSUER"),
        ({"COMPANY_ISSUER": "http://id.company.test"}, "lab.E042", "no issuer", "begins with https://"),
        ({"COMPANY_ISSUER": "id.company.test"}, "lab.E042", "no issuer", "begins with https://"),
        (
            {"COMPANY_ISSUER": "https://id.company.test/.well-known/openid-configuration"},
            "lab.E042",
            "no issuer",
            "without /.well-known/",
        ),
        ({"COMPANY_SCOPES": "profile,email"}, "lab.E042", "without openid", "with blanks between"),
        ({"LOCAL_PASSWORDS": False, "COMPANY_STAFF": ""}, "lab.W044", "no group", "manage.py company_identity"),
        ({"COMPANY_CLIENT_SECRET": "your-secret"}, "lab.W045", "COMPANY_CLIENT_SECRET has the value", "real value"),
    ],
)
def test_a_gap_says_what_mends_it(
    settings: Settings, changes: dict[str, Any], code: str, problem: str, mends: str
) -> None:
    ((found, said, hint),) = told(settings, WHOLE | changes)
    assert found == code
    assert problem in said
    assert mends in hint
    assert "your-secret" not in said


def test_no_passwords_and_no_company_is_no_way_in(settings: Settings) -> None:
    assert [code for code, _, _ in told(settings, {"LOCAL_PASSWORDS": False})] == ["lab.E043"]


def test_a_group_without_a_company_is_half(settings: Settings) -> None:
    assert [code for code, _, _ in told(settings, {"COMPANY_TRAINERS": "teach"})] == ["lab.E041"]
