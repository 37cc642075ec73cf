"""A matrix of which `make test` takes a sample and `make verify` the rest."""

from collections.abc import Iterable
from typing import Any

import pytest


def some_quickly(values: Iterable[Any], *quick: Any) -> list[Any]:
    """Parameters of a test: those in `quick` are for `make test`, all the others for `make verify`."""
    return [value if value in quick else pytest.param(value, marks=pytest.mark.slow) for value in values]
