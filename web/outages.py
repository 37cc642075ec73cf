"""What a site stands on and may be without for a while: its database, its disk, whoever it calls. Said once, not with
every request: each process keeps in mind what it has said, until it has an answer again or a minute is over."""

import errno
import logging
import sqlite3
import time
from enum import Enum
from threading import Lock

from django.db import DatabaseError, InterfaceError

SECONDS = 5  # after which a page looks again
_SAID_AGAIN = 60.0  # seconds
_SETTLED = 5.0  # seconds in which whoever began before it answered again comes to an end: on a connection that broke
log = logging.getLogger("lab.outages")


class Part(Enum):
    """What is missing. The value is what pages and the log say."""

    DATABASE = "The database does not answer."
    BUSY = "The database has too much to do."
    DISK = "The disk is full, or cannot be written."


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# https://www.sqlite.org/rescode.html
_OF_SQLITE = {
    sqlite3.SQLITE_FULL: Part.DISK,
    sqlite3.SQLITE_IOERR: Part.DISK,
    sqlite3.SQLITE_CANTOPEN: Part.DISK,
    sqlite3.SQLITE_READONLY: Part.DISK,
    sqlite3.SQLITE_BUSY: Part.BUSY,
    sqlite3.SQLITE_LOCKED: Part.BUSY,
}
# How its codes begin, the longest first: https://www.postgresql.org/docs/current/errcodes-appendix.html
_OF_POSTGRESQL = {
    "53100": Part.DISK,
    "58030": Part.DISK,  # the operating system could not write
    "57014": Part.BUSY,  # a statement's time is over
    "55P03": Part.BUSY,  # the time for a lock is over
    "40P01": Part.BUSY,  # two waited for each other
    "53": Part.BUSY,
    "57P": Part.DATABASE,  # it is being shut down, or recovers
    "08": Part.DATABASE,
}
_lock = Lock()
_said: dict[str, float] = {}  # sentence -> when it was said, on the monotonic clock
_over: dict[str, float] = {}  # sentence -> since when it is so no longer


def part_missing(error: BaseException | None) -> Part | None:
    """What this exception, or what caused it, is about; None for one that is about something else."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return Part.DISK
        if isinstance(error, (DatabaseError, InterfaceError)) and (found := _of_database(error.__cause__)):
            return found
        error = error.__cause__
    return None


def _of_database(cause: BaseException | None) -> Part | None:
    """The same of what a database's driver raised."""
    if isinstance(cause, sqlite3.Error):
        # The first byte is the code, the others tell more of it.
        return _OF_SQLITE.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
    state = getattr(cause, "sqlstate", "-")  # psycopg's; None where the server did not say anything
    if state is None:
        return Part.DATABASE if type(cause).__name__ != "ProgrammingError" else None
    return next((part for beginning, part in _OF_POSTGRESQL.items() if state.startswith(beginning)), None)


def is_news(sentence: str) -> bool:
    """Whether this was not said yet; from now on it was. What is noticed as late as it is over belongs to what was."""
    now = time.monotonic()
    with _lock:
        said, over = _said.get(sentence), _over.get(sentence)
        if (said is not None and now - said < _SAID_AGAIN) or (over is not None and now - over < _SETTLED):
            return False
        _said[sentence] = now
        return True


def tell(sentence: str) -> None:
    """Write one line about what is missing, unless it was said."""
    if is_news(sentence):
        log.error("%s", sentence)


def is_over(sentence: str, news: str) -> None:
    """It answers: write one line, `news`, if anything was said about it. Costs nothing where nothing was."""
    if sentence not in _said:
        return
    with _lock:
        said = _said.pop(sentence, None)
        if said is not None:
            _over[sentence] = time.monotonic()
    if said is not None:
        log.warning("%s", news)


def database_is_there(**_: object) -> None:
    """For Django's signal of a new connection."""
    is_over(Part.DATABASE.value, "The database answers again.")
