"""Text that JSON can write and nobody can store or send: halves of surrogate pairs (RFC 8259, section 8.2)."""

import json
from typing import Any


def require_characters(text: bytes, value: Any) -> None:
    """Make sure that `value`, which was read from `text`, consists of characters that UTF-8 has.

    Raises:
        ValueError: it does not.
    """
    # Only an escape can bring half a pair in; bytes that are not UTF-8 are refused when they are decoded.
    if b"\\u" in text:
        json.dumps(value, ensure_ascii=False).encode()
