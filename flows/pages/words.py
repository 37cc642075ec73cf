"""Words that need explaining, made into buttons where they first stand in the running text of a page."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from lessons.glossary import FORMS, Word, word_of

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
    parts, in_paragraph, inside = [], False, 0
    for part in _PARTS.split(html):
        if part.startswith("<"):
            if named := _NAME.match(part):
                name, closes = named[1].lower(), part.startswith("</")
                if name == "p":
                    in_paragraph = not closes and 'class="crumb' not in part
                    inside = 0
                elif name in _NOT_IN and not part.endswith("/>"):
                    inside += -1 if closes else 1
            parts.append(part)
        else:
            parts.append(FORMS.sub(_button(found), part) if in_paragraph and inside <= 0 else part)
    return Explained(mark_safe("".join(parts)), tuple(found.values()))  # noqa: S308 - the page's own, buttons are escaped


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
