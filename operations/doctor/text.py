"""A report for a terminal: one line a check, and details only where something is wrong."""

from collections.abc import Iterator
from itertools import groupby

from operations.doctor.findings import DoctorReport, Finding

_LEADS = {"aws": "", "shell": "", "setting": "In .env: ", "text": ""}


def text_of(report: DoctorReport) -> str:
    """The whole report; its last line is the verdict."""
    lines: list[str] = []
    for section, rows in groupby(report.in_sections(), key=lambda row: row.section):
        lines += [section]
        for row in rows:
            lines += [f"  {row.mark} {row.title} [{row.id} {row.name}] {row.word}: {row.said}".rstrip(": ")]
            lines += [line for finding in row.findings for line in _details(finding)]
        lines += [""]
    return "\n".join([*lines, report.verdict])


def _details(finding: Finding) -> Iterator[str]:
    yield f"      Found:    {finding.found}"
    yield f"      Expected: {finding.expected}"
    yield f"      Why:      {finding.why}"
    for fix in finding.fixes:
        first, *others = f"{_LEADS[fix.kind]}{fix.text}".split("\n")
        yield f"      Fix:      {first}"
        yield from others  # at the margin, so that they can be copied
