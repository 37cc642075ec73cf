"""Work in batches that leaves others their turn.

Who waits for SQLite's one writer looks again after a while, at most a tenth of a second, and is not told when it is
free: one batch after the other, each a transaction of its own, would still keep everybody out.
https://www.sqlite.org/c3ref/busy_handler.html
"""

import time

from django.db import connection

_AT_WORK_SECONDS, _PAUSE_SECONDS = 0.2, 0.1


class Turns:
    """Of whoever works in batches, from the first one on."""

    def __init__(self) -> None:
        self._since = time.monotonic()

    def give(self) -> None:
        """Between two batches: wait until whoever waits has looked, where the last turn was a while ago."""
        if connection.vendor == "sqlite" and time.monotonic() - self._since > _AT_WORK_SECONDS:
            time.sleep(_PAUSE_SECONDS)
            self._since = time.monotonic()
