"""A run for a room: the whole of it, then one call a screen, by links that arrow keys follow too."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flows.pages.run.calls import CallView
from flows.pages.run.run_view import RunView


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen. Number 0 is the whole run; `call` is None there."""

    shown: RunView

    @property
    def call(self) -> CallView | None:
        return next((call for call in self.shown.calls if call.row.position == self.shown.at_call), None)

    @property
    def number(self) -> int:
        return self.shown.calls.index(self.call) + 1 if self.call else 0

    @property
    def last(self) -> int:
        return len(self.shown.calls)

    @property
    def previous(self) -> str:
        """The query of the screen before; empty on the first."""
        return _query(self.shown, self.number - 1) if self.number else ""

    @property
    def next(self) -> str:
        """The query of the screen after; empty on the last."""
        return _query(self.shown, self.number + 1) if self.number < self.last else ""

    @property
    def leave(self) -> str:
        """Back to the page with the controls, at the same call."""
        run = self.shown.run.get_absolute_url()
        if self.call is None:
            return run
        return f"{self.shown.calls_address}{self.call.query}"


def _query(shown: RunView, number: int) -> str:
    at = {"call": str(shown.calls[number - 1].row.position)} if number else {}
    return f"?{urlencode({'present': '1', **at})}"
