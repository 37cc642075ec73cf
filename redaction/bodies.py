"""Rewrite the secret values of a raw body in place, so that the rest stays as it was on the wire, byte for byte."""

import json
import re
from collections.abc import Callable, Iterator
from html import unescape
from urllib.parse import unquote_plus

from redaction.encodings import named_values

Path = tuple[str, ...]
Replace = Callable[[Path, str], str | None]  # the mark for a value at a place, or None to leave it

# What is not closed goes on to the end, so that it is looked for once and not from each place anew.
_JSON_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+(?P<closed>"?)|[{}\[\],:]', re.DOTALL)
_XML_TOKEN = re.compile(r"<!\[CDATA\[(?P<cdata>.*?)(?:\]\]>|\Z)|<(?P<tag>[^<>]*)>|(?P<text>[^<]+)", re.DOTALL)


def rewrite(text: str, content_type: str, replace: Replace) -> str:
    """The body with each value that `replace` has a mark for.

    What the form of the body does not show is taken by its look: a body can be cut short, or be of another form than it
    says, and an error can quote a whole answer.
    """
    return rewrite_text(_by_form(text, content_type, replace), replace)


def rewrite_text(text: str, replace: Replace) -> str:
    """A text of no form: a value is known by the name before it."""
    return _spliced(text, (((name,), value, start, end) for name, value, start, end in named_values(text)), replace)


def _by_form(text: str, content_type: str, replace: Replace) -> str:
    first, kind = text.lstrip()[:1], content_type.lower()
    if first == "<":
        return _spliced(text, _xml_values(text), replace)
    if "json" in kind or first in ("{", "["):
        return _spliced(text, _json_values(text), replace)
    if "x-www-form-urlencoded" in kind:
        return rewrite_form(text, replace)
    return text


def rewrite_form(text: str, replace: Replace) -> str:
    """A form body or a URL's query. The marks are not percent-encoded: they are there to be read."""
    return "&".join(_form_pair(pair, replace) for pair in text.split("&"))


def _form_pair(pair: str, replace: Replace) -> str:
    name, equals, value = pair.partition("=")
    mark = replace(tuple(unquote_plus(name).split(".")), unquote_plus(value)) if equals else None
    return pair if mark is None else f"{name}={mark}"


def _spliced(text: str, values: Iterator[tuple[Path, str, int, int]], replace: Replace) -> str:
    parts, done = [], 0
    for path, value, start, end in values:
        if start >= done and (mark := replace(path, value)) is not None:
            parts += [text[done:start], mark]
            done = end
    return "".join([*parts, text[done:]])


def _json_values(text: str) -> Iterator[tuple[Path, str, int, int]]:
    """Each string value with its path and the span between its quotes. Lists do not add to the path."""
    path: list[str] = []
    open_: list[str] = []
    key: str | None = None
    for token in _JSON_TOKEN.finditer(text):
        found = token[0]
        if found in "{[":
            path.append(key or "")
            open_.append(found)
            key = None
        elif found in "}]":
            if open_:
                open_.pop()
                path.pop()
            key = None
        elif found == ",":
            key = None
        elif token["closed"]:
            value = _json_string(found)
            if open_ and open_[-1] == "{" and key is None:
                key = value
            else:
                yield tuple(name for name in (*path, key) if name), value, token.start() + 1, token.end() - 1


def _json_string(literal: str) -> str:
    try:
        return str(json.loads(literal, strict=False))
    except ValueError:
        return literal[1:-1]


def _xml_values(text: str) -> Iterator[tuple[Path, str, int, int]]:
    """Each text between two tags with the local names of the elements around it."""
    path: list[str] = []
    for token in _XML_TOKEN.finditer(text):
        if (tag := token["tag"]) is not None:
            if tag.startswith("/"):
                del path[-1:]
            elif not tag.startswith(("?", "!")) and not tag.endswith("/"):
                path.append(tag.split(None, 1)[0].rpartition(":")[2] if tag.strip() else "")
        else:
            part = "cdata" if token["cdata"] is not None else "text"
            value = token[part] if part == "cdata" else unescape(token[part])
            if value.strip():
                yield tuple(path), value, token.start(part), token.end(part)
