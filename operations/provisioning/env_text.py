"""A stack's outputs as the settings of `.env`, and the file."""

import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

_WORD = re.compile(r"(?<!^)(?=[A-Z])")
_PLAIN = re.compile(r"[\w./:@+=,-]*")


class FileIsThere(Exception):
    """There is a file of that name, and it stays as it is."""


def settings_of(outputs: Mapping[str, str]) -> dict[str, str]:
    """Outputs by the names of settings: `CognitoDomain` is COGNITO_DOMAIN."""
    return {_WORD.sub("_", name).upper(): value for name, value in outputs.items()}


def text_of(settings: Mapping[str, str], stack: str) -> str:
    """The settings as lines of `.env`, with the mode before them."""
    lines = [f"# Of the stack {stack}, by `manage.py provision`.", "APP_MODE=aws"]
    lines += [f"{name}={_value(value)}" for name, value in settings.items()]
    return "\n".join(lines) + "\n"


def write(path: Path, text: str) -> None:
    """Write a new file that its owner alone reads, with a SECRET_KEY of its own.

    Raises:
        FileIsThere: whatever it is, a link that leads nowhere included.
        OSError
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise FileIsThere(str(path)) from None
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o600)  # whatever the umask says
            file.write(f"{text}SECRET_KEY={secrets.token_urlsafe(50)}\n")
    except OSError:
        with suppress(OSError):
            path.unlink()
        raise


def difference(there: Mapping[str, str], wanted: Mapping[str, str]) -> list[str]:
    """Lines to change in a file with these settings: `- ` what stands there, `+ ` what should. Others are not shown."""
    lines = []
    for name, value in wanted.items():
        if there.get(name) != value:
            lines += [f"- {name}={_value(there[name])}"] if name in there else []
            lines.append(f"+ {name}={_value(value)}")
    return lines


def _value(value: str) -> str:
    return value if _PLAIN.fullmatch(value) else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
