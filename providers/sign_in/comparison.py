"""What was compared when an answer was refused: a list to show, beside a decision that was taken elsewhere."""

from typing import TypedDict


class Comparison(TypedDict):
    """One comparison. `verdict`: pass or fail."""

    check: str
    expected: str
    actual: str
    verdict: str
    doc: str


def comparison(name: str, expected: str, actual: str, passed: bool, doc: str) -> Comparison:
    """One comparison as it is stored and shown. `doc`: the address of the rule."""
    return {"check": name, "expected": expected, "actual": actual, "verdict": "pass" if passed else "fail", "doc": doc}
