"""How many there are, in words."""

import pytest

from web.counted import counted


@pytest.mark.parametrize(("number", "said"), [(0, "0 runs"), (1, "1 run"), (2, "2 runs")])
def test_one_is_said_without_an_s(number: int, said: str) -> None:
    assert counted(number, "run") == said
