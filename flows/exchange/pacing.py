"""How fast operations with a small quota are called: a whole class presses a button at the same moment.

AWS lets an account call GetId 25 times a second in a region (Amazon Cognito Developer Guide, "Quotas in Amazon
Cognito"). What is over that is refused with TooManyRequestsException, and whoever is refused has done nothing wrong. So
calls wait for their turn here, evenly spaced; those of one process, since the server is one.
"""

import time
from threading import Lock

from django.conf import settings

LONGEST_WAIT = 10.0  # seconds; whoever would wait longer is sent on, and AWS and the SDK's retries decide


class Pace:
    """Turns, one after the other."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._next = 0.0

    def turn(self, now: float, per_second: float) -> float:
        """The seconds that whoever asks now has to wait, so that nobody's turn is at the same time."""
        with self._lock:
            wait = max(0.0, self._next - now)
            if wait >= LONGEST_WAIT:
                return 0.0
            self._next = now + wait + 1 / per_second
            return wait


get_id = Pace()


def wait_for_turn(operation: str) -> None:
    """Wait until an operation may be called. Only on AWS, and only where its quota is small."""
    if operation == "GetId" and settings.APP_MODE == "aws":
        time.sleep(get_id.turn(time.monotonic(), settings.GET_ID_PER_SECOND))
