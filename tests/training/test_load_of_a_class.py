"""A small room full of people at the application as it is served: nobody gets an error, or sees what is another's.

How long it takes is measured by `python -m benchmarks --only class`, with many.
"""

from pathlib import Path

import pytest

from benchmarks.class_load import Size, measure

pytestmark = pytest.mark.slow


def test_all_get_in_and_are_answered_and_one_who_wrecks_everything_is_whole_again(tmp_path: Path) -> None:
    figures = measure(tmp_path, Size(learners=10, seconds=2, quiet=20, boards=2, wreck=20))
    assert len(figures) == 9
