"""Filters of the templates."""

import re
from datetime import datetime

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from flows.models import Run
from flows.pages import diagram_svg, measures, words
from flows.pages.run import difference, wire
from flows.pages.run.run_view import run_title
from web import page_tags

register = template.Library()
_LONG = 28  # characters; anything shorter is shown as it is
_END, _LONGEST_END = 9, 32  # as many of them at the end are always shown (css: `.mid`)
_NEVER_GIVEN_BACK = ("password", "client")  # an app's ID at X comes with its secret
_SEAMS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[/:])(?=\w)")


@register.filter
def marked(text: object) -> SafeString:
    """Escaped text in which the marks of redacted secrets stand out."""
    return wire.marked(str(text))


@register.filter
def value(text: str) -> SafeString | str:
    """A recorded value: without its middle where it is one long word, with its marks of secrets standing out."""
    return wire.marked(text) if "‹" in text or " " in text else middle(text)


@register.filter
def coloured(text: object, language: str) -> SafeString:
    """Source text, coloured: `{{ code|coloured:"python" }}`."""
    return wire.coloured(str(text), language)


@register.filter
def with_code(text: str) -> SafeString:
    """Escaped prose of a lesson in which what stands between `…` is code; a long name can break before a capital."""
    parts = text.split("`")
    return format_html_join("", "{}", ((_code(part) if index % 2 else part,) for index, part in enumerate(parts)))


@register.filter
def around(text: str, part: str) -> tuple[str, str]:
    """What stands before and what stands after a part of a lesson's prose of which the page makes more, such as a link.

    Raises:
        ValueError: the text does not say it.
    """
    index = text.index(part)
    return text[:index], text[index + len(part) :]


def _code(name: str) -> SafeString:
    """Names of errors are wider than a column of a narrow page."""
    return format_html("<code>{}</code>", breakable(name))


@register.filter
def breakable(name: str) -> SafeString:
    """A name, which can break before a capital and after a slash or a colon."""
    return format_html_join(mark_safe("<wbr>"), "{}", ((word,) for word in _SEAMS.split(name)))


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
def since(moment: datetime | None) -> str:
    """How long ago, where there is little room: `now`, `5 min`, `3 h`, `2 days`. lab.js keeps it true."""
    if moment is None:
        return ""
    minutes = round(abs((moment - timezone.now()).total_seconds()) / 60)
    if minutes < 1:
        return "now"
    if minutes < 90:
        return f"{minutes} min"
    return f"{round(minutes / 60)} h" if minutes < 60 * 48 else f"{round(minutes / 60 / 24)} days"


@register.filter
def middle(text: object) -> SafeString | str:
    """A long name whose middle the page leaves out (css: `.mid`); to copy, to hear and to print, all of it is there."""
    name = str(text)
    if len(name) <= _LONG:
        return name
    # What an ARN names stands after its fifth colon; of an ID the last digits tell most.
    named = name.split(":", 5)[-1] if name.startswith("arn:") else ""
    end, kind = (named, "mid mid-name") if _END < len(named) <= _LONGEST_END else (name[-_END:], "mid")
    return format_html('<span class="{}"><span>{}</span>{}</span>', kind, name[: -len(end)], end)


@register.filter
def differing(text: str, other: str) -> SafeString:
    """The text with what the other one has differently marked, where the two are alike enough to compare."""
    return difference.marked(text, other)


@register.filter
def day(moment: datetime) -> str:
    """`30 Nov`, with the year where it is another one than this."""
    return date_format(moment, "j M" if moment.year == timezone.now().year else "j M Y")


@register.filter
def titled(run: Run) -> str:
    """`Google, enhanced flow`."""
    return run_title(run)


@register.simple_tag
def api_link(operation: str) -> SafeString:
    """The name of an operation, leading to its reference beside the text; no blank comes after it."""
    address, swapped = reverse("flows:learn_api", args=[operation]), page_tags.swap("api", same_address=True)
    return format_html('<a href="{0}" hx-get="{0}" {1}>{2}</a>', address, swapped, operation)


@register.simple_tag(takes_context=True)
def entered(context: Context, what: str, name: str, value: bool = True) -> SafeString | str:
    """Attributes of a field of a form on a pool's page that came back: what was entered, and whether it is to blame.

    Args:
        what: the form.
        value: whether the element takes its value as an attribute. Of what may be a secret it is left out.
    """
    wrong = context.get("wrong")
    place = f"{context.get('index', '')}-{context.get('number', '')}"
    if wrong is None or (wrong.what, wrong.place) != (what, place):
        return ""
    said = format_html(' value="{}"', wrong.entered.get(name, "")) if value and name not in _NEVER_GIVEN_BACK else ""
    blame = ' aria-invalid="true" aria-describedby="wrong" autofocus' if name == wrong.field else ""
    return format_html("{}{}", said, mark_safe(blame))  # noqa: S308 - a literal


@register.simple_block_tag(takes_context=True)
def explaining(context: Context, content: SafeString) -> SafeString:
    """The content of a page with its words made into buttons, and what they open; those of a class are for work."""
    if context.get("area") == "class" or not (found := words.explained(content)).words:
        return content
    notes = render_to_string("_words.html", {"notes": [(words.note_id(word), word) for word in found.words]})
    return found.html + notes


register.filter("svg", diagram_svg.svg)
register.filter("milliseconds", measures.milliseconds)
