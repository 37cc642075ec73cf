"""Templates as they are read: without the indentation that is for whoever writes them.

A browser takes any white space between words and elements for one space, but every page would carry it, a table with
sixty rows sixty times. Line breaks stay, so that the lines of errors are those of the file.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from django.template import Origin, Template, TemplateDoesNotExist
from django.template.loaders import app_directories, base, cached, filesystem

from web.rendering import QuickTemplate

# What is within these elements is shown as it is written; white space at their end tags too.
_AS_WRITTEN = re.compile(r"(<(pre|textarea)\b.*?</\2>)", re.DOTALL | re.IGNORECASE)
_INDENTATION = partial(re.compile(r"\n[ \t]+").sub, "\n")
_KINDS = (".html", ".svg")


def without_indentation(text: str) -> str:
    """A template without the white space at the beginning of its lines, but where a browser would show it."""
    parts = _AS_WRITTEN.split(text)
    # Of three parts one is between such elements, one is such an element, and one is its name.
    between, elements = parts[::3], parts[1::3]
    kept = [*elements, ""]
    return "".join(_INDENTATION(part) + element for part, element in zip(between, kept, strict=True))


class FilesLoader(filesystem.Loader):
    """Django's loader of templates from directories."""

    def get_contents(self, origin: Origin) -> str:
        """The template's text.

        Raises:
            TemplateDoesNotExist: there is no such file.
        """
        return _light(origin, super().get_contents(origin))


class AppsLoader(app_directories.Loader):
    """Django's loader of templates from applications."""

    def get_contents(self, origin: Origin) -> str:
        """The template's text.

        Raises:
            TemplateDoesNotExist: there is no such file.
        """
        return _light(origin, super().get_contents(origin))


class _QuickLoader(base.Loader):
    get_contents: Callable[[Origin], str]

    def get_template(self, template_name: str, skip: list[Origin] | None = None) -> Template:
        for origin in self.get_template_sources(template_name):
            if skip is None or origin not in skip:
                with suppress(TemplateDoesNotExist):
                    return QuickTemplate(self.get_contents(origin), origin, template_name, self.engine)
        return super().get_template(template_name, skip)  # which says where it was looked for


class KeptLoader(cached.Loader, _QuickLoader):
    """Django's loader that reads each template once, of templates that are rendered quickly (`web.rendering`)."""


def _light(origin: Origin, text: str) -> str:
    return without_indentation(text) if str(origin.name).endswith(_KINDS) else text
