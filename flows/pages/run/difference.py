"""Two texts held beside each other: what one of them has differently stands out."""

from difflib import SequenceMatcher

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from flows.pages.run import wire

_ALIKE = 0.6  # of two texts less alike than that, all would be marked, which says nothing
_LONGEST = 600  # characters: comparing takes the square of it


def marked(text: str, other: str) -> SafeString:
    """The text as HTML, with its characters that are not in the other at that place marked."""
    matcher = SequenceMatcher(a=text[:_LONGEST], b=other[:_LONGEST], autojunk=False)
    if not text or not other or text == other or max(len(text), len(other)) > _LONGEST or matcher.ratio() < _ALIKE:
        return wire.marked(text)
    parts = [_part(text[start:end], tag != "equal") for tag, start, end, _, _ in matcher.get_opcodes() if start < end]
    return format_html_join("", "{}", ((part,) for part in parts))


def _part(text: str, differs: bool) -> SafeString:
    return format_html("<mark>{}</mark>", text) if differs else wire.marked(text)
