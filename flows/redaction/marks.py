"""What stands in a secret's place, and the last net that finds secrets where nobody expected them."""

import base64
import hmac
import json
import re
from hashlib import sha256
from html import escape
from typing import Any
from urllib.parse import quote

# A shorter value would be found in half of all texts; in its own place it is replaced all the same.
_SHORTEST_IN_NET = 8
_SHORTEST_AS_BASE64 = 12
_LEFT_ALONE = ("%2F", "%3D", "%2B", "%20")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]{12,}")  # RFC 3986, and neither JSON nor XML escapes any of it
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_LOOKS_LIKE_JWT = re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?")


class Marker:
    """Marks for the secrets of one run: the same secret always gets the same mark, whatever place it stands in."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._marks: dict[str, str] = {}
        self._forms: dict[str, str] = {}

    def mark(self, secret: str, kind: str) -> str:
        """The mark of a secret, such as `‹OpenID token · b71e·c2›`; its kind is the one it was first met under."""
        if not secret:
            return ""
        if secret not in self._marks:
            self._marks[secret] = f"‹{kind} · {self.fingerprint(secret)}›"
            if len(secret) >= _SHORTEST_IN_NET:
                self._forms |= dict.fromkeys(_forms(secret), self._marks[secret])
        return self._marks[secret]

    def fingerprint(self, secret: str) -> str:
        """Six hexadecimal digits of HMAC-SHA256 under the run's key."""
        digits = hmac.new(self._key, secret.encode(), sha256).hexdigest()
        return f"{digits[:4]}·{digits[4:6]}"

    def catch(self, content: Any) -> tuple[Any, bool]:
        """The last net: the content without any secret met so far, and whether there was one.

        Characters that a database refuses (NUL, half of a surrogate pair) are replaced on the way.
        """
        whole = "\n".join(_texts(content))
        if _UNSTORABLE.search(whole):
            content = _mapped(content, lambda text: _UNSTORABLE.sub("\ufffd", text))
            whole = "\n".join(_texts(content))
        if not _LOOKS_LIKE_JWT.search(whole) and not any(form in whole for form in self._forms):
            return content, False
        return _mapped(content, self._clean), True

    def _clean(self, text: str) -> str:
        for form in sorted(self._forms, key=len, reverse=True):
            text = text.replace(form, self._forms[form])
        return _LOOKS_LIKE_JWT.sub(lambda found: self.mark(found[0], "token"), text)


def _forms(secret: str) -> frozenset[str]:
    """How a secret can stand in a text: as it is, percent-encoded, JSON- or XML-escaped, in hexadecimal, in base64."""
    if _UNRESERVED.fullmatch(secret):
        # No encoding of text changes such a secret, and most tokens are of this kind.
        return frozenset({secret, secret.encode().hex(), *_base64_forms(secret.encode())})
    in_json = json.dumps(secret)[1:-1]
    forms = {
        secret,
        *_percent_forms(secret),
        in_json,
        in_json.replace("/", "\\/"),
        json.dumps(secret, ensure_ascii=False)[1:-1],
        escape(secret, quote=True),
        escape(secret, quote=False),
        escape(secret, quote=False).replace('"', "&quot;"),
        secret.encode().hex(),
    }
    if len(secret) >= _SHORTEST_AS_BASE64:
        forms |= _base64_forms(secret.encode())
    return frozenset(forms)


def _percent_forms(secret: str) -> set[str]:
    """Percent-encoded by encoders that differ in what they leave alone and in case, and encoded twice."""
    strict = quote(secret, safe="")
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


def _texts(content: Any) -> list[str]:
    if isinstance(content, str):
        return [content]
    if isinstance(content, dict):
        return [text for pair in content.items() for part in pair for text in _texts(part)]
    if isinstance(content, list | tuple):
        return [text for part in content for text in _texts(part)]
    return []


def _mapped(content: Any, change: Any) -> Any:
    if isinstance(content, str):
        return change(content)
    if isinstance(content, dict):
        return {_mapped(name, change): _mapped(value, change) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return [_mapped(part, change) for part in content]
    return content
