"""What a check finds: severities, fixes and rows, and all rows as a report."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from web.counted import counted

Severity = Literal["note", "warning", "error"]
State = Literal["ok", "note", "warning", "error", "unchecked", "skipped"]
# aws: a command of the AWS CLI. shell: another command. setting: a line of .env. text: something to do by hand.
FixKind = Literal["aws", "shell", "setting", "text"]

SCHEMA, VERSION = "identity-pools-lab/doctor", 1
MARKS: dict[State, str] = {"ok": "✔", "note": "–", "warning": "!", "error": "✖", "unchecked": "–", "skipped": "–"}
WORDS: dict[State, str] = {
    "ok": "ok",
    "note": "to know",
    "warning": "warning",
    "error": "error",
    "unchecked": "not checked",
    "skipped": "not needed",
}


@dataclass(frozen=True, slots=True)
class Fix:
    """One thing to do. Those of a finding are all to be done, in their order."""

    kind: FixKind
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be.

    Attributes:
        found, expected, why: a sentence each, without secrets.
    """

    severity: Severity
    found: str
    expected: str
    why: str
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportRow:
    """The outcome of one check.

    Attributes:
        said: what was looked at, or why it was not.
    """

    number: int
    name: str
    title: str
    section: str
    state: State
    said: str
    findings: tuple[Finding, ...] = ()

    @property
    def id(self) -> str:
        return f"lab.D{self.number:02d}"

    @property
    def mark(self) -> str:
        return MARKS[self.state]

    @property
    def word(self) -> str:
        return WORDS[self.state]


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """All rows, in their order."""

    rows: Sequence[ReportRow]

    @property
    def code(self) -> int:
        """0: fine. 1: warnings. 2: errors. What was not checked counts as a warning, since nobody knows."""
        states = {row.state for row in self.rows}
        return 2 if "error" in states else 1 if states & {"warning", "unchecked"} else 0

    @property
    def verdict(self) -> str:
        """One sentence: is it good to go?"""
        errors, warnings, unknown = (
            sum(row.state == state for row in self.rows) for state in ("error", "warning", "unchecked")
        )
        if errors:
            return f"Not ready: {counted(errors, 'check')} failed{_with_more(warnings, unknown)}."
        if warnings:
            return f"It works, with {counted(warnings, 'warning')}{_with_more(0, unknown)}."
        if unknown:
            return f"Nothing wrong was found, but {counted(unknown, 'check')} could not be made."
        return "Ready: everything that was checked is fine."

    def in_sections(self) -> list[ReportRow]:
        """The rows with those of a section together, sections in the order in which they are first met."""
        sections = [row.section for row in self.rows]
        return sorted(self.rows, key=lambda row: sections.index(row.section))

    def as_json(self) -> dict[str, Any]:
        """As docs/doctor-v1.schema.json describes it."""
        return {
            "schema": SCHEMA,
            "version": VERSION,
            "verdict": self.verdict,
            "exit_code": self.code,
            "rows": [_row(row) for row in self.rows],
        }


def _with_more(warnings: int, unknown: int) -> str:
    more = [counted(warnings, "warning")] if warnings else []
    more += [f"{counted(unknown, 'check')} not made"] if unknown else []
    return f", {' and '.join(more)}" if more else ""


def _row(row: ReportRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "title": row.title,
        "section": row.section,
        "state": row.state,
        "said": row.said,
        "findings": [
            {
                "severity": finding.severity,
                "found": finding.found,
                "expected": finding.expected,
                "why": finding.why,
                "fixes": [{"kind": fix.kind, "text": fix.text} for fix in finding.fixes],
            }
            for finding in row.findings
        ],
    }
