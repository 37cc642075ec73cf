"""Each way to be refused is known by a code, which the last decision has."""

from collections import Counter

import pytest
from botocore.exceptions import ClientError

from decisioncodes import MEANINGS, Code
from lessons.errors import error_for, ranked
from tests.decisioncodes import logins, policies, pools, requests, roles
from tests.decisioncodes.table import REFUSALS, Provoke
from tests.sandbox.lab import Lab, decisions_of

MODULES = (requests, pools, logins, roles, policies)


def _names() -> list[str]:
    seen: Counter[str] = Counter()
    names = []
    for code, provoke in REFUSALS:
        name = provoke.__name__.replace("<lambda>", "")
        seen[code] += 1
        names.append(f"{code}-{name or seen[code]}")
    return names


@pytest.mark.parametrize(("code", "provoke"), REFUSALS, ids=_names())
def test_the_last_decision_of_a_refusal_has_the_code(lab: Lab, code: Code, provoke: Provoke) -> None:
    with pytest.raises(ClientError) as error:
        provoke(lab)
    told = decisions_of(error.value.response)
    assert (told[-1]["code"], told[-1]["verdict"]) == (code, "deny"), told
    assert {entry["code"] for entry in told} <= set(MEANINGS)
    _comes_first(code, error.value, [entry["code"] for entry in told if entry["verdict"] == "pass"])


def _comes_first(code: Code, error: ClientError, passed: list[str]) -> None:
    """Of an error that has a page, the cause that is named first is the one that was planted."""
    lesson = error_for(error.response["Error"]["Code"], error.response["Error"]["Message"])
    if lesson is not None:
        first = ranked(lesson, {code}, passed)[0]
        assert (first.standing, first.check) == ("matches", code), lesson.slug
