"""What tests draw by chance is the same every time, so that whatever ends in a failure is a change's fault.

FUZZ_SEED has other things drawn: a number, or `random` for a new one at each run.
"""

import os
from random import SystemRandom

import hypothesis

_SAME = 20261201


def seed() -> int:
    """Where tests with a generator of their own begin to draw.

    Raises:
        ValueError: FUZZ_SEED is neither a number nor `random`.
    """
    wanted = os.environ.get("FUZZ_SEED", "")
    if wanted == "random":
        return SystemRandom().randrange(10**9)
    return int(wanted) if wanted else _SAME


def settle_hypothesis() -> None:
    """Have hypothesis draw the same each time, or what FUZZ_SEED asks for. To be called before tests are imported."""
    hypothesis.settings.register_profile("same", derandomize=True)
    hypothesis.settings.load_profile("default" if os.environ.get("FUZZ_SEED") else "same")
    if os.environ.get("FUZZ_SEED"):
        hypothesis.core.global_force_seed = seed()  # type: ignore[assignment]  # what `--hypothesis-seed` does
