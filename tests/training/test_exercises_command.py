"""`manage.py exercises validate --run`: a line for each exercise, and the result where it is looked for."""

import io
import logging
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from sandbox.testing import RunningSandbox
from tests.forgotten import forget_exercises
from tests.training.test_exercise_format import folder_with


def said(*slugs: str, **options: int) -> tuple[list[str], str]:
    """The lines that are printed, and why the command failed."""
    out, why = io.StringIO(), ""
    try:
        call_command("exercises", "validate", *slugs, run=True, stdout=out, **options)
    except CommandError as failed:
        why = str(failed)
    return out.getvalue().splitlines(), why


@pytest.fixture
def one_that_cannot_work(tmp_path: Path, settings: Settings) -> str:
    """It asks for a repair, has no wrong fixes and no set-up."""
    folder_with(tmp_path)
    settings.EXERCISE_DIRS = [str(tmp_path)]
    forget_exercises()
    return "small"


def test_a_line_for_each_and_the_result_last(
    sandbox: RunningSandbox, db: None, one_that_cannot_work: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="root")
    lines, why = said("ready", one_that_cannot_work)
    assert [line.split()[:2] for line in lines] == [["ok", "ready"], ["FAILED", "small"]]
    assert why.splitlines()[0] == "1 mistake"
    assert why.splitlines()[1].startswith("small: after ")
    assert not [record for record in caplog.records if record.name == "flows.calls"]
    lines, why = said("ready")
    assert lines[-1] == "1 exercise: all proven."
    assert why == ""


def test_each_step_on_request(sandbox: RunningSandbox, db: None) -> None:
    lines, _ = said("ready", verbosity=2)
    assert "  solved, and every check is done" in lines
