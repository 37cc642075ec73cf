"""Filters of the templates."""

import re
from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from flows.models import Run
from flows.pages.run import calls, difference, wire
from flows.pages.run.run_view import run_title

register = template.Library()
_LONG = 28  # characters; anything shorter is shown as it is
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])")


@register.filter
def marked(text: object) -> SafeString:
    """Escaped text in which the marks of redacted secrets stand out."""
    return wire.marked(str(text))


@register.filter
def coloured(text: object, language: str) -> SafeString:
    """Source text, coloured: `{{ code|coloured:"python" }}`."""
    return wire.coloured(str(text), language)


@register.filter
def with_code(text: str) -> SafeString:
    """Escaped prose of a lesson in which what stands between `…` is code; a long name can break before a capital."""
    parts = text.split("`")
    return format_html_join("", "{}", ((_code(part) if index % 2 else part,) for index, part in enumerate(parts)))


def _code(name: str) -> SafeString:
    """Names of errors are wider than a column of a narrow page."""
    return format_html(
        "<code>{}</code>", format_html_join(mark_safe("<wbr>"), "{}", ((w,) for w in _HUMPS.split(name)))
    )


@register.filter
def relative(moment: datetime | None) -> str:
    """`in 59 minutes`, `3 hours ago`. lab.js keeps it true while the page is open, by the same rules."""
    if moment is None:
        return ""
    seconds = (moment - timezone.now()).total_seconds()
    minutes = round(abs(seconds) / 60)
    if minutes < 1:
        words = "less than a minute"
    elif minutes < 90:
        words = f"{minutes} minute" + ("" if minutes == 1 else "s")
    elif minutes < 60 * 48:
        words = f"{round(minutes / 60)} hours"
    else:
        words = f"{round(minutes / 60 / 24)} days"
    return f"in {words}" if seconds > 0 else f"{words} ago"


@register.filter
def middle(text: object, shown_at_end: int = 9) -> SafeString | str:
    """A long name whose middle the page leaves out (css: `.mid`); to copy, to hear and to print, all of it is there."""
    name = str(text)
    if len(name) <= _LONG:
        return name
    return format_html('<span class="mid"><span>{}</span>{}</span>', name[:-shown_at_end], name[-shown_at_end:])


@register.filter
def differing(text: str, other: str) -> SafeString:
    """The text with what the other one has differently marked, where the two are alike enough to compare."""
    return difference.marked(text, other)


@register.filter
def titled(run: Run) -> str:
    """`Google, enhanced flow`."""
    return run_title(run)


register.filter("milliseconds", calls.milliseconds)
