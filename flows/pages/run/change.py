"""A change as its run shows it: what was there before and after, line by line."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import ndiff
from typing import Any

from flows.models import Run
from flows.services import can_be_set_back

_AROUND = 3  # unchanged lines shown around a changed one


@dataclass(frozen=True, slots=True)
class DiffLine:
    """`mark` is `+`, `-`, a space, or `…` where lines are left out."""

    mark: str
    text: str

    @property
    def tone(self) -> str:
        return {"+": "plus", "-": "minus"}.get(self.mark, "")

    @property
    def word(self) -> str:
        return {"+": "added: ", "-": "removed: "}.get(self.mark, "")


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One run of the flow `configure`."""

    run: Run

    @property
    def title(self) -> str:
        return str(self.run.parameters.get("title", "A change"))

    @property
    def can_be_set_back(self) -> bool:
        return can_be_set_back(self.run)

    @property
    def lines(self) -> list[DiffLine]:
        before, after = self.run.parameters.get("before"), self.run.parameters.get("after")
        if not isinstance(before, dict) or not isinstance(after, dict):
            return []
        return list(
            _shortened([DiffLine(line[0], line[2:]) for line in ndiff(_text(before), _text(after)) if line[0] != "?"])
        )


def _text(state: dict[str, Any]) -> list[str]:
    return json.dumps(state, indent=2, ensure_ascii=False, sort_keys=True).split("\n")


def _shortened(lines: list[DiffLine]) -> Iterator[DiffLine]:
    changed = [index for index, line in enumerate(lines) if line.mark != " "]
    near = {at for index in changed for at in range(index - _AROUND, index + _AROUND + 1)}
    left_out = False
    for index, line in enumerate(lines):
        if index in near:
            left_out = False
            yield line
        elif not left_out:
            left_out = True
            yield DiffLine("…", "")
