"""A broadcast that points at a shared run: the run's name stands in its text, and is the link."""

import re

from django.utils.html import conditional_escape, format_html, urlize
from django.utils.safestring import SafeString, mark_safe

from training.models import Broadcast

_CHOICE = re.compile(r" \([^()]*\)")


def said_with_link(said: Broadcast, address: str) -> SafeString:
    """The text, with what names the run as a link to it; where nothing does, such a link after the text.

    Args:
        said: with its `share`, unless it points at nothing.
        address: of the page on which the class reads the run.
    """
    if said.share is None:
        return mark_safe(urlize(said.text, autoescape=True))  # noqa: S308 - urlize escapes
    name = f"run {said.share.run_id:04d}"
    before, found, after = said.text.partition(name)
    if not found:
        return format_html('{} <a href="{}">Open {}</a>', said.text, address, name)
    choice = _CHOICE.match(after)
    more = choice[0] if choice else ""
    link = format_html('<a href="{}">{}{}</a>', address, name, more)
    return conditional_escape(before) + link + conditional_escape(after[len(more) :])
