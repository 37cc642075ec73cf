"""What stands in a secret's place, and the last net that finds secrets where nobody expected them."""

import hmac
import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

from redaction.encodings import SHORTEST, encodings, storable

# Two parts or three. What has no second part is passed over at its beginning, and not looked through from each "eyJ".
_LOOKS_LIKE_JWT = re.compile(
    r"(?<![A-Za-z0-9_-])(?=[A-Za-z0-9_-]++\.[A-Za-z0-9_-]{8})(?P<before>[A-Za-z0-9_-]*?)"
    r"(?P<token>eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?)"
)

_FEW = 200  # forms, which are looked for one by one


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
            # In its own place a shorter one is replaced all the same.
            if len(secret) >= SHORTEST:
                self._forms |= dict.fromkeys(encodings(secret), self._marks[secret])
        return self._marks[secret]

    def fingerprint(self, secret: str) -> str:
        """Six hexadecimal digits of HMAC-SHA256 under the run's key."""
        digits = hmac.new(self._key, secret.encode("utf-8", "surrogatepass"), sha256).hexdigest()
        return f"{digits[:4]}·{digits[4:6]}"

    def catch(self, content: Any) -> tuple[Any, bool]:
        """The last net: the content without any secret met so far, and whether there was one.

        Characters that a database refuses (NUL, half of a surrogate pair) are replaced on the way.
        """
        whole = _joined(content)
        if storable(whole) != whole:
            content = _mapped(content, storable)
            whole = _joined(content)
        looks = "eyJ" in whole and _LOOKS_LIKE_JWT.search(whole)
        found, known = self._found_in(whole), len(self._forms)
        if not looks and not found:
            return content, False
        clean = _mapped(content, lambda text: self._clean(text, found))
        # A token that nobody knew may stand there in another form as well.
        return (self.catch(clean)[0] if len(self._forms) > known else clean), True

    def _found_in(self, whole: str) -> list[str]:
        """The forms of secrets that stand in a text, the longest first."""
        forms: Iterable[str] = self._forms
        if len(self._forms) > _FEW:
            # Whoever makes a call may put thousands of secrets into it; most are told not to be there by a piece.
            pieces = {whole[at : at + SHORTEST] for at in range(len(whole) - SHORTEST + 1)}
            forms = (form for form in self._forms if all(piece in pieces for piece in _pieces(form)))
        return sorted((form for form in forms if form in whole), key=len, reverse=True)

    def _clean(self, text: str, found: list[str]) -> str:
        for form in found:
            text = text.replace(form, self._forms[form])
        return _LOOKS_LIKE_JWT.sub(lambda found: found["before"] + self.mark(found["token"], "token"), text)


def _pieces(form: str) -> Iterator[str]:
    """A form, cut up."""
    return (form[at : at + SHORTEST] for at in range(0, len(form) - SHORTEST + 1, SHORTEST))


def _joined(content: Any) -> str:
    """All texts in it, names included, a line each and in no order."""
    texts: list[str] = []
    _gather([content], texts)
    return "\n".join(texts)


def _gather(parts: Iterable[Any], texts: list[str]) -> None:
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, dict):
            _gather(part, texts)
            _gather(part.values(), texts)
        elif isinstance(part, (list, tuple)):
            _gather(part, texts)


def _mapped(content: Any, change: Any) -> Any:
    if isinstance(content, str):
        return change(content)
    if isinstance(content, dict):
        return {_mapped(name, change): _mapped(value, change) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return [_mapped(part, change) for part in content]
    return content
