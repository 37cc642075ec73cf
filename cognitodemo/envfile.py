"""Reads `.env` the way other tools do, and never says a word of what stands in it."""

import re
from collections.abc import Iterable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from dotenv.parser import Binding, parse_stream

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# The beginning of a statement, when it can be nothing but a setting's name. A line of a private key may have a "=" too,
# so that what stands before one is shown only where a line of base64 (64 characters, in both cases) cannot be meant.
_SETTING = re.compile(r"\s*(?:export\s+)?([A-Z][A-Z0-9_]{2,39})\s*=(?!=?\s)")
_BARE = re.compile(r"[A-Z][A-Z0-9_]{0,39}")


def read_env_file(path: Path) -> dict[str, str]:
    """The settings in the file at `path`; none when there is no such file.

    python-dotenv's grammar: comments also after a value, blanks around `=`, `export`, quotes around a value of several
    lines. `$` is a character like any other. A name alone sets nothing.

    Raises:
        ImproperlyConfigured: the file, or a line of it, cannot be read. Names the line, and what it sets where that is
            certain; never a value, in no part of the chain of exceptions.
    """
    if not path.is_file():
        return {}
    values: dict[str, str] = {}
    for binding in _statements(path):
        if binding.key is not None and binding.value is not None:
            values[binding.key] = binding.value
    return values


def _statements(path: Path) -> Iterable[Binding]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            # Not dotenv_values: it leaves out what it cannot read, and says so in a log instead of stopping.
            bindings = list(parse_stream(file))
    except OSError as error:
        raise ImproperlyConfigured(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ImproperlyConfigured(f"{path} is not UTF-8 text. Save it as UTF-8.") from None
    for binding in bindings:
        if not _is_read(binding):
            raise ImproperlyConfigured(_sentence(path, binding))
    return bindings


def _is_read(binding: Binding) -> bool:
    if binding.error:
        return False
    if binding.key is None:  # a comment, or the blank end of the file
        return True
    if binding.value is None:
        return bool(_BARE.fullmatch(binding.key))
    return bool(_NAME.fullmatch(binding.key)) and "\0" not in binding.value


def _sentence(path: Path, binding: Binding) -> str:
    text = binding.original.string
    # The parser counts blank lines before a statement as part of it.
    line = binding.original.line + text[: len(text) - len(text.lstrip())].count("\n")
    setting = _SETTING.match(text)
    what = f" ({setting[1]})" if setting else ""
    return (
        f"line {line}{what} of {path} is not NAME=value."
        " Put a value in quotes if it has several lines, or begins with a quotation mark."
    )
