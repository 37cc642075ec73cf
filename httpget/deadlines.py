"""The time by which everything has to be done."""

from socket import socket
from time import monotonic

from httpget.answers import TimedOut


class Deadline:
    def __init__(self, seconds: float) -> None:
        self._end = monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left.

        Raises:
            TimedOut: none.
        """
        seconds = self._end - monotonic()
        if seconds <= 0:
            raise TimedOut("The answer was not complete in time.")
        return seconds

    def limit(self, sock: socket) -> None:
        """Let the next operation of the socket take no longer than what is left. Raises TimedOut likewise."""
        sock.settimeout(self.left())
