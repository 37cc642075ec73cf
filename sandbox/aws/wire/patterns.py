"""The regular expressions of the service models, which are Java's, as Python understands them."""

import re
import unicodedata
from collections.abc import Callable
from functools import cache

_CATEGORY = re.compile(r"\\p\{(\w)\w*\}")
_CLASS = re.compile(r"\[(.*)\]([+*])", re.DOTALL)


@cache
def matcher(pattern: str) -> Callable[[str], bool]:
    """A function that tells whether a whole string matches `pattern`.

    In Java `\\w`, `\\d` and `\\s` are ASCII only. Python has no `\\p{L}`; the models use it only in patterns that
    are one repeated character class, so there each character is looked up by its Unicode category.
    """
    categories = set(_CATEGORY.findall(pattern))
    repeated = _CLASS.fullmatch(pattern)
    if not categories or not repeated:
        compiled = re.compile(pattern, re.ASCII)
        return lambda value: compiled.fullmatch(value) is not None
    rest = _CATEGORY.sub("", repeated[1])
    listed = re.compile(f"[{rest}]", re.ASCII) if rest else None
    may_be_empty = repeated[2] == "*"

    def matches(value: str) -> bool:
        return (may_be_empty or bool(value)) and all(
            unicodedata.category(character)[0] in categories or (listed is not None and listed.match(character))
            for character in value
        )

    return matches
