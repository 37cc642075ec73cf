"""docs/asvs.md answers every requirement of levels 1 and 2 once, and whatever it names is there."""

import re

from tests import ROOT

TEXT = (ROOT / "docs" / "asvs.md").read_text()
ROWS = re.findall(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| ([a-z ]+) \| (.+) \|$", TEXT, re.MULTILINE)
# ASVS 5.0.0, levels 1 and 2: how many requirements each chapter has.
CHAPTERS = {
    "1": 27, "2": 11, "3": 19, "4": 10, "5": 9, "6": 35, "7": 18, "8": 7, "9": 7, "10": 29, "11": 14, "12": 9, "13": 13,
    "14": 9, "15": 13, "16": 16,
}  # fmt: skip


def test_every_requirement_is_answered_once() -> None:
    numbers = [number for number, *_ in ROWS]
    assert len(set(numbers)) == len(numbers)
    found = {chapter: sum(number.startswith(f"{chapter}.") for number in numbers) for chapter in CHAPTERS}
    assert found == CHAPTERS
    assert len(ROWS) == len(re.findall(r"^\| \d", TEXT, re.MULTILINE))


def test_the_counts_at_its_head_are_those_of_its_rows() -> None:
    head = next(line for line in TEXT.splitlines() if line.startswith("*met*"))
    told = {state: int(number) for state, number in re.findall(r"\*([a-z ]+)\*[^\d·]*(\d+)", head)}
    assert told == {state: sum(row[2] == state for row in ROWS) for state in told}
    assert sum(told.values()) == len(ROWS)


def test_what_is_met_is_named_where_it_is_met_by_code() -> None:
    named = [path for *_, words in ROWS for path in re.findall(r"`([\w./-]*/[\w./-]*)`", words) if path[0] != "/"]
    assert len(named) > 100
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_security_policy_leads_there() -> None:
    assert "(docs/asvs.md)" in (ROOT / "SECURITY.md").read_text()
