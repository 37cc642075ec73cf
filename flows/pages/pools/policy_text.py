"""A policy as text to be edited: its lines, and the line that a service's sentence is about."""

import json
import re
from dataclasses import dataclass
from typing import Any

from flows.pages.pools.misplaced import misplaced

_MORE_LINES = 4
_AROUND = 1
_WORD = re.compile(r"[\w$*{}][\w:/.*${}@-]+")
_AFTER_WORDS = ":/.${@-"
_COMMON = frozenset(
    {"policy", "document", "statement", "condition", "must", "have", "the", "for", "valid", "invalid", "resource"}
)
# What a sentence that names nothing is about: a pattern that ends where it is broken.
_ACTIONS = r'"(?:Not)?Action"\s*:\s*(?:\[[^\]]*?)?'
_EFFECT = r'"Effect"\s*:\s*"(?!Allow"|Deny")'
_RULES = {
    "must be prefaced by a vendor": _ACTIONS + r'"[^":*]+"',
    "may only specify STS": _ACTIONS + r'"(?!sts:)[^"]*"',
    "Has prohibited field": r'"(?:Not)?Resource"',
    "should not specify a principal": r'"(?:Not)?Principal"',
    "valid version string": r'"Version"',
    "must be version": r'"Version"',
    "Invalid effect": _EFFECT,
    "failed legacy parsing": rf'{_EFFECT}|"arn:[^":]*(?:::|:[^":]*::[^":]*")',
    "Resource vendor": r'"arn:[^":]*(?:"|:[^":]*[*?])',
    "IAM resource path": r'"arn:[^":]*:iam:',
    "must be unique": r'"Sid"',
    "Missing required field Statement": r"\{",
    "Missing required field": r'"Statement"',
    "must contain": r'"Statement"',
}


@dataclass(frozen=True, slots=True)
class PolicyText:
    """What stands in the text area.

    Attributes:
        problem: what the service, or the page, says about it; at `line` where it is about one.
    """

    text: str
    problem: str = ""
    line: int | None = None

    @property
    def rows(self) -> int:
        return self.text.count("\n") + 1 + _MORE_LINES

    @property
    def numbers(self) -> range:
        """The numbers beside the text, one a line."""
        return range(1, self.rows + 1)

    @property
    def excerpt(self) -> list[tuple[str, str]]:
        """The lines around the one that the sentence is about, and the sentence below it: class and text of each."""
        if self.line is None:
            return []
        lines = self.text.split("\n")
        first = max(1, self.line - _AROUND)
        found = []
        for number, line in enumerate(lines[first - 1 : self.line + _AROUND], start=first):
            found.append(("excerpt" if number == self.line else "", f"{number:>3}  {line}"))
            if number == self.line:
                found.append(("excerpt", f"     ↑ {self.problem}"))
        return found


def policy_text(document: Any) -> PolicyText:
    """A policy as the service has it, indented."""
    return PolicyText(json.dumps(document, indent=2, ensure_ascii=False))


def refused_text(text: str, message: str) -> PolicyText:
    """The text as it was sent, with the service's sentence at its line."""
    try:
        json.loads(text)
    except json.JSONDecodeError as problem:
        return PolicyText(text, f"{message} (line {problem.lineno}: {problem.msg})", problem.lineno)
    except RecursionError:
        return PolicyText(text, message)
    if line := _line_about(text, message):
        return PolicyText(text, message, line)
    if found := misplaced(text):
        line, words = found
        return PolicyText(text, f"{message} (line {line}: {words})", line)
    return PolicyText(text, message)


def _line_about(text: str, message: str) -> int | None:
    """The first line that holds what the sentence is about: a value that breaks the rule, or the longest word of it
    that stands in the text, quoted."""
    for part, broken in _RULES.items():
        if part in message and (found := re.search(broken, text)):
            return text.count("\n", 0, found.end()) + 1
    found_words = (word.rstrip(_AFTER_WORDS) for word in _WORD.findall(message))
    words = [word for word in found_words if word.lower() not in _COMMON and len(word) > 2]
    for word in sorted(dict.fromkeys(words), key=len, reverse=True):
        for number, line in enumerate(text.split("\n"), start=1):
            if f'"{word}"' in line:
                return number
    return None
