"""A disk that is full, as whoever writes to it meets it: told to who asked, and once a minute to the log."""

import errno
import logging
import sqlite3
import time

SENTENCE = "The disk of the sandbox is full, or cannot be written. What was answered before is kept."
_SECONDS = 60.0
_OF_SYSTEM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# https://www.sqlite.org/rescode.html; the first byte is the code.
_OF_SQLITE = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
_said = -_SECONDS


def is_full_disk(error: BaseException) -> bool:
    """Whether that is why something failed."""
    if isinstance(error, OSError):
        return error.errno in _OF_SYSTEM
    return isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) & 0xFF in _OF_SQLITE


def log_failure(log: logging.Logger, error: BaseException, what: str) -> None:
    """One line for a full disk, not one for each request; everything else with its traceback. Where it is caught."""
    global _said
    if not is_full_disk(error):
        log.exception("%s failed", what)
    elif time.monotonic() - _said >= _SECONDS:
        _said = time.monotonic()
        log.error("%s (%s)", SENTENCE, error)
