"""Text off the wire for templates: marks of redacted secrets stand out, JSON and XML are laid out and coloured."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, NamedTuple

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from redaction.encodings import storable
from redaction.parsing import read_json
from redaction.xml_text import indented

# A mark holds none: to look from each for its end would never end where somebody sent thousands of the first quote.
MARK = re.compile(r"‹(?P<words>[^‹›]*)›")
FINGERPRINT = re.compile(r"‹[^‹›]* · (?P<fingerprint>[0-9a-f]{4}·[0-9a-f]{2})›")
# DynamoDB wraps each value in its type, {"Price": {"N": "89.00"}}; one line says the same.
_DYNAMODB_SCALARS = frozenset({"S", "N", "B", "BOOL", "NULL"})
_LONGEST_LINE = 240  # characters of a list that is shown in one line
# Characters of a text that is coloured. Whoever makes a call chooses what stands in it, and lexers of languages can
# take the square of it; that of JSON reads each character once.
_LONGEST_COLOURED = 20_000
_LONGEST_JSON = 500_000
_FORMATTER = HtmlFormatter(nowrap=True)
# Of JSON what has a colour: names of members, texts, words. Pygments makes a token of each comma, which takes longer.
_JSON = re.compile(r'(?P<text>"(?:[^"\\]|\\.)*")(?P<of_member>\s*:)?|(?P<word>\b(?:true|false|null)\b)')


class CallPlace(NamedTuple):
    """A call of a run: where it stands in the trace, and what the page calls it (`S1`, `2`)."""

    position: int
    label: str


@dataclass(frozen=True, slots=True)
class Node:
    """A parameter, or a member of an answer.

    Attributes:
        text: the value, when it is a single one.
        first_seen: the earlier call of the run that carried the same secret first, or None.
        children: its members, when it is a structure or a list.
        setting: the address at which the value can be set otherwise; of an entry of Logins, its name.
    """

    name: str
    text: str = ""
    first_seen: CallPlace | None = None
    children: tuple["Node", ...] = field(default=())
    setting: str = ""


def nodes(params: Mapping[str, Any], seen: Mapping[str, CallPlace] | None = None) -> tuple[Node, ...]:
    """The members of a recorded request or answer. `seen`: fingerprint -> the call that had it first."""
    return tuple(_node(name, value, seen or {}) for name, value in params.items())


def _node(name: str, value: Any, seen: Mapping[str, CallPlace]) -> Node:
    if isinstance(value, Mapping):
        if len(value) == 1 and (kind := next(iter(value))) in _DYNAMODB_SCALARS:
            return _node(f"{name} ({kind})", value[kind], seen)
        return Node(name, children=nodes(value, seen)) if value else Node(name, text="{}")
    if isinstance(value, list):
        if line := _in_one_line(value):
            return Node(name, text=line)
        children = tuple(_node(str(index), part, seen) for index, part in enumerate(value, start=1))
        return Node(name, children=children) if value else Node(name, text="[]")
    text = json.dumps(value) if value is None or isinstance(value, bool) else str(value)
    found = FINGERPRINT.search(text)
    return Node(name, text=text, first_seen=seen.get(found["fingerprint"]) if found else None)


def _in_one_line(values: list[Any]) -> str:
    """Some short words of a list, such as scopes, side by side; empty where they would not fit, or hold a secret."""
    words = all(isinstance(value, str) and value and " " not in value and "‹" not in value for value in values)
    line = ", ".join(values) if words else ""
    return line if len(line) <= _LONGEST_LINE else ""


def fingerprints(content: Any) -> Iterable[str]:
    """The fingerprints of all secrets that were redacted somewhere in `content`."""
    return (found["fingerprint"] for found in FINGERPRINT.finditer(json.dumps(content, ensure_ascii=False)))


def marked(text: str) -> SafeString:
    """The text, escaped, with each mark of a redacted secret in a box of its own."""
    return _box_marks(str(conditional_escape(text)))


def coloured(text: str, language: str) -> SafeString:
    """The text as coloured HTML; a long one as it is. `language`: a Pygments name such as `json`, `python`, `bash`."""
    if len(text) > (_LONGEST_JSON if language == "json" else _LONGEST_COLOURED):
        return marked(text)
    if language == "json":
        return _box_marks(_JSON.sub(_coloured_token, escape(text, quote=False)))
    lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    return _box_marks(highlight(text, lexer, _FORMATTER))


def _coloured_token(found: re.Match[str]) -> str:
    if word := found["word"]:
        return f'<span class="kc">{word}</span>'
    if found["of_member"]:
        return f'<span class="nt">{found["text"]}</span>{found["of_member"]}'
    return f'<span class="s2">{found["text"]}</span>'


def body(text: str) -> SafeString:
    """A raw body, laid out when it is JSON or XML and unchanged when it is anything else."""
    start = text.lstrip()[:1]
    if start in ("{", "["):
        try:
            pretty = json.dumps(read_json(text), indent=2, ensure_ascii=False)
        except ValueError:
            return marked(text)
        # Half of a surrogate pair can be written as an escape in JSON, but not as a character of a page.
        return coloured(pretty, "json") if storable(pretty) == pretty else marked(text)
    if start == "<":
        return coloured(indented(text), "xml")
    return marked(text)


def json_text(content: Any) -> SafeString:
    """Anything as indented, coloured JSON."""
    return coloured(json.dumps(content, indent=2, ensure_ascii=False), "json")


def head(first_line: str, headers: Mapping[str, str]) -> SafeString:
    """The first line of a message and its headers."""
    lines = [format_html('<b class="http-line">{}</b>', first_line)] if first_line else []
    lines += [format_html('<span class="nt">{}</span>: {}', name, marked(value)) for name, value in headers.items()]
    return mark_safe("\n".join(lines))  # noqa: S308 - every part was escaped by format_html


def _box_marks(html: str) -> SafeString:
    # What is between the angle quotes was escaped with the rest of the text.
    return mark_safe(MARK.sub(r'<span class="mask">‹\g<words>›</span>', html))  # noqa: S308
