"""A matrix of which `make test` takes a sample and `make verify` the rest."""

from collections.abc import Iterable
from typing import Any

import pytest


def some_quickly(values: Iterable[Any], *quick: Any) -> list[Any]:
    """Parameters of a test: those in `quick` are for `make test`, all the others for `make verify`."""
    return [value if value in quick else pytest.param(value, marks=pytest.mark.slow) for value in values]


def mark_the_rest_of_large_matrices(items: Iterable[pytest.Item], sample: int = 6) -> None:
    """Of a test with more cases than `sample`, so many stay for `make test`, spread evenly; the others become slow.

    The first case and the last always stay. The order is that of the parameters, so that every worker picks the same.
    """
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        if isinstance(item, pytest.Function) and item.get_closest_marker("slow") is None:
            cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    for matrix in cases.values():
        if len(matrix) > sample:
            kept = {round(number * (len(matrix) - 1) / (sample - 1)) for number in range(sample)}
            for number, item in enumerate(matrix):
                if number not in kept:
                    item.add_marker(pytest.mark.slow)
