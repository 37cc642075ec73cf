"""The list of a run's calls: which of them stand open, and which bring their contents with the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flows.pages.run.calls import CallView

_WHOLE = 10  # calls whose contents all come with the page; of more, those of the open ones


@dataclass(frozen=True, slots=True)
class ListedCall:
    """One row."""

    call: CallView
    is_open: bool
    has_body: bool


@dataclass(frozen=True, slots=True)
class CallList:
    """The rows, and the links above them.

    Attributes:
        at_call: the position of the call that the page is about, if it is about one.
        opened: `all` or `none` where somebody asked for it.
        raw: whether requests and answers are shown as they were on the wire.
    """

    calls: Sequence[CallView]
    at_call: int | None
    opened: str
    raw: bool

    @property
    def rows(self) -> list[ListedCall]:
        chosen = self._chosen
        rows = []
        for call in self.calls:
            is_open = self.opened == "all" or (self.opened != "none" and call is chosen)
            rows.append(ListedCall(call, is_open, is_open or len(self.calls) <= _WHOLE))
        return rows

    @property
    def all_open(self) -> bool:
        return self.opened == "all"

    @property
    def all_query(self) -> str:
        """Of the link that opens all, or folds them again."""
        return self._query(opened="none" if self.all_open else "all", raw=self.raw)

    @property
    def raw_query(self) -> str:
        """Of the link to the other way of showing them."""
        return self._query(opened=self.opened, raw=not self.raw)

    @property
    def _chosen(self) -> CallView | None:
        """The one that is asked for, else the last that was refused, else the last."""
        asked = [call for call in self.calls if call.row.position == self.at_call]
        refused = [call for call in self.calls if not call.ok and not call.pending]
        candidates = asked or refused or list(self.calls)
        return candidates[-1] if candidates else None

    def _query(self, *, opened: str, raw: bool) -> str:
        values: dict[str, str] = {}
        if opened:
            values["open"] = opened
        elif self.at_call is not None:
            values["call"] = str(self.at_call)
        if raw:
            values["raw"] = "1"
        return f"?{urlencode(values)}" if values else "?"


def call_list(calls: Sequence[CallView], at_call: int | None, query: Mapping[str, str]) -> CallList:
    """As the address of a page asks for it: `open`, `raw`."""
    opened = query.get("open", "")
    return CallList(calls, at_call, opened if opened in ("all", "none") else "", query.get("raw") == "1")
