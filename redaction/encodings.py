"""How a secret can stand in a text, and where in a text one seems to stand. Pure: for whatever stores or shows texts.

Providers and AWS quote in their errors what they were sent, in an encoding of their own, and an answer that is broken
still holds what it was to bring.
"""

import base64
import json
import re
from collections.abc import Iterator
from html import escape
from urllib.parse import quote, unquote

SHORTEST = 8  # A shorter value would be found in half of all texts; the pattern below counts to it as well.
_SHORTEST_AS_BASE64 = 12
_LEFT_ALONE = ("%2F", "%3D", "%2B", "%20")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]{12,}")  # RFC 3986, and neither JSON nor XML escapes any of it
_MOST_WITHIN = 8  # Each is read to the end of the value around it: with thousands of them that would never end.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
# name=value, "name": "value", 'name' => 'value', and the same within a string of JSON. Signature Version 4 is no token.
_NAMED = re.compile(
    r"""(?<![\w.-])(?P<name>[A-Za-z_][\w.-]{2,63}+)\\*["']?\s{0,8}(?:=>|[:=])\s{0,8}\\*["']?"""
    r"""(?:(?:Bearer|Basic|OAuth)\s+)?(?P<value>(?!AWS4-)[^\s"'\\<>&,;{}\[\]()‹›]{8,})"""
)


def encodings(secret: str) -> frozenset[str]:
    """How a secret can stand in a text: as it is, percent-encoded, JSON- or XML-escaped, in hexadecimal, in base64."""
    data = secret.encode("utf-8", "surrogatepass")  # JSON can hold half of a surrogate pair, and Python then does
    if _UNRESERVED.fullmatch(secret):
        # No encoding of text changes such a secret, and most tokens are of this kind.
        return frozenset({secret, data.hex(), *_base64_forms(data)})
    in_json = json.dumps(secret)[1:-1]
    forms = {
        secret,
        storable(secret),
        *_percent_forms(secret),
        in_json,
        in_json.replace("/", "\\/"),
        json.dumps(secret, ensure_ascii=False)[1:-1],
        escape(secret, quote=True),
        escape(secret, quote=False),
        escape(secret, quote=False).replace('"', "&quot;"),
        data.hex(),
    }
    if len(secret) >= _SHORTEST_AS_BASE64:
        forms |= _base64_forms(data)
    return frozenset(forms)


def _percent_forms(secret: str) -> set[str]:
    """Percent-encoded by encoders that differ in what they leave alone and in case, and encoded twice."""
    strict = quote(secret, safe="", errors="surrogatepass")
    lower = re.sub(r"%[0-9A-F]{2}", lambda found: found[0].lower(), strict)
    forms = {strict, lower, strict.replace("%", "%25")}
    for form, (slash, equals, plus, space) in ((strict, _LEFT_ALONE), (lower, [code.lower() for code in _LEFT_ALONE])):
        with_slash = form.replace(slash, "/")
        both = with_slash.replace(equals, "=")
        forms |= {with_slash, form.replace(equals, "="), both, both.replace(plus, "+"), form.replace(space, "+")}
    return forms


def _base64_forms(secret: bytes) -> set[str]:
    """The part of its base64 that does not depend on what stands before or after it, for each of three alignments."""
    forms: set[str] = set()
    for shift in range(3):
        coded = base64.b64encode(bytes(shift) + secret).decode()
        stable = coded[-(-shift * 8 // 6) : (shift + len(secret)) * 8 // 6]
        url_safe = stable.replace("+", "-").replace("/", "_")
        forms |= {stable, url_safe, stable.replace("+", "%2B").replace("/", "%2F")}
    return forms


def named_values(text: str) -> Iterator[tuple[str, str, int, int]]:
    """Whatever looks like a name with its value, in a text of any kind: name, value, and the value's span.

    A value may hold such pairs again, as in `"message": "token=..."`, and then they come as well, the outer one first
    and up to eight within.
    """
    found = _NAMED.search(text)
    outer_end, within = 0, 0
    while found:
        value, (start, end) = found["value"], found.span("value")
        yield found["name"], unquote(value) if "%" in value else value, start, end
        outer_end, within = (outer_end, within + 1) if start < outer_end else (end, 0)
        found = _NAMED.search(text, start if within < _MOST_WITHIN else outer_end)


def storable(text: str) -> str:
    """The text without characters that a database refuses: NUL, and half of a surrogate pair."""
    return _UNSTORABLE.sub("\ufffd", text)
