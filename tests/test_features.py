"""The table of features is true: every page that it leads to answers, and every test that it names is there."""

import ast
import re
from functools import cache

import pytest
from django.test import Client

from accounts.models import User
from flows.models import Run
from tests import ROOT
from tests.training.rows import a_class, client_of

_TEXT = (ROOT / "docs" / "features.md").read_text()
_PAGES = sorted(set(re.findall(r"`(/[^`]*)`", _TEXT)))
_TESTS = sorted(set(re.findall(r"`(tests/[^`]+::[^`]+)`", _TEXT)))


@cache
def named_in(path: str) -> frozenset[str]:
    """Names of the tests of a file."""
    tree = ast.parse((ROOT / path).read_text())
    return frozenset(part.name for part in ast.walk(tree) if isinstance(part, ast.FunctionDef))


def test_every_test_that_is_named_exists() -> None:
    assert len(_TESTS) > 50
    missing = []
    for name in _TESTS:
        path, _, test = name.partition("::")
        if not (ROOT / path).exists() or test not in named_in(path):
            missing.append(name)
    assert missing == []


def test_forty_eight_of_fifty_are_done_and_each_leads_to_a_page_and_a_test() -> None:
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in _TEXT.splitlines()]
    rows = [row for row in rows if row and row[0].isdigit()]
    assert [row[0] for row in rows] == [str(number) for number in range(1, 51)]
    done = [row for row in rows if row[2] == "done"]
    assert len(done) >= 48
    assert all(row[3].startswith("`/") and row[4].startswith("`tests/") for row in done)


@pytest.mark.slow
@pytest.mark.usefixtures("sandbox")
def test_every_page_answers(client: Client, db: None) -> None:
    user = User.objects.create_superuser("somebody", password="correct horse battery")
    client.force_login(user)
    names = {}
    choices = {"access": "guest", "flow": "basic", "provider": "guest", "pool": "lab", "pace": "all"}
    for name, changed in (("CODE", {}), ("REFUSED", {"pool": "no-classic"}), ("OPEN", {"pace": "step"})):
        client.post("/runs/", {**choices, **changed})
        names[name] = Run.objects.latest("pk").code
    trainer = User.objects.create_user("trainer", password="correct horse battery", is_staff=True)
    names["CLASS"] = a_class(trainer).public_id
    broken = {}
    for page in _PAGES:
        address = page.partition("#")[0]
        for name, value in names.items():
            address = address.replace(name, value)
        answer = (client_of(trainer) if "CLASS" in page else client).get(address)
        if answer.status_code != 200:
            broken[page] = answer.status_code
    assert broken == {}
