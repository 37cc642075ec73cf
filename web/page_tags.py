"""Tags that every template has, without `{% load %}`."""

import re
from functools import lru_cache
from typing import Any

from django import template
from django.template import Context, Engine, defaulttags, loader_tags
from django.template.base import Parser, Token
from django.template.loader import render_to_string
from django.urls import URLResolver, get_resolver, get_script_prefix, get_urlconf
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()
_ICON = re.compile(r'<svg [^>]*viewBox="(?P<box>[^"]+)"[^>]*>(?P<drawn>.*)</svg>', re.DOTALL)


class PlainAddress(defaulttags.URLNode):
    """The address of a view without arguments, which is the same on every page. A page has some twenty of them, and
    Django works each out anew."""

    _kept: tuple[URLResolver, str, str] | None = None  # by what and below which prefix it was worked out

    def render(self, context: Context) -> str:
        kept, resolver, prefix = self._kept, get_resolver(get_urlconf()), get_script_prefix()
        if kept is None or kept[0] is not resolver or kept[1] != prefix:
            shown = super().render(context)
            self._kept = resolver, prefix, context[self.asvar] if self.asvar else shown
            return shown
        if self.asvar is None:
            return kept[2]
        context[self.asvar] = kept[2]
        return ""


@register.tag
def url(parser: Parser, token: Token) -> defaulttags.URLNode:
    """Django's, by which the address of a view without arguments is worked out once."""
    node: Any = defaulttags.url(parser, token)
    named = isinstance(node.view_name.var, str) and not node.view_name.filters
    return PlainAddress(node.view_name, [], {}, node.asvar) if named and not node.args and not node.kwargs else node


class Icon(loader_tags.IncludeNode):
    """A file of `icons/`, in which nothing differs from page to page; a page includes some twenty."""

    _kept: tuple[Engine, SafeString] | None = None  # by which it was read

    def render(self, context: Context) -> SafeString:
        kept, within = self._kept, context.template
        if kept is None or within is None or kept[0] is not within.engine:
            shown = super().render(context)
            self._kept = (within.engine, shown) if within else None
            return shown
        return kept[1]


@register.tag
def include(parser: Parser, token: Token) -> loader_tags.IncludeNode:
    """Django's, by which an icon that is named is read once."""
    node: Any = loader_tags.do_include(parser, token)
    name = node.template.var
    named = isinstance(name, str) and not node.template.filters
    return Icon(node.template) if named and name.startswith("icons/") else node


@register.simple_tag
@lru_cache(maxsize=256)  # most are the same on every page
def swap(
    part: str, inside: str = "", *, beside: str = "", only_part: bool = False, same_address: bool = False
) -> SafeString:
    """Attributes of a link or form whose answer takes the place of one part of the page.

    Args:
        part: the ID of its element.
        inside: a selector of what is replaced within the element, where that is not all of it.
        beside: the IDs of further elements that are replaced with it.
        only_part: whether the messages above stay as they are, and the address.
        same_address: whether the address stays as it is.
    """
    at, what = (f"find {inside}", f"#{part} > {inside}") if inside else (f"#{part}", f"#{part}")
    attributes = [("hx-target", at), ("hx-select", what), ("hx-swap", "outerHTML show:none")]
    if not only_part:
        others = [*(f"#{other}:outerHTML" for other in beside.split()), "#messages:innerHTML"]
        attributes.append(("hx-select-oob", ",".join(others)))
        if not same_address:
            attributes.append(("hx-push-url", "true"))
    return format_html_join(" ", '{}="{}"', attributes)


@register.simple_tag
def symbols(*names: str) -> SafeString:
    """Icons that a page shows many times, drawn once: each `{% symbol NAME %}` refers to one of them."""
    return format_html("<div hidden><svg>{}</svg></div>", SafeString("".join(map(_symbol, names))))


@register.simple_tag
@lru_cache(maxsize=64)
def symbol(name: str) -> SafeString:
    """An icon that the page has among its `{% symbols %}`."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="#i-{}"/></svg>', name)


@lru_cache
def _symbol(name: str) -> str:
    found = _ICON.search(render_to_string(f"icons/{name}.svg"))
    if found is None:
        raise ValueError(f"icons/{name}.svg is no icon.")
    return f'<symbol id="i-{name}" viewBox="{found["box"]}">{found["drawn"].strip()}</symbol>'
