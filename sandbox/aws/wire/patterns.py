"""The regular expressions of the service models, which are Java's, as Python understands them."""

import re
import unicodedata
from collections.abc import Callable
from functools import cache

_CATEGORY = re.compile(r"\\p\{(\w)\w*\}")
# One character for each category; Unicode leaves these to private use, and no model names them.
_STANDS_FOR = {category: chr(0xE000 + place) for place, category in enumerate("LMNPSZC")}
_REPEATED_CLASS = re.compile(r"(\[(?:\\.|[^\\\]])+\])([*+])")
_FIXED_TEXT = re.compile(r"(?:\\\W|[\w@#])+")


@cache
def matcher(pattern: str) -> Callable[[str], bool]:
    """A function that tells whether a whole string matches `pattern`.

    In Java `\\w`, `\\d` and `\\s` are ASCII only. Python has no `\\p{L}`; the models use it within character classes
    only, so there it becomes the ASCII characters of that category and one more, which takes the place of all others of
    the category in the string that is looked at.
    """
    if not _CATEGORY.search(pattern):
        compiled = re.compile(pattern, re.ASCII)
        return lambda value: compiled.fullmatch(value) is not None
    categorised = re.compile(_CATEGORY.sub(lambda found: _of_category(found[1]), _linear(pattern)), re.ASCII)
    return lambda value: categorised.fullmatch(_by_category(value)) is not None


def _linear(pattern: str) -> str:
    """`[x]*TEXT[x]*` without the steps back that take a time of the square of the length, and more with more texts.

    Where TEXT is found first is as good as any later place: what lies between can be of the class that follows.
    """
    before, *pieces = _REPEATED_CLASS.split(pattern)
    classes, repeats, texts = pieces[::3], pieces[1::3], pieces[2::3]
    between, after = texts[:-1], texts[-1:]
    if before or after != [""] or len(set(classes)) != 1 or not all(_FIXED_TEXT.fullmatch(text) for text in between):
        return pattern
    found = (f"(?>{classes[0]}{repeat}?{text})" for repeat, text in zip(repeats, between, strict=False))
    return f"{''.join(found)}{classes[0]}{repeats[-1]}"


def _of_category(category: str) -> str:
    """For within a character class."""
    of_ascii = (chr(code) for code in range(128) if unicodedata.category(chr(code))[0] == category)
    return re.escape("".join(of_ascii)) + _STANDS_FOR[category]


def _by_category(value: str) -> str:
    if value.isascii():
        return value
    return "".join(one if one.isascii() else _STANDS_FOR[unicodedata.category(one)[0]] for one in value)
