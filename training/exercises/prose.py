"""Markdown of exercises as HTML: a safe subset, since folders may come from elsewhere. HTML in it is shown as text."""

from functools import lru_cache

from markdown_it import MarkdownIt

from training.exercises.paths import filled_in

# CommonMark with tables; no HTML, and links to web pages and to our own only, which the parser sees to. Quotes and
# apostrophes become those of print, code left as it is: the keyboards of authors do not have them.
_OPTIONS = {"html": False, "linkify": False, "typographer": True}
_MARKDOWN = MarkdownIt("commonmark", _OPTIONS).enable(["table", "smartquotes"]).disable("image")


def rendered(text: str, names: dict[str, str] | None = None) -> str:
    """HTML of a text in Markdown, with each `{name}` of `names` filled in."""
    return _html(filled_in(text, names or {}))


@lru_cache(maxsize=1024)  # the same page is looked at again and again, and takes longer to parse than to write
def _html(text: str) -> str:
    return str(_MARKDOWN.render(text))
