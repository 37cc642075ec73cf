"""Why an answer came out as it did: the ordered list of checks that the sandbox made on the way.

Every decision is recorded where it is taken, by the code that takes it. The list travels with the answer (header
`x-sandbox-decisions`) and is kept for a while under `/_sandbox/requests/ID`.
"""

from typing import Literal, TypedDict

from msgspec import Struct, field

Verdict = Literal["pass", "deny", "info"]


class Decision(TypedDict):
    """One check. `doc` is a URL of AWS's documentation, an RFC, or empty."""

    check: str
    expected: str
    actual: str
    verdict: Verdict
    doc: str


class Decisions(Struct):
    """The checks of one request, in the order in which they were made.

    `passed` and `info` go on, `denied` is the last entry of a refusal. Never put a secret in: the list is shown.
    """

    entries: list[Decision] = field(default_factory=list)

    def passed(self, check: str, expected: str = "", actual: str = "", doc: str = "") -> None:
        self.entries.append({"check": check, "expected": expected, "actual": actual, "verdict": "pass", "doc": doc})

    def denied(self, check: str, expected: str = "", actual: str = "", doc: str = "") -> None:
        self.entries.append({"check": check, "expected": expected, "actual": actual, "verdict": "deny", "doc": doc})

    def info(self, check: str, actual: str = "", doc: str = "") -> None:
        self.entries.append({"check": check, "expected": "", "actual": actual, "verdict": "info", "doc": doc})
