"""Tags that every template has, without `{% load %}`."""

import re
from functools import lru_cache
from typing import Any, NamedTuple, cast

from django import template
from django.template import Context, Engine, Template, defaulttags, loader_tags
from django.template.base import Parser, Token
from django.template.loader import render_to_string
from django.urls import (
    NoReverseMatch,
    Resolver404,
    URLResolver,
    get_resolver,
    get_script_prefix,
    get_urlconf,
    reverse,
)
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()
_PLAIN = re.compile(r"[A-Za-z0-9_-]+").fullmatch  # which is the same in an address, and in any of these converters:
_TAKEN_AS_IT_IS = re.compile(r"<(slug|str|path):\w+>").fullmatch
_CONVERTERS = re.compile(r"<[^>]*>").findall
_ICON = re.compile(r'<svg [^>]*viewBox="(?P<box>[^"]+)"[^>]*>(?P<drawn>.*)</svg>', re.DOTALL)


class Place(NamedTuple):
    """What an address is worked out by, besides its name and its arguments."""

    resolver: URLResolver
    prefix: str


def _place(context: Context) -> Place:
    """The same for all of a page, which has some forty addresses."""
    kept: dict[Any, Any] = context.render_context.dicts[0]
    if Place not in kept:
        kept[Place] = Place(get_resolver(get_urlconf()), get_script_prefix())
    place: Place = kept[Place]
    return place


class PlainAddress(defaulttags.URLNode):
    """The address of a view without arguments, which is the same on every page. A page has some twenty of them, and
    Django works each out anew."""

    _kept: tuple[Place, str] | None = None

    def render(self, context: Context) -> str:
        kept, place = self._kept, _place(context)
        if kept is None or kept[0] != place:
            shown = super().render(context)
            self._kept = place, context[self.asvar] if self.asvar else shown
            return shown
        if self.asvar is None:
            return kept[1]
        context[self.asvar] = kept[1]
        return ""


class Address(defaulttags.URLNode):
    """The address of a view with arguments: those of other runs differ in these alone."""

    def render(self, context: Context) -> str:
        arguments = [argument.resolve(context) for argument in self.args]
        if not all(isinstance(argument, str) and _PLAIN(argument) for argument in arguments):
            return super().render(context)
        form = _form(_place(context), str(self.view_name.var), len(arguments))
        if form is None:
            return super().render(context)
        address = form % tuple(arguments)
        if self.asvar is None:
            return address
        context[self.asvar] = address
        return ""


@lru_cache(maxsize=512)
def _form(place: Place, name: str, number: int) -> str | None:
    """The address of a view with %s for each argument; None where an argument of letters and digits is not taken for
    what it is, but converted, or decides which of several addresses it is."""
    forms = set()
    for kind in ("x-{}_X", "70{}7"):  # an argument that could be a number may lead elsewhere
        arguments = [kind.format(one) for one in range(number)]
        try:
            form = reverse(name, args=arguments)
            route = place.resolver.resolve(f"/{form.removeprefix(place.prefix)}").route
        except (NoReverseMatch, Resolver404):
            return None
        converters = _CONVERTERS(route)
        if len(converters) != number or not all(map(_TAKEN_AS_IT_IS, converters)):
            return None
        if "%" in form or escape(form) != form or [form.count(one) for one in arguments] != [1] * number:
            return None
        if sorted(arguments, key=form.index) != arguments:
            return None
        for argument in arguments:
            form = form.replace(argument, "%s")
        forms.add(form)
    return forms.pop() if len(forms) == 1 else None


@register.tag
def url(parser: Parser, token: Token) -> defaulttags.URLNode:
    """Django's, by which the address of a view is worked out once, without its arguments."""
    node: Any = defaulttags.url(parser, token)
    if not isinstance(node.view_name.var, str) or node.view_name.filters or node.kwargs:
        return cast("defaulttags.URLNode", node)
    return (Address if node.args else PlainAddress)(node.view_name, node.args, {}, node.asvar)


class Part(loader_tags.IncludeNode):
    """A template that is named, which Django looks for once for each page."""

    _kept: tuple[Engine, Template] | None = None  # by which it was read

    def render(self, context: Context) -> SafeString:
        within = context.template
        if within is None:
            return super().render(context)
        if self._kept is None or self._kept[0] is not within.engine:
            name = loader_tags.construct_relative_path(str(self.origin.template_name), self.template.var)
            self._kept = within.engine, within.engine.get_template(name)
        values = {name: value.resolve(context) for name, value in self.extra_context.items()}
        if self.isolated_context:
            return self._kept[1].render(context.new(values))
        with context.push(**values):
            return self._kept[1].render(context)


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
    """Django's, by which a template that is named is looked for once, and an icon read once."""
    node: Any = loader_tags.do_include(parser, token)
    name = node.template.var
    if not isinstance(name, str) or node.template.filters:
        return cast("loader_tags.IncludeNode", node)
    given = {"extra_context": node.extra_context, "isolated_context": node.isolated_context}
    return Icon(node.template) if name.startswith("icons/") else Part(node.template, **given)


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
