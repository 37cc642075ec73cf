"""Random requests: nothing reaches moto but what was authorised. A minute here; `differential` runs as long as told."""

from pathlib import Path

import pytest

from sandbox.testing import running_sandbox
from tests.chance import seed
from tests.sandbox.aws.gate.differential import Outcome, compare, config_in


def compared(directory: Path, seconds: float, first: int, most: int) -> Outcome:
    with running_sandbox(config_in(directory)) as sandbox:
        return compare(sandbox, seconds, first, most=most)


@pytest.mark.slow
def test_what_is_authorised_is_what_is_done(tmp_path: Path) -> None:
    outcome = compared(tmp_path, 60, 20261129, most=250)
    assert outcome.findings == []
    assert outcome.succeeded > outcome.requests / 4  # else it would have looked at refusals only


@pytest.mark.slow
def test_what_is_authorised_is_what_is_done_for_a_minute(tmp_path: Path) -> None:
    outcome = compared(tmp_path, 60, seed(), most=10**9)
    assert outcome.findings == []
    assert outcome.succeeded > outcome.requests / 4
