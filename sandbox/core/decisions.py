"""Why an answer came out as it did: the ordered list of checks that the sandbox made on the way.

Every decision is recorded where it is taken, by the code that takes it. The list travels with the answer (header
`x-sandbox-decisions`) and is kept for a while under `/_sandbox/requests/ID`.
"""

from typing import Literal, TypedDict

from msgspec import Struct, field

from decisioncodes import Code

__all__ = ["Code", "Decision", "Decisions", "Verdict"]

Verdict = Literal["pass", "deny", "info"]


class Decision(TypedDict):
    """One check. `code` is its lasting name, `doc` a URL of AWS's documentation, an RFC, or empty."""

    code: Code
    check: str
    expected: str
    actual: str
    verdict: Verdict
    doc: str


class Decisions(Struct):
    """The checks of one request, in the order in which they were made.

    `account` is the one that the request concerns, once that is known.
    `passed` and `info` go on, `denied` is the last entry of a refusal. Never put a secret in: the list is shown.
    """

    entries: list[Decision] = field(default_factory=list)
    account: str = ""

    @property
    def refused(self) -> bool:
        """Whether the latest check is one that failed."""
        return bool(self.entries) and self.entries[-1]["verdict"] == "deny"

    def passed(self, code: Code, check: str, expected: str = "", actual: str = "", doc: str = "") -> None:
        self._add(code, check, expected, actual, "pass", doc)

    def denied(self, code: Code, check: str, expected: str = "", actual: str = "", doc: str = "") -> None:
        self._add(code, check, expected, actual, "deny", doc)

    def info(self, code: Code, check: str, actual: str = "", doc: str = "") -> None:
        self._add(code, check, "", actual, "info", doc)

    def _add(self, code: Code, check: str, expected: str, actual: str, verdict: Verdict, doc: str) -> None:
        self.entries.append(
            {"code": code, "check": check, "expected": expected, "actual": actual, "verdict": verdict, "doc": doc}
        )
