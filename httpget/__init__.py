"""One HTTP request and its whole answer, within one deadline and one size.

A time-out is usually one of each read: whoever sends a byte now and then keeps within it, and keeps a thread of ours.
Here connecting, sending, the head of the answer and its body share one deadline, and each part has a largest size.
Looking a name up is the system's, and not limited here. No redirect is followed, and no connection is kept.
"""

from httpget.answers import Answer, NoAnswer, TimedOut, TlsFailed, TooLarge
from httpget.asking import ask, get
from httpget.deadlines import Deadline
from httpget.messages import exchange

__all__ = [
    "Answer",
    "Deadline",
    "NoAnswer",
    "TimedOut",
    "TlsFailed",
    "TooLarge",
    "ask",
    "exchange",
    "get",
]
