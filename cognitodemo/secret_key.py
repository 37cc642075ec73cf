"""An installation's own SECRET_KEY. The vault is sealed with a key derived from it, so it must outlast a restart."""

import os
import secrets
import time
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

MADE: set[Path] = set()  # the files that this process has made


def made_once(directory: Path, mode: str) -> str:
    """The key of the directory: made when it is first asked for, and kept in a file that only we may read.

    Raises:
        ImproperlyConfigured: the file is empty, or the mode is `aws`, in which somebody has to choose the key.
    """
    if mode == "aws":
        raise ImproperlyConfigured(
            "SECRET_KEY must be set when APP_MODE=aws."
            " Make one: python -c 'import secrets; print(secrets.token_urlsafe(50))'"
        )
    path = directory / "secret_key"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _kept_key(path)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(50))
    MADE.add(path)
    return path.read_text().strip()


def _kept_key(path: Path) -> str:
    """The key in the file. A process that started at the same moment may have made the file and not written it yet."""
    for _ in range(50):
        if kept := path.read_text().strip():
            return kept
        time.sleep(0.1)
    raise ImproperlyConfigured(f"{path} is empty. Delete it, and a new key is made; what the vault holds is lost then.")
