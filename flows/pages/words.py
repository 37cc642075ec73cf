"""Words that need explaining, made into buttons where they first stand in the running text of a page."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from lessons.glossary import FORMS, Word, word_of

# Up to the next tag that begins or ends one: what stands outside of them, most of a page, is not looked at.
_PARAGRAPH = re.compile(r"<p(?![a-z0-9])[^>]*>.*?(?=</?\s*p(?![a-z0-9])|\Z)", re.IGNORECASE | re.DOTALL)
_PARTS = re.compile(r"(<[^>]*>)")
_NAME = re.compile(r"</?\s*([a-z0-9]+)", re.IGNORECASE)
# Text in these is no running text, or is something to press already.
_NOT_IN = frozenset(["a", "button", "code", "summary", "label", "b", "em", "time", "svg"])


@dataclass(frozen=True, slots=True)
class Explained:
    """`html`, in which `words` are buttons that open what stands under `note_id` of each."""

    html: SafeString
    words: tuple[Word, ...]


def note_id(word: Word) -> str:
    """The ID of the note that explains the word."""
    return f"word-{word.slug}"


def explained(html: str) -> Explained:
    """The HTML of a page's content with each word explained once: where it first stands in a paragraph.

    Paragraphs with a class that begins with `crumb` lead elsewhere and are left alone.
    """
    found: dict[str, Word] = {}
    whole = _PARAGRAPH.sub(lambda paragraph: _with_buttons(paragraph[0], found), html)
    return Explained(mark_safe(whole), tuple(found.values()))  # noqa: S308 - the page's own, buttons are escaped


def _with_buttons(paragraph: str, found: dict[str, Word]) -> str:
    """One paragraph, from its tag on; the words that it explains are added to `found`."""
    _, opening, *rest = _PARTS.split(paragraph)
    if 'class="crumb' in opening:
        return paragraph
    parts, inside = [opening], 0
    for part in rest:
        if part.startswith("<"):
            named = _NAME.match(part)
            if named and named[1].lower() in _NOT_IN and not part.endswith("/>"):
                inside += -1 if part.startswith("</") else 1
        elif inside <= 0:
            part = FORMS.sub(_button(found), part)
        parts.append(part)
    return "".join(parts)


def _button(found: dict[str, Word]) -> Callable[[re.Match[str]], str]:
    """Replaces the first of each word, and remembers which there were."""

    def replaced(match: re.Match[str]) -> str:
        word = word_of(match[0])
        if word.slug in found:
            return match[0]
        found[word.slug] = word
        return format_html(
            '<button type="button" class="word" popovertarget="{}">{}</button>',
            note_id(word),
            mark_safe(match[0]),  # noqa: S308
        )

    return replaced
