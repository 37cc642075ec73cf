"""Who serves a data directory: each process of the web server holds a lock on a file in it, shared with the others.

A restore takes the same lock for itself alone, so that neither begins while the other is there. The system lets go of
locks when a process ends, however it ends.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows, where nobody serves others
    fcntl = None  # type: ignore[assignment]

LOCK = ".serving"
_held: list[int] = []  # descriptors that stay open as long as the process does


class Busy(Exception):
    """Others have the directory. Its text is meant for people."""


def hold(directory: Path) -> None:
    """Let nobody restore into the directory as long as this process lives. Where it is not there, nobody can.

    Raises:
        Busy: somebody restores.
    """
    descriptor = _opened(directory)
    if descriptor is None:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise Busy(f"A backup is just being restored into {directory}. Start again when it is.") from None
    _held.append(descriptor)


@contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Let nobody serve the directory before the block's end.

    Raises:
        Busy: somebody does.
    """
    descriptor = _opened(directory)
    if descriptor is None:
        yield
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Busy(f"A web server serves what is in {directory}. Stop it first.") from None
        yield
    finally:
        os.close(descriptor)


def _opened(directory: Path) -> int | None:
    if fcntl is None or not directory.is_dir():
        return None
    with suppress(OSError):  # a directory in which we may not write is not ours to restore into either
        return os.open(directory / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    return None
