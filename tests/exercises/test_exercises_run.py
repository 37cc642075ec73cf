"""Every exercise from set-up to reset in a real sandbox: wrong fixes leave something open, the solution nothing."""

import pytest

from flows.models import Run
from sandbox.testing import RunningSandbox
from training.exercises import catalogue
from training.services.exercise_cycle import prove

FIRST = "ready"


def test_the_first_exercise_works(sandbox: RunningSandbox, db: None) -> None:
    before = sandbox.switch("accounts", method="GET")["accounts"]
    *_, last = prove(catalogue.folders()[FIRST])
    assert last == "reset"
    assert not Run.objects.exists()
    assert sandbox.switch("accounts", method="GET")["accounts"] == before


@pytest.mark.slow
@pytest.mark.parametrize("slug", [slug for slug in catalogue.folders() if slug != FIRST])
def test_exercise_works(slug: str, sandbox: RunningSandbox, db: None) -> None:
    *seen, last = prove(catalogue.folders()[slug])
    assert last == "reset"
    assert any("every check is done" in text for text in seen)
