"""The condition keys of one request, some of them looked up only when a policy asks for them.

A key is present, absent, or unknown: documented by AWS for the action, and not to be told here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from iampolicy.truth import UNKNOWN, Unknown
from iampolicy.wildcards import normalise

Value = str | tuple[str, ...] | Unknown


def tag_values(tags: Iterable[tuple[str, str]]) -> dict[str, str | Unknown]:
    """Tags as policies see them, by key in lower case; unknown where one key stands there with several values."""
    found: dict[str, str | Unknown] = {}
    for key, value in tags:
        same = found.setdefault(key.lower(), value) == value
        if not same:
            found[key.lower()] = UNKNOWN
    return found


class RequestContext(Mapping[str, Value]):
    """Keys in any case; reading goes by lower case.

    Args:
        given: what is known from the start.
        find: the value of any other key (in lower case); None when it is absent. Asked once for each key.
    """

    __slots__ = ("_find", "_found")

    def __init__(
        self, given: Mapping[str, str | Sequence[str] | Unknown], find: Callable[[str], Value | None] | None = None
    ) -> None:
        self._found: dict[str, Value | None] = normalise(given)
        self._find = find

    def get(self, key: str, default: Value | None = None) -> Value | None:  # type: ignore[override]
        if key not in self._found:
            self._found[key] = self._find(key) if self._find is not None else None
        value = self._found[key]
        return default if value is None else value

    def __getitem__(self, key: str) -> Value:
        value = self.get(key)
        if value is None:
            raise KeyError(key)
        return value

    def __iter__(self) -> Iterator[str]:
        return (key for key, value in self._found.items() if value is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def as_context(context: Mapping[str, str | Sequence[str] | Unknown]) -> RequestContext:
    """Any mapping of condition keys, as policies read it."""
    return context if isinstance(context, RequestContext) else RequestContext(context)
